# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Fields of an existing object that belong to the target: rebase, never drop.

A merge patch replaces lists whole, so a field merely ignored in the comparison would still be written. Where the live
object has a value at a row's path, it is put into the desired one before the two are compared; where it has none, the
backup's stays. A new target-owned field is a new row. Bodies are stripped, malformed ones tolerated, none edited. What
a restore leaves to the target besides, by an option, comes as further rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import _kinds
from .._values import Body, Path
from .field_source import (
    FieldSource,
    absent,
    answered_node_ports,
    default_toleration,
    dicts,
    elements,
    keys,
    lacking,
    node_ports,
    target,
    token_mount,
    token_volume,
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


def _at(body: Any, path: str) -> Any:
    for step in path.split("."):
        if not isinstance(body, dict):
            return None
        body = body.get(step)
    return body


def _type(service: Body) -> str:
    return str(_at(service, "spec.type") or "ClusterIP")


def _inside(_live: Body, desired: Body) -> bool:
    return _type(desired) != "ExternalName"


def _has_address(live: Body, desired: Body) -> bool:
    return _inside(live, desired) and _at(live, "spec.clusterIP") != "None"


def _same_address(live: Body, desired: Body) -> bool:
    return _inside(live, desired) and bool(_at(live, "spec.clusterIP") == _at(desired, "spec.clusterIP"))


def _has_node_ports(_live: Body, desired: Body) -> bool:
    return _type(desired) in ("NodePort", "LoadBalancer")


def _load_balancer(_live: Body, desired: Body) -> bool:
    return _type(desired) == "LoadBalancer"


def _local_load_balancer(live: Body, desired: Body) -> bool:
    return _load_balancer(live, desired) and _at(desired, "spec.externalTrafficPolicy") == "Local"


def _limited(live: Body, _desired: Body) -> bool:
    annotations = _at(live, "metadata.annotations")
    return isinstance(annotations, dict) and _LIMIT_RANGER in annotations


def _same_claim(live: Body, desired: Body) -> bool:
    return all(_at(live, path) == _at(desired, path) for path in ("spec.claimRef.namespace", "spec.claimRef.name"))


def _generated_selector(_live: Body, desired: Body) -> bool:
    return _at(desired, "spec.manualSelector") is not True


def _account_token(live: Body, desired: Body) -> bool:
    return live.get("type") == desired.get("type") == "kubernetes.io/service-account-token"


def _converted(_live: Body, desired: Body) -> bool:
    return isinstance(_at(desired, "spec.conversion.webhook.clientConfig"), dict)


def _verified(_live: Body, desired: Body) -> bool:
    return isinstance(_at(desired, "spec.service"), dict) and not _at(desired, "spec.insecureSkipTLSVerify")


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
    RebaseRule("webhooks[name].clientConfig.caBundle", target, "vouches for the target's own certificates"),
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
    ),
    _kinds.VOLUMES: (
        RebaseRule("spec.claimRef", absent, "the target's binder gave the volume to a claim"),
        RebaseRule("spec.claimRef.uid", target, "is that of the claim on the target", _same_claim),
        RebaseRule("spec.claimRef.resourceVersion", target, "is that of the claim on the target", _same_claim),
    ),
    _kinds.PODS: (
        RebaseRule("spec.nodeName", target, "the target's scheduler chose the node"),
        RebaseRule("spec.priority", target, "admission takes it from the target's PriorityClass"),
        RebaseRule("spec.preemptionPolicy", target, "admission takes it from the target's PriorityClass"),
        RebaseRule("spec.overhead", target, "admission takes it from the target's RuntimeClass"),
        RebaseRule("spec.imagePullSecrets", unset, "admission takes them from the target's ServiceAccount"),
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
            target,
            "vouches for the target's own certificates",
            _converted,
        ),
    ),
    _kinds.API_SERVICES: (RebaseRule("spec.caBundle", target, "vouches for the target's own certificates", _verified),),
    _kinds.CLUSTER_ROLES: (
        RebaseRule("rules", target, "a controller of the target gathers them by the aggregation rule", _aggregated),
    ),
}

_ANSWERED: dict[FieldSource, FieldSource] = {unset: target, absent: target, node_ports: answered_node_ports}
"""A dry run's answer has a value in these fields too: one allocated anew, or the one that was asked for."""

_EACH = "[name]"
_PATHS: dict[str, Path] = {
    "": (),
    **{
        row.path: tuple(row.path.replace(_EACH, f".{_EACH}").split("."))
        for row in (*EVERY, *(row for rows in REBASE_RULES.values() for row in rows))
    },
}


def rebase(resource: str, live: Body, desired: Body, extra: RebaseRules = (), *, answered: bool = False) -> Body:
    """The desired body with the target's values in all that is the target's; `resource` is `<plural>[.<group>]`.

    `answered`: the desired body is the answer of a dry run, and the live one is what was wanted of it.
    """
    table = (*EVERY, *REBASE_RULES.get(resource, ()))
    if extra:
        table = (*(row for row in extra if not row.last), *table, *(row for row in extra if row.last))
    return by_rows(table, live, desired, answered=answered)


def by_rows(rows: RebaseRules, live: Body, desired: Body, *, answered: bool = False) -> Body:
    """The desired body with the target's values by these rows alone, in their order."""
    for row in rows:
        if row.when is None or row.when(live, desired):
            pick = _ANSWERED.get(row.pick, row.pick) if answered else row.pick
            desired = _rebase_at(live, desired, _PATHS[row.path], pick)
    return desired


def _rebase_at(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    """The desired value itself, not a copy, when the row changes nothing in it."""
    if live is None:
        return desired
    if not path:
        return pick(live, desired)
    if path[0] == _EACH:
        return _rebase_each(live, desired, path[1:], pick)
    if not isinstance(live, dict) or not (desired is None or isinstance(desired, dict)):
        return desired
    old = None if desired is None else desired.get(path[0])
    new = _rebase_at(live.get(path[0]), old, path[1:], pick)
    return desired if new is old else {**(desired or {}), path[0]: new}


def _rebase_each(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    if not isinstance(desired, list):
        return desired
    namesakes = {name: element for element in dicts(live) if isinstance(name := element.get("name"), str)}
    return [_rebase_at(_namesake(namesakes, element), element, path, pick) for element in desired]


def _namesake(namesakes: dict[str, Body], element: Any) -> Body | None:
    name = element.get("name") if isinstance(element, dict) else None
    return namesakes.get(name) if isinstance(name, str) else None
