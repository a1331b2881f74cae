# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stages and workers: a stage's changes run in parallel, each result goes into its slot, one thread folds them.

Deletions come last, type after type. What became of the other objects may forbid them: then they are skips.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from itertools import groupby

from .._decide.order import GROWING_QUOTAS, stage_of, stage_of_change
from .._decide.places import Label, lies_in, opened_by
from .._decide.prune import stop_of_run
from .._fault import shielded
from .._kinds import CRDS, LIMIT_RANGES, NAMESPACES, PRIORITY_CLASSES, SECRETS
from .._prune_words import KeepReason, Stop, StopReason
from .._values import Change, Done, ObjectResult
from .._vocabulary import NOT_IN_SYNC, Action, Outcome, Reason
from .carry_out import carry_out, is_settled, settled
from .crds import wait_learnt, wait_served
from .executor import Executor
from .quotas import wait_followed
from .results import failed
from .schema import gained_fields, speaks_of
from .workers import in_parallel

SETTLING = 0.25
"""Seconds after which the API server's admission, behind its caches, sees what was stored: a Pod that comes sooner is
refused for want of its PriorityClass (seen on 1.36), or may silently get none of its LimitRange's defaults."""

_READ_BY_ADMISSION = frozenset((GROWING_QUOTAS, *map(stage_of, (LIMIT_RANGES, PRIORITY_CLASSES))))
_BRINGING = frozenset((Outcome.CREATED, Outcome.UPDATED, Outcome.RECREATED))
_STAYS = frozenset((Outcome.FAILED, Outcome.SKIPPED))
_ENDED = frozenset((Reason.LOCK_LOST, Reason.UNREACHABLE, Reason.CANCELLED, Reason.RUN_TIMEOUT))


def apply(executor: Executor, changes: Sequence[Change], concurrency: int) -> list[Done]:
    """What became of each change, in the plan's order; `changes` are sorted by stage, then come the deletions."""
    deletions = [change for change in changes if change.action is Action.DELETE]
    others = [change for change in changes if change.action is not Action.DELETE]
    restored = _restored(executor, others, concurrency)
    deleted = _deleted(executor, deletions, stop_of_run(restored), concurrency)
    rest, gone = iter(restored), iter(deleted)  # a deletion that is held back stands between the others
    return [next(gone if change.action is Action.DELETE else rest) for change in changes]


def _restored(executor: Executor, changes: Sequence[Change], concurrency: int) -> list[Done]:
    results: list[Done] = []
    for stage, group in groupby(changes, key=stage_of_change):
        done = _stage(executor, list(group), concurrency)
        results.extend(done)
        executor.guard(partial(_after, executor, stage, changes, done))
    executor.guard(partial(_forget_gained_fields, executor))
    return results


def _after(executor: Executor, stage: int, changes: Sequence[Change], done: Sequence[Done]) -> None:
    """What the next stage stands on: what is there by now, and what the API server has to see first."""
    if stage == GROWING_QUOTAS and not executor.dry_run:
        wait_followed(executor, done)
    if stage in _READ_BY_ADMISSION and any(map(_is_new, done)) and not executor.dry_run:
        executor.sleep(SETTLING)
    if stage == stage_of(SECRETS):
        executor.standing.update(one.change.key for one in done if _stands(one))
    if stage == stage_of(NAMESPACES):
        _note_lost_namespaces(executor, done)
    if stage == stage_of(CRDS):
        _note_gained_fields(executor, done)
        _wait_for_definitions(executor, changes, done)


def _stage(executor: Executor, changes: list[Change], concurrency: int) -> list[Done]:
    """What sends nothing is settled on the way; the rest goes to the workers."""
    slots: list[Done | None] = [None] * len(changes)
    due = []
    for index, change in enumerate(changes):
        if is_settled(change):
            slots[index] = settled(change)
        else:
            due.append(index)
    executor.tell(changes[0].ref.resource, len(changes) - len(due))

    def work(index: int) -> None:
        slots[index] = _told(executor, changes[index])

    in_parallel(due, work, concurrency, executor.stopping)
    return [slot or _unfinished(executor, change) for change, slot in zip(changes, slots, strict=True)]


def _carried_out(executor: Executor, change: Change) -> Done:
    with executor.memory.taken(executor.weight(change.ref)):
        return carry_out(executor, change)


def _told(executor: Executor, change: Change) -> Done:
    """Whatever happens to one object is its own result: thousands of others are not lost for it."""
    nothing: Done | None = None
    done, problems = shielded(partial(_carried_out, executor, change), nothing)
    executor.tell(change.ref.resource)
    return done or Done(change, failed(Reason.FAULT, "; ".join(problems)))


def _unfinished(executor: Executor, change: Change) -> Done:
    """Of an object whose request was not answered when the run ended."""
    reason = executor.stopping.why or Reason.FAULT
    return Done(change, failed(reason, "its request was still under way; the next run compares it again"))


def _deleted(executor: Executor, deletions: Sequence[Change], stop: Stop | None, concurrency: int) -> list[Done]:
    """A lock that is lost, or a target that does not answer, ends them; what stays after all keeps its Namespace."""
    results: list[Done] = []
    held: set[Label] = set()
    for _resource, group in groupby(deletions, key=lambda change: change.ref.resource):
        done = _deleted_type(executor, list(group), held, stop, concurrency)
        stop = stop or next((_interrupted(one.change) for one in done if one.result.reason in _ENDED), None)
        held.update(label for one in done if one.result.outcome in _STAYS for label in lies_in(one.change.key))
        results.extend(done)
    return results


def _deleted_type(
    executor: Executor, changes: list[Change], held: Collection[Label], stop: Stop | None, concurrency: int
) -> list[Done]:
    """What was not begun when another one ended them is left as it is."""
    begun: dict[int, Done | None] = {}
    ended: list[Change] = []

    def work(index: int) -> None:
        if not ended:
            begun[index] = None
            done = begun[index] = _told(executor, changes[index])
            if done.result.reason in _ENDED:
                ended.append(changes[index])

    due = [] if stop else [index for index, change in enumerate(changes) if opened_by(change.key) not in held]
    in_parallel(due, work, concurrency, executor.stopping)
    stop = stop or (_interrupted(ended[0]) if ended else None)
    return [
        (begun[index] or _unfinished(executor, change)) if index in begun else _not_begun(change, stop)
        for index, change in enumerate(changes)
    ]


def _not_begun(change: Change, stop: Stop | None) -> Done:
    if stop is None:
        return Done(change, ObjectResult(Outcome.SKIPPED, KeepReason.HOLDS))
    return Done(change, ObjectResult(Outcome.SKIPPED, stop.reason, stop.detail))


def _interrupted(change: Change) -> Stop:
    return Stop(StopReason.INTERRUPTED, f"when {change.key} was to be deleted")


def _stands(done: Done) -> bool:
    outcomes = (Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED, Outcome.RECREATED)
    return done.result.outcome in outcomes and done.result.reason not in NOT_IN_SYNC


def _is_new(done: Done) -> bool:
    return done.result.outcome in _BRINGING


def _note_lost_namespaces(executor: Executor, done: Sequence[Done]) -> None:
    """Those that could not be created: nothing can lie in them."""
    for change, result in done:
        if change.action is Action.CREATE and result.outcome is Outcome.FAILED:
            executor.lost_namespaces[change.key.name] = result.detail


def _note_gained_fields(executor: Executor, definitions: Sequence[Done]) -> None:
    for change, result in definitions:
        if result.outcome is Outcome.UPDATED:
            executor.gained.update(gained_fields(change.key.name, change.comparison))


def _forget_gained_fields(executor: Executor) -> None:
    """What an API server dropped before it learnt of a field, or in a dry run, is no field that the target lacks."""
    for (resource, version), paths in executor.gained.items():
        if (resource, version) not in executor.unlearnt:
            fields = executor.client.dropped_fields
            kept = {field for field in fields.pop(resource, set()) if not speaks_of(paths, field)}
            fields.update({resource: kept} if kept else {})


def _wait_for_definitions(executor: Executor, changes: Sequence[Change], definitions: Sequence[Done]) -> None:
    """A dry run stores no definition; types and fields that this run brings are waited for, others are there."""
    if executor.dry_run:
        return
    new = {done.change.key.name for done in filter(_is_new, definitions)}
    wanted = {
        (change.ref.resource, change.ref.version)
        for change in changes
        if change.ref.resource in new and executor.discovery.find(change.ref.resource, change.ref.version) is None
    }
    if wanted:
        found = wait_served(executor, wanted)
        executor.discovery = found.with_types_of(executor.discovery)
    for place in executor.gained:
        wait_learnt(executor, (change for change in changes if (change.ref.resource, change.ref.version) == place))
