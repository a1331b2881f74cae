# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section on what an earlier backup restored and this one no longer has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .._decide.prune import PruneDecision
from .._plan.stale import DeltaPlan
from .._prune_words import Stop, StopReason
from .._text import printable
from .._values import Body, Done, ObjectKey
from .._vocabulary import Code, Outcome, sentence
from .objects import identity, message_of
from .text import cut, entries_within

DELTA_BYTES = 14_000
"""Of the objects, and as much again of what stands in the way, in a module's result."""

_ACTIONS = {Outcome.DELETED: "deleted", Outcome.UNCHANGED: "deleted", Outcome.DELETING: "deleting"}
"""Unchanged is what was gone already; all other outcomes kept the object."""


@dataclass(frozen=True, slots=True)
class DeltaReport:
    """What is stale, and what became of it."""

    mode: str
    """`report` or `prune`."""
    plan: DeltaPlan
    done: tuple[Done, ...] = ()
    """The deletions, in check mode their dry runs."""

    @property
    def stops(self) -> tuple[Stop, ...]:
        """What stands in the way by the plan, and what the run itself brought."""
        found = ((result.reason, result.detail) for _change, result in self.done)
        brought = (Stop(reason, detail) for reason, detail in found if isinstance(reason, StopReason))
        return (*self.plan.prune.stops, *dict.fromkeys(brought))

    def restored_by(self, key: ObjectKey) -> str:
        """Name of the backup that a stale object was restored from, as it may be shown."""
        return printable(self.plan.restored_by.get(key, ""))


def whole(report: DeltaReport) -> Body:
    """Everything, for the report file."""
    return _section(report, list(_entries(report)), list(_stops(report)))


def shortened(report: DeltaReport) -> Body:
    """As many objects as fit into the section of a module's result."""
    return _section(
        report,
        entries_within(map(_cut, _entries(report)), DELTA_BYTES),
        entries_within(map(_cut, _stops(report)), DELTA_BYTES),
    )


def _cut(entry: Body) -> Body:
    return {**entry, "message": cut(entry["message"])}


def _section(report: DeltaReport, objects: list[Body], stops: list[Body]) -> Body:
    total = len(report.plan.prune.objects)
    return {
        "mode": report.mode,
        "previous_backup": cut(printable(report.plan.previous)),
        "previous_started": printable(report.plan.previous_started),
        "objects": objects,
        "total": total,
        "truncated": len(objects) < total,
        "stopped_by": stops,
    }


def _stops(report: DeltaReport) -> Iterator[Body]:
    for stop in report.stops:
        yield {"reason": stop.reason.value, "message": printable(str(stop))}


def _entries(report: DeltaReport) -> Iterator[Body]:
    outcomes = {one.change.key: one for one in report.done}
    for decision in report.plan.prune.objects:
        done = outcomes.get(decision.key)
        entry = _kept(decision) if done is None else _tried(done)
        yield {**entry, "restored_by": report.restored_by(decision.key), "lacking_for": decision.lacking_for}


def _kept(decision: PruneDecision) -> Body:
    return _entry(decision.key, "kept", decision.keep, sentence(decision.key, decision.keep, decision.detail))


def _tried(done: Done) -> Body:
    action = _ACTIONS.get(done.result.outcome, "kept")
    return _entry(done.change.key, action, done.result.reason, message_of(done))


def _entry(key: ObjectKey, action: str, reason: Code | None, message: str) -> Body:
    return {
        **identity(key),
        "action": action,
        "reason": reason.value if reason else "",
        "message": printable(message),
    }
