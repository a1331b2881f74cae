# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How this restore compares: the same for every object, whenever it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .._unstructured import without_named
from .._values import BackupItem, Body, Comparison, Named, ObjectKey
from . import admitted, compare, three_way
from .ignored import Ignored
from .rebase import by_rows
from .rebase_rules import RebaseRules
from .replicas import KEPT


@dataclass(frozen=True)
class Comparer:
    """Compares the live object of an item with its prepared body. Fit for many threads."""

    ignored: Ignored = field(default_factory=Ignored)
    kept_replicas: frozenset[ObjectKey] = frozenset()
    """Keys on the target of what an autoscaler scales, when their replicas are the target's."""
    withheld: Callable[[BackupItem, Body], tuple[Named, ...]] | None = None
    """Labels and annotations of an item that would give more rights than its live object has; None withholds none."""

    def __call__(self, item: BackupItem, live: Body, desired: Body) -> Comparison:
        names = self.withheld(item, live) if self.withheld else ()
        found = compare.compare(item.resource, live, without_named(desired, names), self._rows(item))
        return replace(found, withheld=names) if names else found

    def admitted(
        self, item: BackupItem, comparison: Comparison, desired: Body, answer: Body, keep: bool = True
    ) -> admitted.Admitted:
        """What the patch comes to, by the answer to a dry-run create of the desired body."""
        return admitted.admitted(item.resource, comparison, desired, answer, self._rows(item), keep)

    def changed_by(self, item: BackupItem, live: Body, desired: Body, previous_desired: Body) -> three_way.ChangedBy:
        """Who changed an object that differs since the backup that `previous_desired` is of."""
        return three_way.changed_by(item.resource, live, desired, previous_desired, self._rows(item))

    def kept_in(self, item: BackupItem, live: Body, desired: Body) -> Body:
        """The desired body for an object that is to replace the live one: what is left to the target is kept."""
        return by_rows(self._rows(item), live, desired)

    def _rows(self, item: BackupItem) -> RebaseRules:
        rows = self.ignored.rows(item.resource) if self.ignored.fields else ()
        return (*KEPT, *rows) if item.key in self.kept_replicas else rows
