# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a run for whoever watches many standbys, and when a run was last good: that outlives the runs that
are not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from .._unstructured import as_map, as_text, nested
from .._values import Body
from .._vocabulary import Outcome
from .escapes import as_metric
from .history import Point
from .human import moment_of
from .values import number, real, whole

LAST_SUCCESS = "standby_velero_last_success_timestamp_seconds"
_MOST = 1 << 20
"""Bytes that are read of an earlier file."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """None is what is not known, and is left out."""

    completed: float | None
    succeeded: float | None
    """When a run last wrote, and no object failed."""
    phase_completed: bool
    in_sync: bool
    is_check: bool
    duration: float | None
    counts: Mapping[str, int] | None
    """By outcome."""
    drift: int | None
    out_of_sync: int | None
    stale: int | None
    taken: float | None
    age: int | None


def metrics_of(report: Body, points: Iterable[Point], earlier: float | None) -> Metrics:
    """`earlier` is when a run was last good by the file that these metrics replace."""
    restore, backup = as_map(report.get("restore")), as_map(nested(report, "restore", "backup"))
    counts = as_map(report.get("counts"))
    good = [point.time for point in points if point.wrote]
    return Metrics(
        completed=moment_of(as_text(restore.get("completed"))),
        succeeded=max([*good, *([earlier] if earlier else [])], default=None),
        phase_completed=restore.get("phase") == "Completed",
        in_sync=restore.get("in_sync") is True,
        is_check=report.get("check_mode") is True,
        duration=real(restore.get("duration")),
        counts={one.value: number(counts.get(one.value)) for one in Outcome} if counts else None,
        drift=whole(restore.get("drift")),
        out_of_sync=whole(restore.get("out_of_sync")),
        stale=whole(nested(report, "delta", "total")),
        taken=moment_of(as_text(backup.get("taken"))),
        age=whole(backup.get("age")),
    )


def last_success(path: str, cluster: str) -> float | None:
    """By the file at this path, of this standby; None where nothing is said of it."""
    label = re.escape(str(as_metric(cluster)))
    line = re.compile(rf'^{LAST_SUCCESS}\{{cluster="{label}"\}} ([0-9]+(?:\.[0-9]+)?)$', re.MULTILINE)
    with suppress(OSError, ValueError), open(path, encoding="utf-8") as file:
        found = line.search(file.read(_MOST))
        return float(found[1]) if found else None
    return None
