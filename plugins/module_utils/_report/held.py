# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`workloads: hold`: what sleeps on the target, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .._hold.hold import Hold
from .._kinds import API_SERVICES
from .._text import printable
from .._values import Body, Change, Done, ObjectKey
from .._vocabulary import STANDS, Reason
from .text import fitting, with_totals

HELD_BYTES = 8_000
"""Of each list in a module's result."""


@dataclass(frozen=True, slots=True)
class HeldReport:
    """The workloads of a run, by what became of them."""

    held: int
    """How many sleep."""
    standby_own: tuple[ObjectKey, ...]
    """Awake on the target before any restore, and left so."""
    awake: tuple[ObjectKey, ...]
    """To sleep, and awake all the same: the policy leaves them alone, or they failed."""
    bare_pods: tuple[ObjectKey, ...]
    """Left out."""


def held_report(done: Iterable[Done], hold: Hold) -> HeldReport:
    """Of the objects of one run."""
    held, own, awake, pods = 0, [], [], []
    for change, result in done:
        if result.reason is Reason.BARE_POD:
            pods.append(change.key)
        elif hold.is_guard(change.ref) or not _is_workload(change, hold):
            continue
        elif change.comparison and change.comparison.held and change.comparison.held.own:
            own.append(change.key)
        elif result.outcome in STANDS:
            held += 1
        elif change.comparison and change.comparison.held and change.comparison.held.awake:
            awake.append(change.key)
    return HeldReport(held, *(tuple(sorted(keys)) for keys in (own, awake, pods)))


def _is_workload(change: Change, hold: Hold) -> bool:
    if change.ref.resource == API_SERVICES:
        return False
    return change.comparison.held is not None if change.comparison else hold.names(change.ref)


def whole_held(report: HeldReport) -> Body:
    """Everything, for the report file."""
    return _view(report, lambda keys: [printable(str(key)) for key in keys])


def shortened_held(report: HeldReport) -> Body:
    """For the module's result: of each list what fits, and how many there are."""
    return _view(report, lambda keys: fitting((printable(str(key)) for key in keys), HELD_BYTES))


def _view(report: HeldReport, listed: Callable[[tuple[ObjectKey, ...]], list[str]]) -> Body:
    lists = {"standby_own": report.standby_own, "awake": report.awake, "bare_pods": report.bare_pods}
    return {"held": report.held, **with_totals(lists, listed)}
