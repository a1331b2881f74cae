# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the views show of a report, bounded: a template arranges it and adds nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from .diff_lines import DiffLines
from .escapes import Own
from .plot import Plot
from .verdict import Verdict

T = TypeVar("T")

Fact = tuple[Own, str]
"""A label and what stands beside it."""


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """The first of a list, and how long it is."""

    items: Sequence[T]
    total: int

    @property
    def more(self) -> int:
        return max(self.total - len(self.items), 0)


@dataclass(frozen=True, slots=True)
class ShownObject:
    """One object, under whichever heading it stands."""

    name: str
    """`Deployment.apps shop/web`."""
    outcome: str
    reason: str = ""
    message: str = ""
    notes: Sequence[str] = ()
    """Where it was changed or comes from; what it brings."""
    diff: DiffLines | None = None


@dataclass(frozen=True, slots=True)
class KindRow:
    """How many objects of one kind had which outcome."""

    name: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stale:
    """What an earlier backup restored and this one no longer has."""

    previous: str
    stops: Sequence[str]
    objects: Listed[ShownObject]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that readiness depends on."""

    name: str
    passed: bool | None
    """None where it could not be found out."""
    message: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run among the earlier ones."""

    ended: Own
    word: Own
    drift: Own
    duration: Own
    age: Own


@dataclass(frozen=True, slots=True)
class History:
    """Of all runs that are known."""

    plots: Sequence[Plot]
    since: Own
    until: Own
    rows: Sequence[RunRow]
    """The newest, newest first."""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything, in the order in which it is read."""

    cluster: str
    verdict: Verdict
    error: str
    is_check: bool
    backup: str
    taken: Own
    age: Own
    """How old the backup was when the run ended: so far behind is the standby."""
    drift: Own
    left: Own
    """What has become of the drift."""
    duration: Own
    completed: Own
    failed: Listed[ShownObject]
    errors: Listed[str]
    """Of the restore as such."""
    ready: bool | None
    checks: Sequence[Check]
    verified: bool | None
    undone: Listed[str]
    different: Listed[ShownObject]
    changed: Listed[ShownObject]
    has_diffs: bool
    relabelled: int
    stale: Stale | None
    privileged: Listed[ShownObject]
    history: History
    kinds: Listed[KindRow]
    counts: Mapping[str, int]
    """By outcome, without those that no object had."""
    total: int
    facts: Sequence[Fact]
    warnings: Listed[str]
