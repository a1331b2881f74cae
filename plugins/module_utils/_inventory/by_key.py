# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of a whole inventory, by key, without a copy of it."""

from __future__ import annotations

from typing import NamedTuple

from .._values import ObjectKey
from .entries import Inventory, InventoryEntry, Labels


class Row(NamedTuple):
    """Of one object."""

    entry: InventoryEntry
    own: Labels
    """Of the restore that it is a row of."""


class ByKey:
    """No key stands in two parts; most are in that of the backup that was restored last."""

    def __init__(self, inventory: Inventory = ()) -> None:
        self._parts = tuple(reversed(inventory))

    def get(self, key: ObjectKey) -> Row | None:
        for part in self._parts:
            entry = part.entries.get(key)
            if entry:
                return Row(entry, part.scope.labels)
        return None

    def proven(self, key: ObjectKey) -> InventoryEntry | None:
        """With a UID: without one nothing is known of what stands on the target."""
        row = self.get(key)
        return row.entry if row and row.entry.uid else None
