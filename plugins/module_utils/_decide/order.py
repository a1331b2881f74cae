# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""In which order objects are written: Velero's priorities as data, one total sort key.

A stage is over before the next one begins; within a stage writes run in parallel. Source: Velero 1.18,
pkg/cmd/server/config/config.go (defaultRestorePriorities), but for
- OpenShift's Projects, which are Namespaces;
- RuntimeClasses and IngressClasses, which admission asks for when Pods and Ingresses come;
- ResourceQuotas: one that grows comes before what it counts, any other after it;
- webhook configurations, admission policies and APIServices, which come after what they guard: restored early, a
  webhook whose Service has no endpoints yet blocks everything behind it (velero#2443, #7387).
"""

from __future__ import annotations

from .. import _kinds
from .._values import Change, ObjectRef
from .quotas import grows

_GROWING_QUOTAS = "resourcequotas that grow"
"""A place in the order, where all others are types."""

_FIRST: tuple[str, ...] = (
    _kinds.CRDS,
    _kinds.NAMESPACES,
    _kinds.PROJECTS,
    _GROWING_QUOTAS,
    _kinds.STORAGE_CLASSES,
    _kinds.RUNTIME_CLASSES,
    _kinds.INGRESS_CLASSES,
    "volumesnapshotclasses.snapshot.storage.k8s.io",
    _kinds.VOLUME_SNAPSHOT_CONTENTS,
    "volumesnapshots.snapshot.storage.k8s.io",
    _kinds.VOLUMES,
    _kinds.CLAIMS,
    _kinds.CLUSTER_ROLES,
    _kinds.ROLES,
    _kinds.SERVICE_ACCOUNTS,
    _kinds.CLUSTER_ROLE_BINDINGS,
    _kinds.ROLE_BINDINGS,
    _kinds.SECRETS,
    _kinds.CONFIG_MAPS,
    _kinds.LIMIT_RANGES,
    _kinds.PRIORITY_CLASSES,
    _kinds.PODS,
    _kinds.REPLICA_SETS,
    "clusterclasses.cluster.x-k8s.io",
    _kinds.ENDPOINTS,
    _kinds.SERVICES,
)
_LAST: tuple[str, ...] = (
    "clusterbootstraps.run.tanzu.vmware.com",
    "clusters.cluster.x-k8s.io",
    "clusterresourcesets.addons.cluster.x-k8s.io",
    "apps.kappctrl.k14s.io",
    "packageinstalls.packaging.carvel.dev",
    _kinds.RESOURCE_QUOTAS,
)
_GUARDS = frozenset(
    (
        _kinds.API_SERVICES,
        _kinds.MUTATING_POLICIES,
        _kinds.MUTATING_POLICY_BINDINGS,
        _kinds.MUTATING_WEBHOOKS,
        _kinds.VALIDATING_POLICIES,
        _kinds.VALIDATING_POLICY_BINDINGS,
        _kinds.VALIDATING_WEBHOOKS,
    )
)

_STAGES = {name: number for number, name in enumerate(_FIRST)}
_STAGES.update({name: len(_FIRST) + 1 + number for number, name in enumerate(_LAST)})
_STAGES.update({name: len(_FIRST) + 1 + len(_LAST) for name in _GUARDS})


def stage_of(resource: str) -> int:
    """The stage of a type; every type without a priority of its own shares one."""
    return _STAGES.get(resource, len(_FIRST))


GROWING_QUOTAS = _STAGES[_GROWING_QUOTAS]
"""Their stage."""


def stage_of_change(change: Change) -> int:
    """The stage in which a Change is carried out; a quota's depends on what is to become of it."""
    return GROWING_QUOTAS if grows(change) or _falls_asleep(change) else stage_of(change.ref.resource)


def _falls_asleep(change: Change) -> bool:
    """A guard that is put to sleep would refuse what comes before it: what answers for it sleeps, or is about to."""
    held = change.comparison.held if change.comparison else None
    return held is not None and held.awake and change.ref.resource in _GUARDS


def sort_key(item: ObjectRef) -> tuple[int, str, str, str]:
    """A total order of objects, whatever the order of the archive."""
    return stage_of(item.resource), item.resource, item.key.namespace, item.key.name


def plan_key(change: Change) -> tuple[int, str, str, str]:
    """The total order of a plan."""
    return stage_of_change(change), *sort_key(change.ref)[1:]
