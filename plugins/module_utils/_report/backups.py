# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What velero_backup_info says: the module's return value, and the whole list as a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from .._backup.contents import Contents
from .._inventory.comparable import stops_between
from .._inventory.entries import RestoreScope
from .._prune_words import Stop
from .._source.index import BackupEntry, moment, unusable
from .._text import printable
from .._values import BackupInfo, Body
from .file import write_document

_MOST_COUNTED = 1000
"""Types, and namespaces, that the result has numbers of; the report file has all."""


@dataclass(frozen=True)
class BackupList:
    """The backups of one source, as far as they were asked for."""

    where: str
    entries: tuple[BackupEntry, ...]
    """Those that match, newest first."""
    total: int
    """All that the source has, whether they match or were looked at or not."""
    phases: tuple[str, ...]
    """Of all that were looked at."""
    now: float
    limit: int
    allow_partially_failed: bool = False
    """Whether such a backup counts as usable."""
    warnings: tuple[str, ...] = ()
    contents: Contents | None = None


def build_backups(found: BackupList) -> Body:
    """The module's return value."""
    return _document(found, found.limit, _MOST_COUNTED)


def write_backups(path: str, found: BackupList) -> None:
    """Everything, as one JSON document."""
    write_document(path, _pieces(_document(found, len(found.entries), None)))


def _pieces(document: Body) -> Iterator[str]:
    yield from json.JSONEncoder(indent=1).iterencode(document)
    yield "\n"


def _document(found: BackupList, most: int, most_counted: int | None) -> Body:
    counts: Body = {
        "total": found.total,
        "read": len(found.phases),
        "matching": len(found.entries),
        "phases": dict(sorted(Counter(found.phases).items())),
    }
    document: Body = {
        "source": printable(found.where),
        "backups": [_shown(entry, found) for entry in found.entries[:most]],
        "backups_truncated": len(found.entries) > most or len(found.phases) < found.total,
        "counts": counts,
    }
    if found.contents is not None:
        document["contents"] = _contents(found.contents, most_counted)
    return document


def _shown(entry: BackupEntry, found: BackupList) -> Body:
    return {
        "name": entry.name,
        "schedule": entry.schedule,
        "phase": entry.phase,
        "started": entry.started,
        "completed": entry.completed,
        "expires": entry.expires,
        "age": int(found.now - moment(entry.started)) if entry.started else None,
        "errors": entry.errors,
        "warnings": entry.warnings,
        "objects": entry.objects,
        "size": entry.size,
        "has_content": entry.has_content,
        "usable": not unusable(entry, entry.schedule, found.allow_partially_failed),
        "source_version": entry.source_version,
        "problem": printable(entry.problem),
    }


def _contents(contents: Contents, most: int | None) -> Body:
    stops = [{"reason": stop.reason.value, "message": str(stop)} for stop in _stops(contents)]
    return {
        "name": contents.entry.name,
        "objects": contents.objects,
        "types": _first(contents.types, most),
        "namespaces": _first(contents.namespaces, most),
        "cluster_scoped": contents.cluster_scoped,
        "prunable": not stops,
        "not_prunable": stops,
    }


def _first(counted: dict[str, int], most: int | None) -> dict[str, int]:
    return {printable(name): number for name, number in list(counted.items())[:most]}


def _stops(contents: Contents) -> tuple[Stop, ...]:
    """What would keep a prune from going by this backup, whatever it is compared with."""
    entry = contents.entry
    info = BackupInfo(
        entry.name,
        schedule=entry.schedule,
        started=entry.started,
        completed=entry.completed,
        phase=entry.phase,
        errors=entry.errors,
        source="told" if contents.tells_source else "",
        objects=contents.objects,
    )
    scope = RestoreScope(info, "", contents.objects)
    return stops_between(scope, scope)
