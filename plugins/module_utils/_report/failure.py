# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a restore that could not go on: without one an earlier report would be taken for the newest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from .._errors import RestoreError
from .._text import printable
from .._values import Body
from .document import VERSION, members
from .file import write_document
from .result import stamp


@dataclass(frozen=True, slots=True)
class Failure:
    """What is known of it."""

    message: str
    """Free of values, and of what the user's options keep secret."""
    phase: str
    started: datetime
    check_mode: bool = False
    restore_name: str = ""
    backup_name: str = ""


def write_failure(path: str, failure: Failure) -> str:
    """Leaves the report where one is asked for; a sentence when it cannot be, for the failure itself is told anyway."""
    if not path:
        return ""
    try:
        write_document(path, _document(failure, datetime.now(timezone.utc)))
    except RestoreError as error:
        return str(error)
    return ""


def _document(failure: Failure, completed: datetime) -> Iterator[str]:
    restore: Body = {
        "name": printable(failure.restore_name),
        "backup_name": printable(failure.backup_name),
        "phase": failure.phase,
        "in_sync": False,
        "started": stamp(failure.started),
        "completed": stamp(completed),
        "duration": round((completed - failure.started).total_seconds(), 3),
    }
    yield "{\n"
    yield from members({"version": VERSION, "check_mode": failure.check_mode, "restore": restore}, ",\n")
    yield from members({"error": printable(failure.message)}, "\n}\n")
