# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many backups in a row have lacked an object: one may leave the backup and not production.

Counted is each restored backup that compares with the one that the object was restored from, once, and only when it is
later than the last that was counted: neither a second run of the same backup counts, nor an older one. What a backup
has again, in whatever form, begins anew, whatever becomes of its restore.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .._inventory.comparable import stops_between
from .._inventory.entries import NOT_LACKING, BackupInventory, Inventory, InventoryEntry, Lacking, RestoreScope
from .._values import BackupItem, ObjectKey
from .presence import presence_of

_Changed = Callable[[ObjectKey, InventoryEntry], InventoryEntry]


def lacking_for(entry: InventoryEntry, this: RestoreScope) -> int:
    """How many backups have lacked the object, this one included, which lacks it."""
    return entry.lacking.backups + (this.backup.started > entry.lacking.last)


def reset_returned(inventory: Inventory, this: RestoreScope, items: Iterable[BackupItem]) -> Inventory:
    """The inventory before this backup is restored: what it has again was not away."""
    parts = [_has_lacking(part) and part.scope.backup.schedule == this.backup.schedule for part in inventory]
    if not any(parts):
        return inventory
    present = presence_of(items)

    def returned(key: ObjectKey, entry: InventoryEntry) -> InventoryEntry:
        is_back = entry.lacking.backups and present.has(key, entry)
        return entry._replace(lacking=NOT_LACKING) if is_back else entry

    return _changed(inventory, parts, returned)


def _has_lacking(part: BackupInventory) -> bool:
    return any(entry.lacking.backups for entry in part.entries.values())


def count_lacking(inventory: Inventory, this: RestoreScope, items: Iterable[BackupItem]) -> Inventory:
    """The inventory after this backup was restored: what it lacks of those before it is counted."""
    parts = [_is_before(part, this) and any(entry.uid for entry in part.entries.values()) for part in inventory]
    if not any(parts):
        return inventory
    present = presence_of(items)

    def counted(key: ObjectKey, entry: InventoryEntry) -> InventoryEntry:
        number = lacking_for(entry, this)
        if not entry.uid or number == entry.lacking.backups or present.has(key, entry):
            return entry
        return entry._replace(lacking=Lacking(number, this.backup.started))

    return _changed(inventory, parts, counted)


def _is_before(part: BackupInventory, this: RestoreScope) -> bool:
    """Whether what this backup lacks of the part's is gone from production."""
    return part.scope[:2] != this[:2] and not stops_between(part.scope, this)


def _changed(inventory: Inventory, parts: list[bool], changed: _Changed) -> Inventory:
    return tuple(
        replace(part, entries={key: changed(key, entry) for key, entry in part.entries.items()}) if is_due else part
        for part, is_due in zip(inventory, parts, strict=True)
    )
