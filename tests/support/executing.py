# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An executor on a scripted target: all else in it is real, and what is to be restored lies in memory.

The restore is `again`, of the backup `nightly`, under policy `update` unless told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._apply.executor import Executor
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._compare.comparer import Comparer
from ansible_collections.standby.velero.plugins.module_utils._decide.decide import Decider
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import everything
from ansible_collections.standby.velero.plugins.module_utils._match.globs import Patterns
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import DesiredState
from ansible_collections.standby.velero.plugins.module_utils._records.kept_copies import KeptCopies
from ansible_collections.standby.velero.plugins.module_utils._records.rollback_copies import RollbackCopies
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    RESTORE_LABEL,
    BackupItem,
    Change,
    ObjectKey,
    Resource,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Policy
from scripted_target import Body, ScriptedTarget

NAMESPACE = "shop"
STATE = "standby-velero"
LABELS = {BACKUP_LABEL: "nightly", RESTORE_LABEL: "again"}
OLD_LABELS = {BACKUP_LABEL: "nightly", RESTORE_LABEL: "before"}
_OLD = tuple(OLD_LABELS.items())

TYPES = (
    Resource("", "v1", "configmaps", "ConfigMap", True),
    Resource("", "v1", "limitranges", "LimitRange", True),
    Resource("", "v1", "namespaces", "Namespace", False),
    Resource("", "v1", "pods", "Pod", True),
    Resource("", "v1", "resourcequotas", "ResourceQuota", True),
    Resource("", "v1", "secrets", "Secret", True),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", True),
    Resource("", "v1", "services", "Service", True),
    Resource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", False),
    Resource("apiregistration.k8s.io", "v1", "apiservices", "APIService", False),
    Resource("argo.example.org", "v1", "workflows", "Workflow", True),
    Resource("batch", "v1", "jobs", "Job", True, has_status=True),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding", True),
    Resource("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", False),
)
"""What the target serves."""

WIDGETS = Resource("example.org", "v1", "widgets", "Widget", True)
"""What it does not."""

DISCOVERY = Discovery({resource.name: (resource,) for resource in TYPES}, frozenset())
SERVING = Discovery({**DISCOVERY.types, WIDGETS.name: (WIDGETS,)}, frozenset())
"""With it."""
_BY_KIND = {resource.kind: resource for resource in (*TYPES, WIDGETS)}


def body_of(kind: str, name: str, metadata: Body | None = None, **fields: Any) -> Body:
    """An object, in `shop` where its type has namespaces."""
    resource = _BY_KIND[kind]
    place = {"name": name, **({"namespace": NAMESPACE} if resource.namespaced else {})}
    group = f"{resource.group}/" if resource.group else ""
    return {
        "apiVersion": f"{group}{resource.version}",
        "kind": kind,
        "metadata": {**place, **(metadata or {})},
        **fields,
    }


def config_map(name: str = "app", metadata: Body | None = None, **data: str) -> Body:
    return body_of("ConfigMap", name, metadata, data=data)


def live(
    body: Body,
    labels: Mapping[str, str] | Iterable[tuple[str, str]] | None = _OLD,
    version: str = "7",
    uid: str = "old",
    **more: Any,
) -> Body:
    """The object as the target has it, with the labels of an earlier restore unless told; `more` is merged into it."""
    ours = {"labels": dict(labels)} if labels else {}
    return apply(apply(body, {"metadata": {"uid": uid, "resourceVersion": version, **ours}}), more)


def item_of(body: Body) -> BackupItem:
    """The item of an object in the backup."""
    resource, metadata = _BY_KIND[body["kind"]], body["metadata"]
    key = ObjectKey(resource.group, resource.kind, metadata.get("namespace", ""), metadata["name"])
    return BackupItem(key, resource.name, resource.version, size=1)


class InMemory:
    """A backup of these objects."""

    def __init__(self, *bodies: Body) -> None:
        self.others: dict[ObjectKey, list[BackupItem]] = {}
        self._bodies = {item_of(body).key: body for body in bodies}

    def body(self, item: BackupItem) -> Body:
        return self._bodies[item.key]

    def weight(self, item: BackupItem) -> int:
        return item.size


def executor(
    target: ScriptedTarget,
    *wanted: Body,
    policy: str = "update",
    dry_run: bool = False,
    label_unchanged: bool = True,
    status: bool = False,
    **more: Any,
) -> Executor:
    """Of a restore of these objects, with their status when that is asked for; it does not pause."""
    desired = DesiredState(InMemory(*wanted), PrepareContext(), Patterns(("*",)) if status else None)
    copies = RollbackCopies(target, STATE, dry_run)
    fields = {"sleep": lambda _seconds: None, "discovery": DISCOVERY, "copies": copies, **more}
    fields.setdefault("kept", KeptCopies(target, STATE, dry_run))
    return Executor(
        client=target,
        desired=desired,
        comparer=Comparer(),
        decider=Decider(everything(Policy(policy)), LABELS, label_unchanged, frozenset()),
        dry_run=dry_run,
        **fields,
    )


def change_of(executor: Executor, wanted: Body, found: Body | None = None) -> Change:
    """What the plan makes of an object, when it found that on the target."""
    item = item_of(wanted)
    return executor.decider.decide(item, None if found is None else executor.compare(item, found))
