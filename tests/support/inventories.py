# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory has, where it is no matter of what backup."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey


def part_of(backup: str, entries: dict[ObjectKey, InventoryEntry]) -> BackupInventory:
    """The rows of one backup, whose restore is called like it."""
    return BackupInventory(RestoreScope(BackupInfo(backup), "all", len(entries), (backup, backup)), entries)
