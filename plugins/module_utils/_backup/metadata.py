# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Velero says of a backup: the Backup object that lies beside its content as `velero-backup.json`.

Velero 1.18, pkg/persistence/object_store_layout.go and pkg/apis/velero/v1/backup_types.go. Refused as BackupError: a
file that cannot be read, is damaged, or was named and is another backup's. The one beside the content is not used when
it is another backup's, which is said.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

from .._errors import BackupError
from .._kinds import namespace_key
from .._source.local import open_regular
from .._text import shown
from .._values import BackupInfo, BackupItem, Body

FILE = "velero-backup.json"
SCHEDULE_LABEL = "velero.io/schedule-name"

_KUBE_SYSTEM = namespace_key("kube-system")

_MOST = 4 << 20
"""Bytes: an API server takes no object of more than 3 MiB."""
_MOST_NUMBER = 1 << 31
_TEXT = 253
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")
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


def read_metadata(backup_file: str, metadata_file: str, backup_name: str) -> tuple[BackupInfo | None, str]:
    """What the file says, and what is to be warned of; None without a file. `metadata_file` is empty unless named."""
    path = metadata_file or os.path.join(os.path.dirname(backup_file), FILE)
    where = shown(path)
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
            source = item.uid if len(item.uid) <= _TEXT and item.uid.isprintable() else ""
    return replace(metadata or BackupInfo(backup_name), source=source, objects=count)


def _backup(path: str, where: str) -> Body:
    try:
        with open(open_regular(path, where), "rb") as file:
            data = file.read(_MOST + 1)
    except OSError as error:
        raise BackupError(f"{where}: cannot be read: {error.strerror or error}") from error
    if len(data) > _MOST:
        raise BackupError(f"{where}: is larger than the {_MOST} bytes that a Backup may have")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BackupError(f"{where}: is damaged: it is not valid JSON") from None
    body = found if isinstance(found, dict) else {}
    if body.get("kind") != "Backup" or not _text(body.get("apiVersion")).startswith("velero.io/"):
        raise BackupError(f"{where}: is no Backup of Velero's")
    return body


def _info(backup: Body, where: str) -> BackupInfo:
    metadata, status = _part(backup, "metadata", where), _part(backup, "status", where)
    name = _text(metadata.get("name"))
    if not name:
        raise BackupError(f"{where}: is damaged: it has no name")
    return BackupInfo(
        name=name,
        schedule=_label(_part(metadata, "labels", where), where),
        started=_time(status.get("startTimestamp"), where),
        completed=_time(status.get("completionTimestamp"), where),
        phase=_text(status.get("phase")) or "New",
        errors=_number(status.get("errors"), where) + len(_invalid(status, where)),
        scope=_scope(_part(backup, "spec", where), where),
    )


def _label(labels: Body, where: str) -> str:
    """What is no text must not pass for a backup of no schedule, which few guards look at."""
    schedule = labels.get(SCHEDULE_LABEL)
    if schedule is not None and schedule != _text(schedule):
        raise BackupError(f"{where}: is damaged: its schedule is no name")
    return _text(schedule)


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


def _time(value: Any, where: str) -> str:
    """In UTC, to the second, so that texts sort as times do; empty when it is not there."""
    if value is None:
        return ""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise BackupError(f"{where}: is damaged: it has a time that is none")
    try:
        time = datetime.fromisoformat(re.sub(r"\.[0-9]+", "", value).replace("Z", "+00:00"))
        return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise BackupError(f"{where}: is damaged: it has a time that is none") from None


def _number(value: Any, where: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_NUMBER:
        raise BackupError(f"{where}: is damaged: its number of errors is none")
    return value


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() and len(value) <= _TEXT else ""


def _part(body: Body, field: str, where: str) -> Body:
    """Empty when it is not there. One of another sort must not pass for a spec without filters."""
    value = body.get(field)
    if value is not None and not isinstance(value, dict):
        raise BackupError(f"{where}: is damaged: its {field} is no object")
    return value or {}
