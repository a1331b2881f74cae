# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero says of a backup: the Backup object that lies beside its content as `velero-backup.json`.

Velero 1.18, pkg/persistence/object_store_layout.go and pkg/apis/velero/v1/backup_types.go. Refused as BackupError: a
file that cannot be read, is damaged, or was named and is another backup's. The one beside the content is not used when
it is another backup's, which is said.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from .._errors import BackupError
from .._kinds import namespace_key
from .._source.backup_object import (
    LONGEST_TEXT,
    MOST_BYTES,
    backup_in,
    number_of,
    part_of,
    schedule_of,
    text_of,
    time_of,
)
from .._source.keys import METADATA
from .._source.local import open_regular
from .._text import shown
from .._values import BackupInfo, BackupItem, Body

_KUBE_SYSTEM = namespace_key("kube-system")

_FILTERS = (
    "excludedClusterScopedResources",
    "excludedNamespaceScopedResources",
    "excludedNamespaces",
    "excludedResources",
    "includeClusterResources",
    "includedClusterScopedResources",
    "includedNamespaceScopedResources",
    "includedNamespaces",
    "includedResources",
    "labelSelector",
    "orLabelSelectors",
    "resourcePolicy",
)
"""Fields of a Backup's spec that say which objects it holds; all others are about volumes, hooks, order and time.

The ConfigMap of resourcePolicy may include and exclude resources too; only its name is in the backup. Velero adds
namespaces labelled `velero.io/exclude-from-backup` to excludedNamespaces; objects with that label leave no trace.
"""
_ALL_ANYWAY = ("includedNamespaces", "includedResources")
"""Where `*` is what an empty list means. For the others it is not: excluded, or included with what is not related."""


def read_metadata(
    backup_file: str, metadata_file: str, backup_name: str, where: str = ""
) -> tuple[BackupInfo | None, str]:
    """What the file says, and what is to be warned of; None without a file. `metadata_file` is empty unless named.

    `where` is what messages call it when not its path.
    """
    path = metadata_file or os.path.join(os.path.dirname(backup_file), METADATA)
    where = where or shown(path)
    if not metadata_file and not os.path.lexists(path):
        return None, ""
    info = _info(_backup(path, where), where)
    if info.name == backup_name:
        return info, ""
    problem = f"{where}: is of backup {info.name}, not of {backup_name}"
    if metadata_file:
        raise BackupError(f"{problem}; see backup_metadata_file and backup_name")
    return None, f"{problem}: it is not used"


def info_of(metadata: BackupInfo | None, backup_name: str, items: Iterable[BackupItem]) -> BackupInfo:
    """The facts with what only the content tells: how much it is, and which cluster it is from."""
    count, source = 0, ""
    for item in items:
        count += 1
        if item.resource == "namespaces" and item.key == _KUBE_SYSTEM:
            source = item.uid if len(item.uid) <= LONGEST_TEXT and item.uid.isprintable() else ""
    return replace(metadata or BackupInfo(backup_name), source=source, objects=count)


def _backup(path: str, where: str) -> Body:
    try:
        with open(open_regular(path, where), "rb") as file:
            return backup_in(file.read(MOST_BYTES + 1), where)
    except OSError as error:
        raise BackupError(f"{where}: cannot be read: {error.strerror or error}") from error


def _info(backup: Body, where: str) -> BackupInfo:
    metadata, status = part_of(backup, "metadata", where), part_of(backup, "status", where)
    name = text_of(metadata.get("name"))
    if not name:
        raise BackupError(f"{where}: is damaged: it has no name")
    return BackupInfo(
        name=name,
        schedule=schedule_of(backup, where),
        started=time_of(status.get("startTimestamp"), where),
        completed=time_of(status.get("completionTimestamp"), where),
        phase=text_of(status.get("phase")) or "New",
        errors=number_of(status.get("errors"), where) + len(_invalid(status, where)),
        scope=_scope(part_of(backup, "spec", where), where),
    )


def _invalid(status: Body, where: str) -> list[Any]:
    found = status.get("validationErrors") or []
    if not isinstance(found, list):
        raise BackupError(f"{where}: is damaged: its validationErrors are no list")
    return found


def _scope(spec: Body, where: str) -> str:
    """The order of a list says nothing, nor does an empty one, nor `*` where all is meant anyway."""
    said = {field: spec[field] for field in _FILTERS if spec.get(field) not in (None, [], {})}
    said = {field: value for field, value in said.items() if value != ["*"] or field not in _ALL_ANYWAY}
    try:
        sorted_lists = {field: _bare(value) for field, value in said.items()}
        return sha256(json.dumps(sorted_lists, sort_keys=True).encode()).hexdigest()[:32]
    except RecursionError:
        raise BackupError(f"{where}: is damaged: its spec is nested too deep") from None


def _bare(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return sorted({json.dumps(entry, sort_keys=True) for entry in value})
