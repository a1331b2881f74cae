# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Against the wrong night: whether this backup may be restored onto this target now. Looks at no cluster.

A backup that is empty, old or another cluster's is read by everything behind this as what production wants.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from .._inventory.comparable import last_followed
from .._inventory.entries import Inventory
from .._text import span
from .._values import BackupInfo


class Limits(NamedTuple):
    """What the user lets through."""

    max_age: float | None = None
    """Seconds; None for any."""
    allow_older: bool = False
    allow_other_source: bool = False
    allow_shrunk: bool = False


def preflight(info: BackupInfo, inventory: Inventory, now: float, limits: Limits) -> list[str]:
    """Everything that speaks against it; `now` is by the API server's clock, in seconds since 1970.

    It is compared with the last restored of the backups that it follows; in its source, with the last that tells one.
    """
    return [
        *_too_old(info, now, limits),
        *([] if limits.allow_older else _older(info, inventory)),
        *([] if limits.allow_other_source else _other_source(info, inventory)),
        *([] if limits.allow_shrunk else _shrunk(info, inventory)),
    ]


def _too_old(info: BackupInfo, now: float, limits: Limits) -> Iterator[str]:
    if limits.max_age is None:
        return
    taken = _taken(info)
    if not taken:
        yield (
            f"backup {info.name}: its age is not known, so that max_backup_age cannot be held; give"
            " backup_metadata_file, its velero-backup.json"
        )
        return
    age = now - datetime.fromisoformat(taken.replace("Z", "+00:00")).timestamp()
    if age > limits.max_age:
        yield (f"backup {info.name} is of {taken}, {span(age)} ago: older than max_backup_age ({span(limits.max_age)})")
    if -age > limits.max_age:
        yield (
            f"backup {info.name} is of {taken}, {span(-age)} ahead of the target's clock, so that max_backup_age"
            f" ({span(limits.max_age)}) cannot be held; set the clocks of both clusters right"
        )


def _older(info: BackupInfo, inventory: Inventory) -> Iterator[str]:
    """One that does not tell its time must not pass for newer than one that does."""
    last = last_followed(inventory, info)
    if last is None or _taken(last.backup) <= _taken(info):
        return
    said = f"is of {_taken(info)}, older than" if _taken(info) else "does not tell when it was taken, unlike"
    yield (
        f"backup {info.name} {said} {last.backup.name} of {_taken(last.backup)}, which was restored before;"
        " allow_older lets it through"
    )


def _other_source(info: BackupInfo, inventory: Inventory) -> Iterator[str]:
    """A backup of some namespaces does not tell its cluster, which is fine unless the one that it follows did."""
    last = last_followed(inventory, info)
    known = (
        next((part.scope for part in reversed(inventory) if part.scope.backup.source), None) if info.source else last
    )
    if known is None or not known.backup.source or known.backup.source == info.source:
        return
    said = f"is of the cluster {info.source}" if info.source else "does not tell which cluster it is of"
    yield (
        f"backup {info.name} {said} (UID of its Namespace kube-system), {known.backup.name}, which was restored"
        f" before, of {known.backup.source}; allow_other_source lets it through"
    )


def _shrunk(info: BackupInfo, inventory: Inventory) -> Iterator[str]:
    last = last_followed(inventory, info)
    if last and info.objects * 2 < last.backup.objects:
        yield (
            f"backup {info.name} has {info.objects} objects, {last.backup.name}, which was restored before, had"
            f" {last.backup.objects}: less than half; allow_shrunk lets it through"
        )


def _taken(info: BackupInfo) -> str:
    """When; texts of one form, which sort as times do."""
    return info.started or info.completed
