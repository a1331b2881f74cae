# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section on what an earlier backup restored and this one no longer has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from .._delta.prune import PrunePlan, Verdict
from .._values import Body, ObjectKey, ObjectResult, Outcome
from .text import cut, json_size, printable

DELTA_BYTES = 20_000
"""Of the objects, and as much again of what stands in the way, in a module's result."""

_Shown = TypeVar("_Shown", Body, str)


@dataclass(frozen=True, slots=True)
class DeltaReport:
    """What is left over, and what became of it."""

    mode: str
    """`report` or `prune`."""
    previous: str
    """Name of the earlier backup; empty when none is known."""
    plan: PrunePlan
    results: tuple[ObjectResult, ...] = ()
    """Of the deletions, in check mode of their dry runs."""


def whole(report: DeltaReport) -> Body:
    """Everything, for the report file."""
    return _section(report, list(_entries(report)), list(_stops(report)))


def shortened(report: DeltaReport) -> Body:
    """As many objects as fit into the section of a module's result."""
    entries = ({**entry, "reason": cut(entry["reason"])} for entry in _entries(report))
    return _section(report, _fitting(entries), _fitting(map(cut, _stops(report))))


def _fitting(values: Iterable[_Shown]) -> list[_Shown]:
    shown: list[_Shown] = []
    left = DELTA_BYTES
    for value in values:
        left -= json_size(value) + len(", ")
        if left < 0:
            break
        shown.append(value)
    return shown


def _section(report: DeltaReport, objects: list[Body], stops: list[str]) -> Body:
    total = len(report.plan.objects)
    return {
        "mode": report.mode,
        "previous_backup": cut(printable(report.previous)),
        "objects": objects,
        "total": total,
        "truncated": len(objects) < total,
        "stopped_by": stops,
    }


def _stops(report: DeltaReport) -> Iterator[str]:
    return (printable(str(stop)) for stop in report.plan.stops)


def _entries(report: DeltaReport) -> Iterator[Body]:
    outcomes = {result.key: result for result in report.results}
    for verdict in report.plan.objects:
        yield _entry(verdict, outcomes.get(verdict.key), ended=bool(outcomes))


def _entry(verdict: Verdict, result: ObjectResult | None, ended: bool) -> Body:
    """`ended`: deletions were carried out, so that one without a result was not come to."""
    deleted = result is not None and result.outcome is not Outcome.FAILED
    why = verdict.why or ("was not come to: the prune ended before" if ended else "")
    reason = result.message if result is not None else f"{verdict.key} {why}" if why else ""
    return {
        **{field: printable(value) for field, value in _identity(verdict.key)},
        "action": "deleted" if deleted else "kept",
        "reason": printable(reason),
    }


def _identity(key: ObjectKey) -> Iterable[tuple[str, str]]:
    return (("group", key.group), ("kind", key.kind), ("namespace", key.namespace), ("name", key.name))
