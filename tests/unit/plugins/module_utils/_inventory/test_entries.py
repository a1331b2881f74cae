# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an entry says of an object, whatever the mapping made of its namespace."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    InventoryEntry,
    RestoreScope,
    entry_of,
)
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey


def item(resource: str, kind: str, namespace: str, name: str) -> BackupItem:
    return BackupItem(ObjectKey("", kind, namespace, name), resource, "v1", uid="p-1")


CONFIG_MAP = item("configmaps", "ConfigMap", "shop", "a")
NAMESPACE = item("namespaces", "Namespace", "", "shop")


@pytest.mark.parametrize(
    ("found", "uid", "expected"),
    [
        (CONFIG_MAP, "t-1", InventoryEntry("t-1", "p-1", "shop")),
        (CONFIG_MAP, "", InventoryEntry("", "p-1", "shop")),
        (mapped(CONFIG_MAP, {"shop": "store"}), "t-1", InventoryEntry("t-1", "p-1", "shop")),
        (NAMESPACE, "", InventoryEntry("", "p-1", "shop")),
        (mapped(NAMESPACE, {"shop": "store"}), "t-1", InventoryEntry("t-1", "p-1", "shop")),
        (item("persistentvolumes", "PersistentVolume", "", "a"), "", InventoryEntry("", "p-1", "")),
    ],
    ids=["an object", "not proven", "a mapped one", "a Namespace", "a mapped Namespace", "a cluster-scoped object"],
)
def test_an_entry_has_the_namespace_in_the_backup_and_that_of_a_namespace_its_name_there(
    found: BackupItem, uid: str, expected: InventoryEntry
) -> None:
    assert entry_of(found, uid) == expected


def test_backups_of_one_schedule_restored_with_one_selection_are_of_one_line() -> None:
    monday, tuesday = (RestoreScope(BackupInfo(name, "nightly"), "all", 10) for name in ("b1", "b2"))
    assert monday.line == tuesday.line == ("nightly", "all")
    assert monday._replace(selection="part").line != monday.line
    assert RestoreScope(BackupInfo("b1", "weekly"), "all", 10).line != monday.line
