# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many backups in a row have lacked an object, told by what nights bring."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.lacking import (
    count_lacking,
    lacking_for,
    reset_returned,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    NOT_LACKING,
    BackupInventory,
    Inventory,
    InventoryEntry,
    Lacking,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey

INFO = BackupInfo("b1", "hourly", "2026-11-24T01:00:00Z", "", "Completed", 0, "all", "c1", 100)
KEY = ObjectKey("", "ConfigMap", "shop", "web")
ITEM = BackupItem(KEY, "configmaps", "v1", uid="p-1")
OTHER = BackupItem(KEY._replace(name="other"), "configmaps", "v1", uid="p-2")


def scope(hour: int, selection: str = "all", **info: object) -> RestoreScope:
    made = replace(INFO, name=f"b{hour}", started=f"2026-11-24T{hour:02}:00:00Z", **info)
    return RestoreScope(made, selection, 90)


def inventory(lacking: Lacking = NOT_LACKING, uid: str = "t-1") -> Inventory:
    """What the target has of the backup of 01:00."""
    return (BackupInventory(scope(1), {KEY: InventoryEntry(uid, "p-1", "shop", lacking)}),)


def number(found: Inventory) -> int:
    return found[0].entries[KEY].lacking.backups


def after(*runs: tuple[RestoreScope, list[BackupItem]]) -> int:
    """What is counted once these backups were restored, whatever they did to the target."""
    found = inventory()
    for this, items in runs:
        found = count_lacking(reset_returned(found, this, items), this, items)
    return number(found)


LACKS, HAS = [OTHER], [OTHER, ITEM]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([], 0),
        ([(scope(2), HAS)], 0),
        ([(scope(2), LACKS)], 1),
        ([(scope(2), LACKS), (scope(3), LACKS), (scope(4), LACKS)], 3),
        ([(scope(2), LACKS)] * 3, 1),
        ([(scope(3), LACKS), (scope(2), LACKS)], 1),
        ([(scope(2), LACKS), (scope(3), LACKS), (scope(2), LACKS), (scope(3), LACKS)], 2),
        ([(scope(2), LACKS), (scope(3), HAS)], 0),
        ([(scope(2), LACKS), (scope(3), HAS), (scope(4), LACKS)], 1),
        ([(scope(2), LACKS), (scope(3, "part"), HAS), (scope(4), LACKS)], 1),
    ],
    ids=[
        "nothing",
        "it has it",
        "it lacks it",
        "three in a row",
        "the same three times",
        "an older one after it",
        "in turn",
        "it is back",
        "back and away again",
        "back in a run with another selection",
    ],
)
def test_each_backup_that_lacks_it_counts_once(runs, expected):
    assert after(*runs) == expected


@pytest.mark.parametrize(
    "this",
    [
        scope(2, phase="PartiallyFailed"),
        scope(2, errors=1),
        scope(2, source="c2"),
        scope(2, scope="part"),
        scope(2, schedule="weekly"),
        scope(2, schedule=""),
        scope(2, "part"),
        scope(2)._replace(selected=0),
        scope(0),
        RestoreScope(replace(INFO, name="b2", started=""), "all", 90),
    ],
)
def test_a_backup_that_does_not_compare_is_not_counted(this):
    assert after((this, LACKS)) == 0


def test_what_nothing_proves_is_not_counted():
    assert number(count_lacking(inventory(uid=""), scope(2), LACKS)) == 0


def test_in_whatever_form_a_backup_has_it_that_is_no_lack():
    renamed = BackupItem(KEY._replace(name="renamed"), "configmaps", "v1", uid="p-1")
    broken = replace(ITEM, key=KEY._replace(kind="configmaps"), uid="", problem="is not valid JSON")
    for item in (renamed, broken):
        assert after((scope(2), [item])) == 0
        assert after((scope(2), LACKS), (scope(3), [item])) == 0


def test_nothing_is_looked_at_where_nothing_can_change():
    def never():
        yield from [ITEM][: looked()]

    def looked():
        raise AssertionError("the items were looked at")

    found = inventory()
    assert reset_returned(found, scope(2), never()) is found
    assert count_lacking(found, scope(1), never()) is found
    assert count_lacking(inventory(uid=""), scope(2), never()) == inventory(uid="")


@pytest.mark.parametrize(
    ("lacking", "hour", "expected"),
    [
        (NOT_LACKING, 2, 1),
        (Lacking(1, "2026-11-24T02:00:00Z"), 2, 1),
        (Lacking(1, "2026-11-24T02:00:00Z"), 3, 2),
        (Lacking(7, "2026-11-24T09:00:00Z"), 3, 7),
    ],
)
def test_this_backup_counts_as_well_unless_it_was_counted(lacking, hour, expected):
    assert lacking_for(InventoryEntry("t-1", "p-1", "shop", lacking), scope(hour)) == expected
