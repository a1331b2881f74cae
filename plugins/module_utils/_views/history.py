# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a folder of earlier reports says of each run: when it was, how much differed, how old the backup was."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from heapq import nlargest
from operator import attrgetter

from .._unstructured import as_map, as_text, nested
from .._values import Body
from .human import moment_of
from .reading import ReportError, read_head
from .values import real, whole

MOST = 500
"""Reports, the newest by the times of their files: three weeks of an hourly job."""
_HEAD = ("version", "check_mode", "restore", "target", "counts")
"""They come first in a report: no more of a large one is read."""


@dataclass(frozen=True, slots=True)
class Point:
    """One run."""

    time: float
    """When it ended, in seconds since 1970."""
    is_good: bool
    """Completed and in sync."""
    is_check: bool
    wrote: bool
    """It was no check, and no object failed."""
    drift: int | None
    """None where it is not known, as are the others."""
    duration: float | None
    age: int | None


def point_of(report: Body) -> Point | None:
    """None of a report that does not say when it ended."""
    restore = as_map(report.get("restore"))
    time = moment_of(as_text(restore.get("completed")))
    if time is None:
        return None
    is_check, completed = report.get("check_mode") is True, restore.get("phase") == "Completed"
    return Point(
        time=time,
        is_good=completed and restore.get("in_sync") is True,
        is_check=is_check,
        wrote=completed and not is_check,
        drift=whole(restore.get("drift")),
        duration=real(restore.get("duration")),
        age=whole(nested(restore, "backup", "age")),
    )


def history(folder: str, report: Body) -> tuple[list[Point], int]:
    """The runs of the report's standby, oldest first and the report's own among them; and how many files are none."""
    own = point_of(report)
    points = {own.time: own} if own else {}
    unread = 0
    for path in _newest(folder):
        try:
            found = read_head(path, _HEAD)
        except ReportError:
            unread += 1
            continue
        point = point_of(found) if _is_of_same_standby(found, report) else None
        if point:
            points.setdefault(point.time, point)
    return sorted(points.values(), key=attrgetter("time")), unread


def _is_of_same_standby(one: Body, other: Body) -> bool:
    """One that could not go on may not know its standby: it is taken for one of the folder's."""
    servers = {as_text(nested(report, "target", "server")) for report in (one, other)}
    return len(servers - {""}) <= 1


def _newest(folder: str) -> Iterable[str]:
    """Of files alone, whose names end in `.json` and do not begin with a point."""
    if not folder:
        return ()
    try:
        with os.scandir(folder) as entries:
            named = [one for one in entries if one.name.endswith(".json") and not one.name.startswith(".")]
    except OSError as error:
        raise ReportError(f"history_path: cannot read the folder: {error.strerror or type(error).__name__}") from error
    return [path for _time, path in nlargest(MOST, _dated(named))]


def _dated(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[float, str]]:
    for entry in entries:
        with suppress(OSError):  # it has gone meanwhile
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode):
                yield found.st_mtime, entry.path
