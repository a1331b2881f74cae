# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What velero_workloads returns, and when it counts as failed. What is said of an object are views of what was done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from .._plan.workloads import WorkloadPlan
from .._text import printable
from .._values import Body, Done, ObjectKey
from .._vocabulary import CHANGED, Action, Outcome
from .diff import Entry, create_entry, delete_entry, update_entry, within
from .objects import identity, message_of, ordered
from .text import cut, fitting, json_size

OBJECTS_BYTES = 80_000
DIFF_BYTES = 150_000
LIST_BYTES = 8_000
_NAMED = 5
_COUNTED = (Outcome.CREATED, Outcome.DELETED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.SKIPPED, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class WorkloadRun:
    """One run to its end: all that is said of it."""

    plan: WorkloadPlan
    done: tuple[Done, ...]
    started: datetime
    completed: datetime
    not_ready: Mapping[ObjectKey, str]
    """What did not get its Pods in time, and how many it had."""
    problems: tuple[str, ...] = ()
    """What went wrong with the run as such."""
    warnings: tuple[str, ...] = ()


def build_workloads(run: WorkloadRun) -> Body:
    """The module's return value, under 300 kB."""
    settings = run.plan.settings
    result: Body = {
        "changed": any(one.result.outcome in CHANGED for one in run.done),
        "state": "active" if settings.active else "held",
        "seconds": round((run.completed - run.started).total_seconds(), 3),
        "counts": counts(run),
        "not_ready": fitting((f"{key}: {why}" for key, why in sorted(run.not_ready.items())), LIST_BYTES),
        "not_ready_total": len(run.not_ready),
        "problems": fitting(run.problems, LIST_BYTES),
    }
    if settings.diff:
        result["diff"] = shown_diff(run)
    result["objects"], result["objects_truncated"] = _objects(run)
    return result


def counts(run: WorkloadRun) -> Body:
    tally = {outcome.value: 0 for outcome in _COUNTED}
    for one in run.done:
        tally[one.result.outcome.value] += 1
    return {"total": len(run.done), **tally}


def _objects(run: WorkloadRun) -> tuple[list[Body], bool]:
    """What a person must look at first, as far as there is room."""
    shown: list[Body] = []
    left = OBJECTS_BYTES
    for one in ordered(run.done):
        view = described_workload(one)
        left -= json_size(view) + len(", ")
        if left < 0:
            break
        shown.append(view)
    return shown, len(shown) < len(run.done)


def described_workload(done: Done) -> Body:
    change, result = done
    held = change.comparison.held if change.comparison else None
    return {
        **identity(change.key),
        "outcome": result.outcome.value,
        "reason": result.reason.value if result.reason else "",
        "message": cut(message_of(done)),
        "production": cut(printable(held.production)) if held else "",
    }


def shown_diff(run: WorkloadRun) -> list[Entry]:
    """Of what was written, what the patch changes; whole entries, as many as fit."""
    changed = [one for one in run.done if one.result.outcome in CHANGED]
    entries: Iterator[Entry] = map(_diff_entry, changed)
    shown, more = within(entries, DIFF_BYTES, total=len(changed))
    if more:
        text = f"{more} more"
        shown.append({"before_header": text, "after_header": text, "before": "", "after": f"{text}\n"})
    return shown


def _diff_entry(done: Done) -> Entry:
    change = done.change
    if change.action is Action.DELETE:
        return delete_entry(change)
    if change.action is Action.CREATE and change.comparison:
        return create_entry(change.key, change.comparison.patch)
    return update_entry(change, {})


def fails_workloads(run: WorkloadRun) -> str | None:
    """Red when anything sleeps that was to wake, or could not be read, or has not its Pods; the message names some."""
    failed = [message_of(one) or str(one.change.key) for one in ordered(run.done) if _is_failed(one)]
    not_ready = [f"{key} is not ready: {why}" for key, why in sorted(run.not_ready.items())]
    texts = [*run.problems, *failed, *not_ready]
    if not texts:
        return None
    named = "; ".join(cut(printable(text)) for text in texts[:_NAMED])
    more = f"; and {len(texts) - _NAMED} more" if len(texts) > _NAMED else ""
    wanted = "active" if run.plan.settings.active else "held"
    return f"not all that was to be {wanted} is: {named}{more}"


def _is_failed(done: Done) -> bool:
    return done.result.outcome is Outcome.FAILED
