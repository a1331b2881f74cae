# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as text, of a backup in a file and a target that answers from a table.

The restore is `again`, of the backup `b2` of the schedule `hourly`, under policy `update` unless told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    Inventory,
    InventoryEntry,
    Labels,
)
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._plan.context import RestoreContext, context_of
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import Change, ObjectKey, Resource
from backups import Backup
from scripted import TYPES, Body, body_of
from stored import SOURCE, metadata_of

LABELS = {"velero.io/backup-name": "b2", "velero.io/restore-name": "again"}
"""Of this restore."""
_OURS = tuple(LABELS.items())
OLD_LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "before"}

KUBE_SYSTEM = body_of("Namespace", "kube-system", metadata={"uid": SOURCE})
"""It tells the cluster that a backup is of."""


def resource_of(body: Body) -> Resource:
    """The type of an object; the target need not serve it."""
    group, _slash, version = body["apiVersion"].rpartition("/")
    known = (one for one in TYPES if (one.group, one.kind) == (group, body["kind"]))
    namespaced = "namespace" in body["metadata"]
    return next(known, Resource(group, version, f"{body['kind'].lower()}s", body["kind"], namespaced))


def live(body: Body, labels: Mapping[str, str] | Iterable[tuple[str, str]] | None = _OURS, **fields: Any) -> Body:
    """The object as the target has it, with the two labels of this restore unless told; `fields` replace its own."""
    metadata = {**body["metadata"], "uid": uid_of(body), "resourceVersion": "7", **fields.pop("metadata", {})}
    return {**body, **fields, "metadata": {**metadata, **({"labels": dict(labels)} if labels else {})}}


def uid_of(body: Body) -> str:
    """On the target."""
    return f"t-{body['kind'].lower()}-{body['metadata']['name']}"


def backup_of(*bodies: Body) -> Backup:
    """A whole backup of these objects, with the Namespace that tells its cluster."""
    backup = Backup()
    for body in (KUBE_SYSTEM, *bodies):
        metadata = body["metadata"]
        backup.add(resource_of(body).name, metadata.get("namespace", ""), metadata["name"], body)
    return backup


@contextmanager
def context_for(
    folder: Path,
    backup: Backup,
    client: Client,
    previous: Backup | None = None,
    *,
    check: bool = False,
    diff: bool = False,
    schedule: str = "hourly",
    **options: Any,
) -> Iterator[RestoreContext]:
    """What the plan of a restore is made from; the backups are closed at the end of the `with` statement."""
    (folder / "b2.json").write_text(metadata_of("b2", started="2026-11-24T03:00:00Z", schedule=schedule))
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": str(backup.write(folder / "b2.tar.gz")), "restore_name": "again"}
    params |= {"existing_resource_policy": "update", "terminating_timeout": 0, **options}
    with ExitStack() as stack:
        this = stack.enter_context(opened(files_of(params["backup_file"], "b2", str(folder / "b2.json")), str(folder)))
        earlier = None
        if previous is not None:
            (folder / "b1.json").write_text(metadata_of("b1", schedule=schedule))
            path = str(previous.write(folder / "b1.tar.gz"))
            earlier = stack.enter_context(opened(files_of(path, "b1", str(folder / "b1.json")), str(folder)))
        yield context_of(settings_of(params, check, diff), client, this, earlier)


def inventory_of(
    context: RestoreContext, *bodies: Body, uid: str | None = None, labels: Labels = ("b2", "again")
) -> Inventory:
    """What the target has of b1, the backup before, restored as this one is; each with its UID there unless told.

    Its labels are those that `live` gives it: those of this restore.
    """
    info = replace(context.backup.info, name="b1", started="2026-11-24T02:00:00Z")
    scope = context.scope._replace(backup=info, selected=100)
    entries = {}
    for body in bodies:
        metadata, resource = body["metadata"], resource_of(body)
        key = ObjectKey(resource.group, body["kind"], metadata.get("namespace", ""), metadata["name"])
        source = metadata["name"] if body["kind"] == "Namespace" else key.namespace
        known = uid_of(body) if uid is None else uid
        entries[key] = InventoryEntry(known, f"p-{metadata['name']}", source, labels=labels)
    return (BackupInventory(scope, entries),)


def lines_of(changes: Iterable[Change]) -> str:
    """`action reason object`, a line each: how a plan is read."""
    lines = (f"{one.action.value:8}{one.reason.value if one.reason else '-':22}{one.key}" for one in changes)
    return "".join(f"{line}\n" for line in lines)
