# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backups a source has, and which of them is the newest of a schedule.

A backup's schedule, phase and start are in its metadata only, never in its name. They are read from the last modified
backwards until all that is left was modified before the found one began, so that thousands of backups cost a few reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple

from .._values import Body
from .backup_object import number_of, part_of, schedule_of, text_of, time_of

CLOCK_SKEW = 900.0
"""Seconds by which the clocks of Velero and of the store may differ; S3 takes no request beyond them."""

COMPLETED, PARTIALLY_FAILED = "Completed", "PartiallyFailed"
_KUBERNETES_VERSION = "velero.io/source-cluster-k8s-gitversion"


class Listed(NamedTuple):
    """A backup that a source lists, before anything of it is read."""

    name: str
    modified: float
    """When its metadata were written last, in seconds since 1970: it did not begin later."""
    size: int | None = None
    """Bytes of its content; None where the source does not say."""
    has_content: bool = True


@dataclass(frozen=True, slots=True)
class BackupEntry:
    """What the metadata of a backup say; empty texts for what they do not."""

    name: str
    schedule: str = ""
    phase: str = ""
    started: str = ""
    completed: str = ""
    expires: str = ""
    errors: int = 0
    warnings: int = 0
    objects: int = 0
    source_version: str = ""
    """Of the source cluster's Kubernetes."""
    size: int | None = None
    has_content: bool = True
    problem: str = ""
    """Why nothing is known of it."""


def entry_of(backup: Body, listed: Listed, where: str) -> BackupEntry:
    """What a Backup object says; a BackupError for one that is damaged."""
    metadata, status = part_of(backup, "metadata", where), part_of(backup, "status", where)
    progress = part_of(status, "progress", where)
    entry = BackupEntry(
        name=listed.name,
        schedule=schedule_of(backup, where),
        phase=text_of(status.get("phase")) or "New",
        started=time_of(status.get("startTimestamp"), where),
        completed=time_of(status.get("completionTimestamp"), where),
        expires=time_of(status.get("expiration"), where),
        errors=number_of(status.get("errors"), where),
        warnings=number_of(status.get("warnings"), where),
        objects=number_of(progress.get("itemsBackedUp"), where),
        source_version=text_of(part_of(metadata, "annotations", where).get(_KUBERNETES_VERSION)),
        size=listed.size,
        has_content=listed.has_content,
    )
    name = text_of(metadata.get("name"))
    return entry if name == listed.name else replace(entry, problem=f"its metadata are of backup {name or 'no name'}")


def newest_first(
    listed: Iterable[Listed], read: Callable[[Listed], BackupEntry], ahead: int = 4
) -> Iterator[BackupEntry]:
    """The backups by their start; no more are read than it takes to know which one comes next, and `ahead` more."""
    known: list[tuple[float, str, BackupEntry]] = []
    ordered = sorted(listed, key=lambda one: (one.modified, one.name), reverse=True)
    for index, entry in enumerate(_read_ahead(ordered, read, ahead)):
        heappush(known, (-_began(entry, ordered[index]), entry.name, entry))
        left = ordered[index + 1].modified if index + 1 < len(ordered) else float("-inf")
        while known and -known[0][0] > left + CLOCK_SKEW:
            yield heappop(known)[2]
    while known:
        yield heappop(known)[2]


def _began(entry: BackupEntry, listed: Listed) -> float:
    """One that does not tell its start is told among those that were modified when it was."""
    return moment(entry.started) if entry.started else listed.modified


def moment(time: str) -> float:
    """Seconds since 1970 of a time that `time_of` gave."""
    return datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def _read_ahead(ordered: list[Listed], read: Callable[[Listed], BackupEntry], ahead: int) -> Iterator[BackupEntry]:
    """In the same order; a store answers several reads in the time of one."""
    rest = iter(ordered)
    with ThreadPoolExecutor(max_workers=ahead) as pool:
        running = deque(pool.submit(read, one) for one in islice(rest, ahead))
        while running:
            entry = running.popleft().result()
            running.extend(pool.submit(read, one) for one in islice(rest, 1))
            yield entry


class Found(NamedTuple):
    """The newest of a schedule that can be used, and those before it that cannot."""

    entry: BackupEntry | None
    passed_over: tuple[str, ...]
    """A sentence for each; once nothing was found, for all of the schedule."""
    schedules: tuple[str, ...]
    """All that were met: what may have been meant."""


def newest_of(schedule: str, entries: Iterable[BackupEntry], allow_partially_failed: bool) -> Found:
    """Goes through `entries`, which come newest first, no further than it has to."""
    passed_over: list[str] = []
    schedules: set[str] = set()
    for entry in entries:
        schedules.add(entry.schedule)
        problem = unusable(entry, schedule, allow_partially_failed)
        if problem:
            passed_over.append(f"backup {entry.name} {problem}: it was passed over")
        elif entry.schedule == schedule:
            return Found(entry, tuple(passed_over), tuple(sorted(filter(None, schedules))))
    return Found(None, tuple(passed_over), tuple(sorted(filter(None, schedules))))


def unusable(entry: BackupEntry, schedule: str, allow_partially_failed: bool) -> str:
    """Why it is not the one, when it is of this schedule or nobody knows of which it is; else empty."""
    if entry.problem:
        return f"cannot be told of its schedule ({entry.problem})"
    if entry.schedule != schedule:
        return ""
    allowed = (COMPLETED, PARTIALLY_FAILED) if allow_partially_failed else (COMPLETED,)
    if entry.phase not in allowed:
        return f"is {entry.phase}, not {' or '.join(allowed)}"
    return "" if entry.has_content else "has no content: it is being stored still, or deleted"
