# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what is stale is deleted, and what of it: a table of stops and reasons to keep; nothing is written here.

A stop keeps everything, a reason one object. The bounds count all of the delta, kept objects too: how much a backup
lacks is what tells a backup of the wrong night, not how much of it this run may delete. They are compared in whole
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .._inventory.comparable import stops_between
from .._inventory.entries import RestoreScope
from .._inventory.kept_copy import COPIED
from .._match.entries import in_full
from .._prune_words import KeepReason, Stop, StopReason
from .._values import Change, Comparison, Done, Held, ObjectKey, ObjectRef
from .._vocabulary import Action, Outcome, Reason
from .exemptions import bears
from .lacking import lacking_for
from .order import sort_key
from .places import lies_in, opened_by
from .stale import Delta, StaleObject


class Pruning(NamedTuple):
    """How the user wants stale objects deleted."""

    max_count: int = 10
    max_percent: int = 10
    """Of the objects that were selected of the previous backup."""
    allow: tuple[str, ...] = ()
    """`resource`, `resource/name` or `resource/namespace/name` of what is deleted only when named."""
    after: int = 1
    """How many backups of the schedule must have lacked an object."""
    signed: bool = False
    """Whether the inventory is, so that an entry is proof by itself, for objects that have no labels of a restore."""

    def resolved(self, resolve: Callable[[str], str]) -> Pruning:
        """With each resource under its full name."""
        return self._replace(allow=in_full(self.allow, resolve))


class RunHealth(NamedTuple):
    """What a run says of itself before it deletes anything."""

    failed: int = 0
    """Objects."""
    unverified: int = 0
    incomplete: tuple[str, ...] = ()
    """API groups that did not answer, types that could not be listed."""
    unproven: str = ""
    """Why nobody knows whether the types of the target are all that it has."""


@dataclass(frozen=True, slots=True)
class PruneDecision:
    """What is meant to happen to one object of the delta."""

    key: ObjectKey
    ref: ObjectRef | None
    """For its deletion; None when the object could not be read."""
    uid: str
    """The only one that may be deleted."""
    keep: KeepReason | None = None
    """None when it may be deleted."""
    detail: str = ""
    lacking_for: int = 0
    """How many backups have lacked it, this one included."""
    found: Comparison | None = field(default=None, repr=False)
    """As it was read, for its deletion: version, the label that proves who made it, its body for a diff."""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """The same in check mode, in a report and in a run."""

    stops: tuple[Stop, ...] = ()
    """Everything that stands in the way: with any of them nothing is deleted."""
    objects: tuple[PruneDecision, ...] = ()
    """All of the delta, sorted by key."""

    @property
    def deletions(self) -> tuple[Change, ...]:
        """In the reverse order of a restore."""
        return () if self.stops else _in_reverse(self.objects)


def plan_prune(
    delta: Delta, previous: RestoreScope | None, this: RestoreScope, health: RunHealth, pruning: Pruning
) -> PrunePlan:
    """`previous` is the backup to compare with, `this` the one restored now."""
    stops = (*stops_between(previous, this), *_stops_of(health, delta), *_bounds(len(delta.objects), previous, pruning))
    return PrunePlan(stops, tuple(_decisions(delta.objects, this, pruning)))


def stop_of_run(done: Iterable[Done]) -> Stop | None:
    """What became of the other objects may forbid deletions that were planned before."""
    failed = unverified = 0
    for one in done:
        failed += one.result.outcome is Outcome.FAILED
        unverified += one.result.reason is Reason.UNVERIFIED
    return next(_stops_of(RunHealth(failed, unverified), Delta()), None)


def let_through(plan: PrunePlan, held_back: Callable[[Change], Change]) -> tuple[PrunePlan, list[Change]]:
    """The deletions once some are held back. One that fails for it is a failed object, which stops all the others."""
    deletions = [held_back(change) for change in plan.deletions]
    refused = [change for change in deletions if change.action is Action.FAIL]
    if not refused:
        return plan, _keep_holders(deletions)
    stop = Stop(StopReason.OBJECTS_FAILED, f"{len(refused)} of the deletions, which privileged_objects refuses")
    return replace(plan, stops=(stop,)), refused


def _keep_holders(deletions: Sequence[Change]) -> list[Change]:
    """With what is held back its Namespace stays, which would take it along."""
    held = {label for change in deletions if change.action is not Action.DELETE for label in lies_in(change.key)}
    return [
        replace(change, action=Action.SKIP, reason=KeepReason.HOLDS)
        if change.action is Action.DELETE and opened_by(change.key) in held
        else change
        for change in deletions
    ]


def _in_reverse(decisions: Iterable[PruneDecision]) -> tuple[Change, ...]:
    """Those that may be deleted: what is restored first goes last."""
    due = (one for one in decisions if one.keep is None)
    changes = [Change(one.ref, Action.DELETE, comparison=one.found) for one in due if one.ref]
    return tuple(sorted(changes, key=lambda change: sort_key(change.ref), reverse=True))


def _stops_of(health: RunHealth, delta: Delta) -> Iterator[Stop]:
    if health.failed:
        yield Stop(StopReason.OBJECTS_FAILED, str(health.failed))
    if health.unverified:
        yield Stop(StopReason.OBJECTS_UNVERIFIED, str(health.unverified))
    unread = sum(stale.live is None for stale in delta.objects)
    details = [*sorted(health.incomplete), *([f"{unread} objects could not be read"] if unread else [])]
    if details:
        yield Stop(StopReason.INCOMPLETE, ", ".join(details))
    if health.unproven:
        yield Stop(StopReason.DISCOVERY_UNPROVEN, health.unproven)


def _bounds(count: int, previous: RestoreScope | None, pruning: Pruning) -> Iterator[Stop]:
    if count > pruning.max_count:
        yield Stop(StopReason.OVER_COUNT, f"{count} of at most {pruning.max_count}")
    if previous and count * 100 > pruning.max_percent * previous.selected:
        of = f"{count} of {previous.selected} selected of {previous.backup.name}, at most {pruning.max_percent} %"
        yield Stop(StopReason.OVER_PERCENT, of)


def _decisions(objects: Sequence[StaleObject], this: RestoreScope, pruning: Pruning) -> list[PruneDecision]:
    """What is kept, for whatever reason, keeps the Namespace and the definition with which it would go."""
    known: dict[RestoreScope, str] = {}
    found = [_decision(stale, this, pruning, known) for stale in objects]
    held = {label for decision in found if decision.keep for label in lies_in(decision.key)}
    return [
        replace(decision, keep=KeepReason.HOLDS, found=None)
        if not decision.keep and opened_by(decision.key) in held
        else decision
        for decision in found
    ]


def _decision(
    stale: StaleObject, this: RestoreScope, pruning: Pruning, known: dict[RestoreScope, str]
) -> PruneDecision:
    """`known` keeps what stands between each earlier backup and this one: most objects are of few."""
    candidate, live = stale.candidate, stale.live
    number = lacking_for(candidate.entry, this)
    if candidate.scope not in known:
        known[candidate.scope] = "; ".join(map(str, stops_between(candidate.scope, this)))
    keep, detail = _kept(stale, known[candidate.scope], number, pruning)
    if live is None:
        return PruneDecision(candidate.key, None, "", keep, detail, number)
    version, labels = live.resource_version, candidate.labels
    held = Held(COPIED, awake=not live.copied) if candidate.entry.held == COPIED else None
    found = None if keep else Comparison(version, before=live.body, labels=labels, uid=live.uid, held=held)
    return PruneDecision(candidate.key, live.ref, live.uid, keep, detail, number, found)


def _kept(stale: StaleObject, differences: str, number: int, pruning: Pruning) -> tuple[KeepReason | None, str]:
    """Why the object is kept, and what goes with it; what weighs most is told."""
    candidate, live = stale.candidate, stale.live
    if live is None:
        return KeepReason.UNREAD, ""
    if live.keep:
        return live.keep, live.detail
    if candidate.scope.rebuilt:
        return KeepReason.REBUILT, ""
    if not bears(live, candidate.labels):
        return KeepReason.NOT_LABELLED, ""
    if candidate.labels == (None, None) and not pruning.signed:
        return KeepReason.UNSIGNED, ""
    if candidate.doubtful:
        return KeepReason.DOUBTFUL, ""
    if differences:
        return KeepReason.NOT_COMPARABLE, differences
    if number < pruning.after:
        return KeepReason.NOT_YET, f"{number} of {pruning.after}"
    return (KeepReason.HOLDS, "") if candidate.holding else (None, "")
