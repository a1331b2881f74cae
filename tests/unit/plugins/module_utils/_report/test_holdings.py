# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory in a few lines."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._report.holdings import holdings
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey

ROW = InventoryEntry("u", "p", "shop")


def part(name: str, *kinds: str, schedule: str = "hourly") -> BackupInventory:
    entries = {}
    for number, called in enumerate(kinds):
        kind, _dot, group = called.partition(".")
        entries[ObjectKey(group, kind, "shop", str(number))] = ROW
    return BackupInventory(RestoreScope(BackupInfo(name, schedule), "all", 1), entries)


def test_each_backup_has_a_line_with_its_kinds() -> None:
    inventory = (
        part("b1", "ConfigMap", "Deployment.apps", "ConfigMap"),
        part("b2", schedule=""),
        part("b\x1b3", "Secret"),
    )
    assert list(holdings(inventory)) == [
        "backup b1 (schedule hourly): 3 objects: ConfigMap 2, Deployment.apps 1",
        "backup b2: 0 objects",
        "backup b\\x1b3 (schedule hourly): 1 objects: Secret 1",
    ]


def test_of_many_the_last_are_named() -> None:
    lines = list(holdings(tuple(part(f"b{number}", "ConfigMap") for number in range(50))))
    assert (len(lines), lines[-1]) == (21, "30 earlier backups: 30 objects")
    [line] = holdings((part("b", *(f"Kind{number:02}" for number in range(30))),))
    assert line.endswith("Kind11 1, 18 more kinds")
