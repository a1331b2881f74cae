# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this restore compares: the same for every object, whenever it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .._hold.hold import Hold
from .._unstructured import without_named
from .._values import BackupItem, Body, Comparison, Held, Named, ObjectKey
from . import admitted, compare, three_way
from .ignored import Ignored
from .rebase import by_rows
from .rebase_rules import RebaseRule, RebaseRules
from .replicas import KEPT
from .target_fields import TargetFields

_SLEEPS = "what is held sleeps, whoever else has a say in the field"


@dataclass(frozen=True)
class Comparer:
    """Compares the live object of an item with its prepared body. Fit for many threads."""

    ignored: Ignored = field(default_factory=Ignored)
    kept_replicas: frozenset[ObjectKey] = frozenset()
    """Keys on the target of what an autoscaler scales, when their replicas are the target's."""
    withheld: Callable[[BackupItem, Body], tuple[Named, ...]] | None = None
    """Labels and annotations of an item that would give more rights than its live object has; None withholds none."""
    hold: Hold = field(default_factory=Hold)
    target_fields: TargetFields = field(default_factory=TargetFields, compare=False)
    """What this restore found of the fields of each type."""

    def __call__(self, item: BackupItem, live: Body, desired: Body) -> Comparison:
        names = self.withheld(item, live) if self.withheld else ()
        held, wanted = self.hold.beside(item, live, without_named(desired, names))
        found = compare.compare(item.resource, live, wanted, self._rows(item, held))
        return replace(found, withheld=names, held=held) if names or held else found

    def admitted(
        self, item: BackupItem, comparison: Comparison, desired: Body, answer: Body, keep: bool = True
    ) -> admitted.Admitted:
        """What the patch comes to, by the answer to a dry-run create of the desired body."""
        rows = self._rows(item, comparison.held)
        return admitted.admitted(item.resource, comparison, desired, answer, rows, keep)

    def changed_by(self, item: BackupItem, live: Body, desired: Body, previous_desired: Body) -> three_way.ChangedBy:
        """Who changed an object that differs since the backup that `previous_desired` is of."""
        held, wanted = self.hold.beside(item, live, desired)
        previously, before = self.hold.beside(item, live, previous_desired)
        rows, rows_before = self._rows(item, held), self._rows(item, previously)
        return three_way.changed_by(item.resource, live, wanted, before, rows, rows_before)

    def kept_in(self, item: BackupItem, live: Body, desired: Body) -> Body:
        """The desired body for an object that is to replace the live one: what is left to the target is kept."""
        held, wanted = self.hold.beside(item, live, desired)
        return by_rows(self._rows(item, held), live, wanted)

    def _rows(self, item: BackupItem, held: Held | None = None) -> RebaseRules:
        rows = self.ignored.rows(item.resource) if self.ignored.fields else ()
        rows = (*KEPT, *rows) if item.key in self.kept_replicas else rows
        return (*rows, self._asleep(item, held)) if held and not held.own else rows

    def _asleep(self, item: BackupItem, held: Held) -> RebaseRule:
        """The row that is last of all."""
        return RebaseRule("", lambda _live, desired: self.hold.settled(item, held, desired), _SLEEPS, last=True)
