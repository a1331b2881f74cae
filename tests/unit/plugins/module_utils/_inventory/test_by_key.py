# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of an inventory, by key."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._inventory.by_key import ByKey, Row
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from inventories import part_of

A, B, C = (ObjectKey("", "ConfigMap", "shop", name) for name in "abc")
OLD, NEW = InventoryEntry("u1", "p1", "shop"), InventoryEntry("", "p2", "shop")


ROWS = ByKey((part_of("b1", {A: OLD}), part_of("b2", {B: NEW})))


def test_a_row_is_found_in_whichever_backup_it_is_with_the_labels_of_that_restore() -> None:
    assert ROWS.get(A) == Row(OLD, ("b1", "b1"))
    assert ROWS.get(B) == Row(NEW, ("b2", "b2"))
    assert ROWS.get(C) is None
    assert ByKey().get(A) is None


def test_proven_is_what_has_a_uid() -> None:
    assert ROWS.proven(A) == OLD
    assert ROWS.proven(B) is None
    assert ROWS.proven(C) is None
