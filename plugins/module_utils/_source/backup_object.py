# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe reading of a Backup object of Velero's: what is damaged in it is refused as BackupError, never guessed.

Velero 1.18, pkg/apis/velero/v1/backup_types.go. It lies beside the content as `velero-backup.json`, and on the cluster
where Velero runs.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

from .._errors import BackupError
from .._memory import is_heavier
from .._values import Body

SCHEDULE_LABEL = "velero.io/schedule-name"
MOST_BYTES = 4 << 20
"""An API server takes no object of more than 3 MiB."""
MOST_MEMORY = 32 << 20
"""Bytes as Python objects: the metadata of many backups are read at a time."""
LONGEST_TEXT = 253

_MOST_NUMBER = 1 << 31
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


def backup_in(data: bytes, where: str) -> Body:
    """The Backup in a file's bytes, of which no more than MOST_BYTES + 1 need be given."""
    if len(data) > MOST_BYTES:
        raise BackupError(f"{where}: is larger than the {MOST_BYTES} bytes that a Backup may have")
    if is_heavier(data, MOST_MEMORY):
        raise BackupError(f"{where}: would take more than the {MOST_MEMORY >> 20} MiB of memory that a Backup may take")
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise BackupError(f"{where}: is damaged: it is not valid JSON") from None
    body = found if isinstance(found, dict) else {}
    if body.get("kind") != "Backup" or not text_of(body.get("apiVersion")).startswith("velero.io/"):
        raise BackupError(f"{where}: is no Backup of Velero's")
    return body


def schedule_of(backup: Body, where: str) -> str:
    """What is no text must not pass for a backup of no schedule, which few guards look at."""
    schedule = part_of(part_of(backup, "metadata", where), "labels", where).get(SCHEDULE_LABEL)
    if schedule is not None and schedule != text_of(schedule):
        raise BackupError(f"{where}: is damaged: its schedule is no name")
    return text_of(schedule)


def time_of(value: Any, where: str) -> str:
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


def number_of(value: Any, where: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_NUMBER:
        raise BackupError(f"{where}: is damaged: its number of errors is none")
    return value


def text_of(value: Any) -> str:
    """Empty for what is no text, or none that may be shown."""
    return value if isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_TEXT else ""


def part_of(body: Body, field: str, where: str) -> Body:
    """Empty when it is not there. One of another sort must not pass for a spec without filters."""
    value = body.get(field)
    if value is not None and not isinstance(value, dict):
        raise BackupError(f"{where}: is damaged: its {field} is no object")
    return value or {}
