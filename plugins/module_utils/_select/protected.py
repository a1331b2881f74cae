# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target's control plane or its operator owns: production's copy of it would break the standby.

Velero overwrites these (with `update`: the API server's own Endpoints, its flow schemas and bootstrap roles).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from .. import _kinds
from .._match.entries import is_named
from .._unstructured import annotations_of, labels_of
from .._values import Body, ObjectRef

AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged"

SYSTEM_NAMESPACES = frozenset(("kube-node-lease", "kube-public", "kube-system"))
_CA_BUNDLES = frozenset(("kube-root-ca.crt", "openshift-service-ca.crt"))
_FAIRNESS = frozenset(
    ("flowschemas.flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io")
)
_API_SERVERS = frozenset((_kinds.ENDPOINTS, _kinds.ENDPOINT_SLICES, _kinds.SERVICES))

Covers = Callable[[ObjectRef, Body], bool]


class Rule(NamedTuple):
    """One row: its id, the end of a sentence that starts with the object, and what it covers."""

    id: str
    sentence: str
    covers: Covers
    of: frozenset[str] = frozenset()
    """Types of which alone it can cover anything; empty for all."""


def _of(resource: str) -> frozenset[str]:
    return frozenset((resource,))


def _all(_item: ObjectRef, _body: Body) -> bool:
    return True


def _in_system_namespace(item: ObjectRef, _body: Body) -> bool:
    return item.key.namespace in SYSTEM_NAMESPACES or (
        item.resource == _kinds.NAMESPACES and item.key.name in SYSTEM_NAMESPACES
    )


def _is_api_servers(item: ObjectRef, _body: Body) -> bool:
    return item.key.namespace == "default" and item.key.name == "kubernetes"


def _is_ca_bundle(item: ObjectRef, _body: Body) -> bool:
    return item.key.name in _CA_BUNDLES


def _is_bootstrapping(_item: ObjectRef, body: Body) -> bool:
    return "kubernetes.io/bootstrapping" in labels_of(body)


def _is_auto_updated(_item: ObjectRef, body: Body) -> bool:
    return annotations_of(body).get("apf.kubernetes.io/autoupdate-spec") == "true"


def _is_automanaged(_item: ObjectRef, body: Body) -> bool:
    return AUTOMANAGED in labels_of(body)


def _is_system_priority(item: ObjectRef, _body: Body) -> bool:
    return item.key.name.startswith("system-")


def _is_bootstrap_token(_item: ObjectRef, body: Body) -> bool:
    return body.get("type") == "bootstrap.kubernetes.io/token"


def _is_veleros(item: ObjectRef, _body: Body) -> bool:
    return item.key.group == "velero.io"


_SERVICE_CIDRS = "servicecidrs.networking.k8s.io"
_SIGNING_REQUESTS = "certificatesigningrequests.certificates.k8s.io"

RULES: tuple[Rule, ...] = (
    Rule("system_namespace", "belongs to a namespace of the target's control plane", _in_system_namespace),
    Rule("api_server", "is the target's way to its own API server", _is_api_servers, _API_SERVERS),
    Rule("service_cidr", "is the target's own range of Service addresses", _all, _of(_SERVICE_CIDRS)),
    Rule("ca_bundle", "holds the target's own certificate authority", _is_ca_bundle, _of(_kinds.CONFIG_MAPS)),
    Rule("bootstrapping", "is kept up to date by the target's API server", _is_bootstrapping),
    Rule("auto_updated", "is kept up to date by the target's API server", _is_auto_updated, _FAIRNESS),
    Rule("automanaged", "is registered by the target's API server itself", _is_automanaged, _of(_kinds.API_SERVICES)),
    Rule(
        "system_priority",
        "is a priority class of the target's control plane",
        _is_system_priority,
        _of(_kinds.PRIORITY_CLASSES),
    ),
    Rule("signing_request", "asks the source cluster's signer for a certificate", _all, _of(_SIGNING_REQUESTS)),
    Rule("bootstrap_token", "lets nodes join the source cluster", _is_bootstrap_token, _of(_kinds.SECRETS)),
    Rule("lease", "says who leads or lives on the source cluster", _all, _of(_kinds.LEASES)),
    Rule("velero", "would make the target's Velero write to the source cluster's backups", _is_veleros),
)


def protected_by(item: ObjectRef, body: Body, exceptions: tuple[str, ...]) -> str | None:
    """The sentence of the rule that covers the object; None when there is none, or the user excepts the object."""
    for rule in _rules_of(item.resource):
        if rule.covers(item, body):
            return None if is_named(item, exceptions) else rule.sentence
    return None


@lru_cache(maxsize=1024)  # a backup has few types and many objects
def _rules_of(resource: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if not rule.of or resource in rule.of)
