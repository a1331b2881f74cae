# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields of an existing object belong to the target, and why: the table that rebase goes by.

A new target-owned field is a new row. What a restore leaves to the target besides, by an option, comes as further rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .. import _kinds
from .._unstructured import annotations_of, as_map, nested
from .._values import Body
from .completed_selectors import completed_selectors
from .field_source import (
    FieldSource,
    absent,
    default_toleration,
    elements,
    keys,
    lacking,
    node_ports,
    target,
    token_mount,
    token_volume,
    trust_anchor,
    unset,
)


@dataclass(frozen=True, slots=True)
class RebaseRule:
    """One field of the target's: where it is, how its value is found, why the backup has no say in it."""

    path: str
    """`[name]`: in each element of the desired list that has a namesake in the live one. Empty: the whole body."""
    pick: FieldSource
    why: str
    when: Callable[[Body, Body], bool] | None = None
    """(live, desired as the rows above left it) -> whether the row holds."""
    last: bool = False
    """A further row goes before the table, whose conditions then see the target's value; a last one goes after it."""


RebaseRules = tuple[RebaseRule, ...]


# When a row holds


def _type(service: Body) -> str:
    return str(nested(service, "spec", "type") or "ClusterIP")


def _inside(_live: Body, desired: Body) -> bool:
    return _type(desired) != "ExternalName"


def _has_address(live: Body, desired: Body) -> bool:
    return _inside(live, desired) and nested(live, "spec", "clusterIP") != "None"


def _same_address(live: Body, desired: Body) -> bool:
    return _inside(live, desired) and bool(nested(live, "spec", "clusterIP") == nested(desired, "spec", "clusterIP"))


def _has_node_ports(live: Body, desired: Body) -> bool:
    """A load balancer may do without; the ports that its Service has on the nodes stay open until a patch says so."""
    if _load_balancer(live, desired):
        return nested(desired, "spec", "allocateLoadBalancerNodePorts") is not False
    return _type(desired) == "NodePort"


def _load_balancer(_live: Body, desired: Body) -> bool:
    return _type(desired) == "LoadBalancer"


def _local_load_balancer(live: Body, desired: Body) -> bool:
    return _load_balancer(live, desired) and nested(desired, "spec", "externalTrafficPolicy") == "Local"


def _limited(live: Body, _desired: Body) -> bool:
    return _LIMIT_RANGER in annotations_of(live)


def _same_claim(field: str) -> Callable[[Body, Body], bool]:
    """A volume that is to forget its claim says so itself: there the field is empty."""

    def holds(live: Body, desired: Body) -> bool:
        mine, theirs = (as_map(nested(body, "spec", "claimRef")) for body in (live, desired))
        return all(mine.get(name) == theirs.get(name) for name in ("namespace", "name")) and theirs.get(field) is None

    return holds


def _generated_selector(_live: Body, desired: Body) -> bool:
    return nested(desired, "spec", "manualSelector") is not True


def _account_token(live: Body, desired: Body) -> bool:
    return live.get("type") == desired.get("type") == "kubernetes.io/service-account-token"


def _converted(_live: Body, desired: Body) -> bool:
    return isinstance(nested(desired, "spec", "conversion", "webhook", "clientConfig"), dict)


def _verified(_live: Body, desired: Body) -> bool:
    return isinstance(nested(desired, "spec", "service"), dict) and not nested(desired, "spec", "insecureSkipTLSVerify")


def _aggregated(_live: Body, desired: Body) -> bool:
    return isinstance(desired.get("aggregationRule"), dict)


# The table

_LABELS, _ANNOTATIONS = "metadata.labels", "metadata.annotations"
_LIMIT_RANGER = "kubernetes.io/limit-ranger"

_BOOKS = keys(
    "autoscaling.alpha.kubernetes.io/conditions",
    "autoscaling.alpha.kubernetes.io/current-metrics",
    "control-plane.alpha.kubernetes.io/leader",
    "deployment.kubernetes.io/desired-replicas",
    "deployment.kubernetes.io/max-replicas",
    "deployment.kubernetes.io/revision",
    "deployment.kubernetes.io/revision-history",
    "deprecated.daemonset.template.generation",
    "endpoints.kubernetes.io/last-change-trigger-time",
    "volume.beta.kubernetes.io/storage-provisioner",
    prefixes=("pv.kubernetes.io/", "volume.kubernetes.io/"),
)
_JOB_LABELS = keys("batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name")
_TOKEN_USE = keys("kubernetes.io/legacy-token-invalid-since", "kubernetes.io/legacy-token-last-used")
_WEBHOOK_ROWS = (
    RebaseRule("webhooks[name].clientConfig.caBundle", trust_anchor, "vouches for the target's own certificates"),
)

_LIMITS = tuple(
    RebaseRule(
        f"spec.{containers}[name].resources.{what}", lacking, "admission fills in the target's LimitRange", _limited
    )
    for containers in ("containers", "initContainers")
    for what in ("requests", "limits")
)

EVERY: tuple[RebaseRule, ...] = (
    RebaseRule(_ANNOTATIONS, _BOOKS, "the target's controllers keep their books in annotations"),
)

REBASE_RULES: dict[str, tuple[RebaseRule, ...]] = {
    _kinds.SERVICES: (
        RebaseRule("spec.clusterIP", unset, "allocated from the target's own range", _has_address),
        RebaseRule("spec.clusterIPs", unset, "goes with clusterIP", _same_address),
        RebaseRule("spec.ipFamilies", target, "the target's network has them, and the first never changes", _inside),
        RebaseRule("spec.ports", node_ports, "allocated by the target, unless the user asks for one", _has_node_ports),
        RebaseRule(
            "spec.healthCheckNodePort", unset, "allocated by the target, and never changes", _local_load_balancer
        ),
        RebaseRule("spec.loadBalancerClass", absent, "filled in by admission, and never changes", _load_balancer),
    ),
    _kinds.CLAIMS: (
        RebaseRule("spec.volumeName", target, "the target's binder chose the volume"),
        RebaseRule("spec.storageClassName", absent, "admission fills in the target's default class"),
        RebaseRule("spec.dataSource", target, "what it was made from never changes"),
        RebaseRule("spec.dataSourceRef", target, "what it was made from never changes"),
    ),
    _kinds.VOLUMES: (
        RebaseRule("spec.claimRef", absent, "the target's binder gave the volume to a claim"),
        RebaseRule("spec.claimRef.uid", target, "is that of the claim on the target", _same_claim("uid")),
        RebaseRule(
            "spec.claimRef.resourceVersion",
            target,
            "is that of the claim on the target",
            _same_claim("resourceVersion"),
        ),
    ),
    _kinds.PODS: (
        RebaseRule("spec.nodeName", target, "the target's scheduler chose the node"),
        RebaseRule("spec.priority", target, "admission takes it from the target's PriorityClass"),
        RebaseRule("spec.preemptionPolicy", target, "admission takes it from the target's PriorityClass"),
        RebaseRule("spec.overhead", target, "admission takes it from the target's RuntimeClass"),
        RebaseRule("spec.imagePullSecrets", unset, "admission takes them from the target's ServiceAccount"),
        RebaseRule("", completed_selectors, "the API server writes into selectors what label keys come to"),
        RebaseRule("spec.ephemeralContainers", target, "somebody debugs this Pod; a patch cannot change them"),
        RebaseRule("spec.tolerations", elements(default_toleration), "admission adds them, with the target's delay"),
        RebaseRule("spec.volumes", elements(token_volume), "admission adds them, under a generated name"),
        RebaseRule("spec.containers[name].volumeMounts", elements(token_mount), "go with the token volumes"),
        RebaseRule("spec.initContainers[name].volumeMounts", elements(token_mount), "go with the token volumes"),
        *_LIMITS,
        RebaseRule(_ANNOTATIONS, keys(_LIMIT_RANGER), "admission notes what the target's LimitRange set"),
    ),
    _kinds.JOBS: (
        RebaseRule("spec.selector", target, "generated from the Job's UID", _generated_selector),
        RebaseRule("metadata.labels", _JOB_LABELS, "generated from the Job's UID and name"),
        RebaseRule("spec.template.metadata.labels", _JOB_LABELS, "generated from the Job's UID", _generated_selector),
    ),
    _kinds.SECRETS: (
        RebaseRule(
            "data", keys("token", "ca.crt", "namespace"), "the target's token controller fills it", _account_token
        ),
        RebaseRule(
            _ANNOTATIONS, keys("kubernetes.io/service-account.uid"), "is the target's account's", _account_token
        ),
        RebaseRule(_LABELS, _TOKEN_USE, "the target notes when the token was used", _account_token),
    ),
    _kinds.VALIDATING_WEBHOOKS: _WEBHOOK_ROWS,
    _kinds.MUTATING_WEBHOOKS: _WEBHOOK_ROWS,
    _kinds.CRDS: (
        RebaseRule(
            "spec.conversion.webhook.clientConfig.caBundle",
            trust_anchor,
            "vouches for the target's own certificates",
            _converted,
        ),
    ),
    _kinds.API_SERVICES: (
        RebaseRule("spec.caBundle", trust_anchor, "vouches for the target's own certificates", _verified),
    ),
    _kinds.CLUSTER_ROLES: (
        RebaseRule("rules", target, "a controller of the target gathers them by the aggregation rule", _aggregated),
    ),
}
