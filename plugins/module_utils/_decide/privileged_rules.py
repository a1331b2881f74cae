# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What gives rights, or a say in what others may do: a table, a row each with its why.

Whoever can write to the backup storage can otherwise make himself the target's administrator with the next restore
(CVE-2026-66797: a tampered backup brought its own ClusterRoleBindings and webhooks). RBAC is the least of it: a label
of a Namespace, an annotation of a ServiceAccount or a Pod on the host's network give as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .. import _kinds
from .._match.globs import Patterns
from .._merge_patch import spelled
from .._unstructured import as_map, nested, select
from .._values import Body, Path
from .host_access import WORKLOADS, host_access

_NEEDED = frozenset((_kinds.NAMESPACES, _kinds.SERVICE_ACCOUNTS))
"""Others need them: they are restored without the labels and annotations that give rights."""


class Effect(Enum):
    """What becomes of an object that a row finds something in, where privileged objects are not let through."""

    HOLD = "hold"
    """Nothing is written of the object."""
    WITHHOLD = "withhold"
    """It is restored without the labels and annotations that the row names: others need it."""
    LIST = "list"
    """It is restored, and told."""


@dataclass(frozen=True, slots=True)
class PrivilegedRule:
    """A row; without labels, annotations, path and host access it is about the type as such."""

    resource: str
    """`<plural>[.<group>]`, or a pattern for some."""
    why: str
    labels: tuple[str, ...] = ()
    """Names, or patterns for some."""
    annotations: tuple[str, ...] = ()
    path: Path = ()
    """What counts when it is there; `*` stands for every element of a list."""
    values: tuple[Any, ...] = ()
    """At the path, those that count; none means any."""
    host_access: bool = False
    levels: bool = False
    """Its labels hold levels of Pod security, of which only a looser one gives anything."""
    lists_only: bool = False

    def effect(self, resource: str) -> Effect:
        """On an object of the type; what others need is never held back as a whole."""
        if self.lists_only:
            return Effect.LIST
        if resource in _NEEDED and (self.labels or self.annotations):
            return Effect.WITHHOLD
        return Effect.LIST if resource == _kinds.NAMESPACES else Effect.HOLD

    @property
    def is_whole(self) -> bool:
        return not (self.labels or self.annotations or self.path or self.host_access)

    def brings(self, resource: str, new: Body, old: Body) -> Iterator[str]:
        """What the new body has of it and the old one, or what is known of that, has not; a text each."""
        for kind, name, value in self.named(new):
            if self.gives(name, value, as_map(nested(old, "metadata", kind)).get(name)):
                yield f"{kind[:-1]} {name}={value}" if isinstance(value, str) else f"{kind[:-1]} {name}"
        there = frozenset(map(spelled, select(old, self.path))) if self.path else ()
        for value in select(new, self.path) if self.path else ():
            if (not self.values or value in self.values) and spelled(value) not in there:
                yield f"/{'/'.join(self.path)}"
        if self.host_access:
            known = set(host_access(resource, old))
            yield from (text for text in host_access(resource, new) if text not in known)

    def named(self, body: Body) -> Iterator[tuple[str, str, Any]]:
        """(labels or annotations, name, value) of those that it names."""
        for kind, names in (("labels", self.labels), ("annotations", self.annotations)):
            present = as_map(nested(body, "metadata", kind)) if names else {}
            matches = Patterns(names).match
            yield from ((kind, name, value) for name, value in present.items() if matches(name))

    def gives(self, name: str, value: Any, live: Any) -> bool:
        """Whether a label or annotation gives more than the live one, which is None where it is absent."""
        return _is_looser(name, value, live) if self.levels else bool(value != live)


_LEVELS = {"privileged": 0, "baseline": 1, "restricted": 2}


def _is_looser(name: str, value: Any, live: Any) -> bool:
    """A level that nobody knows counts as none; without a live one only that of no protection at all does.

    A version counts only against a later one: the rules of `latest` are the strictest.
    """
    if name.endswith("-version"):
        return live is not None and _version(value) < _version(live)
    level = _LEVELS.get(value, 0) if isinstance(value, str) else 0
    return level < (1 if live is None else _LEVELS.get(live, 2))


def _version(value: Any) -> tuple[float, float]:
    major, dot, minor = str(value).removeprefix("v").partition(".")
    is_number = dot and major.isdecimal() and minor.isdecimal()
    return (float(major), float(minor)) if is_number else (float("inf"), 0.0)


_BINDS = "binds rights to users, groups and service accounts"
_DEFINES = "says what those may do whom it is bound to"
_CALLED = "sees requests to the API server, and may change or refuse them"
_POLICY = "changes or refuses requests to the API server"
_IS_SOMEBODY = "says who somebody is, or which groups he belongs to"
_LOGS_IN = "says who may log in, and by whom that is vouched for"
_MESH = "says whether a mesh puts its proxy into each Pod, which sees all traffic, and whether the mesh's policies hold"
_CLOUD = "lends Pods an identity of the cloud"

_OPENSHIFT_RBAC = "authorization.openshift.io"
"""OpenShift serves RBAC a second time; what is written there is written to both."""

RULES: tuple[PrivilegedRule, ...] = (
    PrivilegedRule(_kinds.CLUSTER_ROLE_BINDINGS, _BINDS),
    PrivilegedRule(f"clusterrolebindings.{_OPENSHIFT_RBAC}", _BINDS),
    PrivilegedRule(_kinds.ROLE_BINDINGS, _BINDS),
    PrivilegedRule(f"rolebindings.{_OPENSHIFT_RBAC}", _BINDS),
    PrivilegedRule("groups.user.openshift.io", _IS_SOMEBODY),
    PrivilegedRule("users.user.openshift.io", _IS_SOMEBODY),
    PrivilegedRule("identities.user.openshift.io", _IS_SOMEBODY),
    PrivilegedRule("useridentitymappings.user.openshift.io", _IS_SOMEBODY),
    PrivilegedRule("oauths.config.openshift.io", _LOGS_IN),
    PrivilegedRule("oauthclients.oauth.openshift.io", _LOGS_IN),
    PrivilegedRule("oauthclientauthorizations.oauth.openshift.io", _LOGS_IN),
    PrivilegedRule("oauthaccesstokens.oauth.openshift.io", "is a user's token"),
    PrivilegedRule("oauthauthorizetokens.oauth.openshift.io", "is a user's token"),
    PrivilegedRule(_kinds.MUTATING_WEBHOOKS, _CALLED),
    PrivilegedRule(_kinds.VALIDATING_WEBHOOKS, _CALLED),
    PrivilegedRule(_kinds.API_SERVICES, "says who answers for a whole API group"),
    PrivilegedRule(_kinds.CLUSTER_ROLES, f"{_DEFINES}; by its labels it may become part of others"),
    PrivilegedRule(f"clusterroles.{_OPENSHIFT_RBAC}", _DEFINES),
    PrivilegedRule(_kinds.ROLES, _DEFINES),
    PrivilegedRule(f"roles.{_OPENSHIFT_RBAC}", _DEFINES),
    PrivilegedRule("securitycontextconstraints.security.openshift.io", "says whose Pods may reach their node"),
    PrivilegedRule("podsecuritypolicies.policy", "says whose Pods may reach their node"),
    PrivilegedRule(_kinds.MUTATING_POLICY_BINDINGS, _POLICY),
    PrivilegedRule(_kinds.MUTATING_POLICIES, _POLICY),
    PrivilegedRule(_kinds.VALIDATING_POLICY_BINDINGS, _POLICY),
    PrivilegedRule(_kinds.VALIDATING_POLICIES, _POLICY),
    PrivilegedRule("clustertrustbundles.certificates.k8s.io", "says whose certificates Pods trust"),
    PrivilegedRule(_kinds.CRDS, "defines a type, and who converts its objects"),
    PrivilegedRule(
        _kinds.SECRETS,
        "is a token of an identity: the controller that keeps it fills in a valid one",
        path=("type",),
        values=("kubernetes.io/service-account-token", "bootstrap.kubernetes.io/token"),
    ),
    PrivilegedRule(
        _kinds.NAMESPACES,
        "says what the Pods in it may ask of their node",
        labels=("pod-security.kubernetes.io/*",),
        levels=True,
    ),
    PrivilegedRule(
        _kinds.NAMESPACES,
        _MESH,
        labels=(
            "istio-injection",
            "istio.io/*",
            "linkerd.io/inject",
            "kuma.io/sidecar-injection",
            "kuma.io/mesh",
            "consul.hashicorp.com/connect-inject",
            "openservicemesh.io/*",
            "appmesh.k8s.aws/*",
            "maistra.io/*",
        ),
        annotations=(
            "linkerd.io/inject",
            "config.linkerd.io/*",
            "kuma.io/*",
            "openservicemesh.io/sidecar-injection",
        ),
    ),
    PrivilegedRule(
        _kinds.NAMESPACES,
        "takes what lies in it out of the admission policies of the cluster",
        labels=("admission.gatekeeper.sh/ignore", "security.openshift.io/scc.podSecurityLabelSync"),
    ),
    PrivilegedRule(
        _kinds.SERVICE_ACCOUNTS,
        _CLOUD,
        labels=("azure.workload.identity/use",),
        annotations=(
            "eks.amazonaws.com/*",
            "iam.gke.io/gcp-service-account",
            "azure.workload.identity/*",
        ),
    ),
    PrivilegedRule(
        _kinds.SERVICE_ACCOUNTS,
        "makes a service account one that others log in by",
        annotations=("serviceaccounts.openshift.io/oauth-*",),
    ),
    *(
        PrivilegedRule(resource, "reaches the node that its Pods run on", host_access=True, lists_only=True)
        for resource in WORKLOADS
    ),
)
"""Those first that a tampered backup gains most by: that is how they are listed."""
