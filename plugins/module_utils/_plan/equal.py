# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept until the end of objects that are equal: next to nothing, for nearly all of a hundred thousand are.

Of one that is equal without any reservation, and that the inventory has with the same UID, nobody asks more than which
labels it bears. So those with the same labels share one comparison.
"""

from __future__ import annotations

from dataclasses import replace

from .._inventory.by_key import ByKey
from .._inventory.entries import Inventory, InventoryEntry
from .._values import BackupItem, Change, Comparison
from .._vocabulary import Action


class Recorded:
    """What the inventory has, and the comparisons that are as it says."""

    def __init__(self, inventory: Inventory = ()) -> None:
        self._rows = ByKey(inventory)
        self._shared: dict[tuple[str | None, str | None], Comparison] = {}

    def entry(self, item: BackupItem) -> InventoryEntry | None:
        """What the inventory proves of it."""
        return self._rows.proven(item.key)

    def comparison(self, item: BackupItem) -> Comparison:
        """Of one that is equal. What is not in the inventory bears no labels of a restore."""
        entry = self.entry(item)
        return self._known(entry.labels) if entry else Comparison("")

    def has(self, change: Change) -> bool:
        """Whether it is equal without any reservation, and as the inventory knows it."""
        found = change.comparison
        if found is None or change.action is not Action.NOOP or change.reason is not None:
            return False
        if found.known:
            return True
        if _marked(found):
            return False
        entry = self.entry(change.item)
        return entry.uid == found.uid if entry else found.labels[1] is None

    def slim(self, change: Change) -> Change:
        """The same change; one that is as the inventory says with a comparison that many share."""
        found = change.comparison
        if found is None or found.labels[1] is None or not self.has(change):
            return change
        return replace(change, comparison=self._known(found.labels))

    def _known(self, labels: tuple[str | None, str | None]) -> Comparison:
        return self._shared.setdefault(labels, Comparison("", labels=labels, known=True))


def _marked(found: Comparison) -> bool:
    """Whether there is more to be said of the object than that it is equal."""
    marks = found.trust or found.status or found.withheld or found.held or found.merged or found.terminating
    return bool(marks or not found.equal)
