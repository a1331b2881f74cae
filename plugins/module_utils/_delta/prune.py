# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what is left over is deleted, and what of it: a table of stops and guards, and nothing is written here.

A stop keeps everything, a guard one object. The bounds count all of the delta, guarded objects too: how much a backup
lacks is what tells a backup of the wrong night, not how much of it this run may delete. They are compared in whole
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from .._decide.order import sort_key
from .._select.protected import in_full
from .._values import BackupItem, ObjectKey
from .delta import Delta, Left
from .places import lies_in, opened_by
from .reasons import GUARDS, Guard, Stop, StopReason
from .terms import Terms, stops_between


class Pruning(NamedTuple):
    """How the user wants what is left over deleted."""

    max_count: int = 10
    max_percent: int = 10
    """Of the objects that were selected of the previous backup."""
    allow: tuple[str, ...] = ()
    """`resource`, `resource/name` or `resource/namespace/name` of what is deleted only when named."""


class RunFacts(NamedTuple):
    """What the run says of itself before it prunes."""

    failed: int
    """Objects."""
    unproven: int
    incomplete: tuple[str, ...]
    """API groups that did not answer, types that could not be listed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is meant to happen to one object of the delta."""

    key: ObjectKey
    item: BackupItem | None
    """For its deletion: key, resource and version; None when the object could not be read."""
    uid: str
    """The only one that may be deleted."""
    guard: Guard | None = None
    """Why it is kept; None when it may be deleted."""
    why: str = ""
    """As the end of a sentence that starts with the object."""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """The same in check mode, in a report and in a run; only a run carries out the deletions."""

    stops: tuple[Stop, ...] = ()
    """Everything that stands in the way: with any of them nothing is deleted."""
    objects: tuple[Verdict, ...] = ()
    """All of the delta, sorted by key."""

    @property
    def deletions(self) -> tuple[Verdict, ...]:
        """In the reverse order of a restore."""
        return () if self.stops else in_reverse(self.objects)


def resolved(pruning: Pruning, resolve: Callable[[str], str]) -> Pruning:
    """With each resource under its full name."""
    return pruning._replace(allow=in_full(pruning.allow, resolve))


def decide(delta: Delta, previous: Terms | None, this: Terms, run: RunFacts, pruning: Pruning) -> PrunePlan:
    """`previous` is the backup to compare with, `this` the one restored now."""
    stops = (*stops_between(previous, this), *_stops_of(run, delta), *_bounds(len(delta.objects), previous, pruning))
    return PrunePlan(stops, tuple(_verdicts(delta.objects, this)))


def in_reverse(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Those that may be deleted: what is restored first goes last."""
    free = [(sort_key(verdict.item), verdict) for verdict in verdicts if verdict.item and not verdict.guard]
    return tuple(verdict for _order, verdict in sorted(free, key=lambda pair: pair[0], reverse=True))


def _stops_of(run: RunFacts, delta: Delta) -> Iterator[Stop]:
    if run.failed:
        yield Stop(StopReason.FAILED, str(run.failed))
    if run.unproven:
        yield Stop(StopReason.UNPROVEN, str(run.unproven))
    unread = sum(left.live is None for left in delta.objects)
    details = [*sorted(run.incomplete), *([f"{unread} objects could not be read"] if unread else [])]
    if details:
        yield Stop(StopReason.INCOMPLETE, ", ".join(details))


def _bounds(count: int, previous: Terms | None, pruning: Pruning) -> Iterator[Stop]:
    if count > pruning.max_count:
        yield Stop(StopReason.OVER_COUNT, f"{count} of at most {pruning.max_count}")
    if previous and count * 100 > pruning.max_percent * previous.selected:
        of = f"{count} of {previous.selected} selected of {previous.backup.name}, at most {pruning.max_percent} %"
        yield Stop(StopReason.OVER_PERCENT, of)


def _verdicts(objects: Sequence[Left], this: Terms) -> list[Verdict]:
    """What is kept, for whatever reason, keeps the Namespace and the definition with which it would go."""
    known: dict[Terms, str] = {}
    found = [_verdict(left, this, known) for left in objects]
    held = {label for verdict in found if verdict.guard for label in lies_in(verdict.key)}
    return [
        _kept(left, Guard.HOLDS) if not verdict.guard and opened_by(verdict.key) in held else verdict
        for left, verdict in zip(objects, found, strict=True)
    ]


def _verdict(left: Left, this: Terms, known: dict[Terms, str]) -> Verdict:
    candidate, live = left.candidate, left.live
    if live is None:
        return _kept(left, Guard.UNREAD)
    if live.guard:
        return _kept(left, live.guard, live.why)
    if candidate.label and candidate.label != live.backup_label:
        return _kept(left, Guard.NOT_LABELLED)
    if candidate.doubtful:
        return _kept(left, Guard.DOUBTFUL)
    if candidate.terms not in known:
        known[candidate.terms] = "; ".join(map(str, stops_between(candidate.terms, this)))
    if known[candidate.terms]:
        return _kept(left, Guard.OTHER_TERMS, f"{GUARDS[Guard.OTHER_TERMS]}: {known[candidate.terms]}")
    if candidate.holding:
        return _kept(left, Guard.HOLDS)
    return Verdict(candidate.key, live.item, live.uid)


def _kept(left: Left, guard: Guard, why: str = "") -> Verdict:
    live = left.live
    return Verdict(
        left.candidate.key, live.item if live else None, live.uid if live else "", guard, why or GUARDS[guard]
    )
