# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run may write and what stands there in the end, as rows of the state."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.record import (
    planned_entries,
    restored_entries,
    selection_id,
)
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupInfo,
    BackupItem,
    Change,
    Comparison,
    ObjectKey,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason

FACTS = BackupInfo("b1", "hourly")
TERMS = RestoreScope(FACTS, "all", 7)
KEY = ObjectKey("", "ConfigMap", "shop", "app")
ITEM = BackupItem(KEY, "configmaps", "v1", size=1, uid="production")
ROW = InventoryEntry("standby", "production", "shop")
OURS = Comparison("1", labels=("b0", "r0"), uid="standby")


# The selection


def a_selection(**options: Any) -> str:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": "/b/hourly-1.tar.gz", **options}
    return selection_id(settings_of(params, check_mode=False, diff_mode=False))


SELECTIONS: list[dict[str, Any]] = [
    {},
    {"included_namespaces": ["shop"]},
    {"excluded_namespaces": ["shop"]},
    {"included_resources": ["shop"]},
    {"excluded_resources": ["shop"]},
    {"include_cluster_resources": True},
    {"include_cluster_resources": False},
    {"label_selector": "app=web"},
    {"label_selector": {"matchLabels": {"app": "web"}}},
    {"or_label_selectors": ["app=web", "app=db"]},
    {"or_label_selectors": ["app=web"]},
    {"namespace_mapping": {"shop": "store"}},
    {"namespace_mapping": {"store": "shop"}},
    {"protect_cluster_objects": False},
    {"protect_except": ["shop"]},
    {"controlled_objects": "skip"},
]


def test_each_option_that_selects_or_maps_makes_another_selection():
    assert len({a_selection(**options) for options in SELECTIONS}) == len(SELECTIONS)


def test_no_filter_is_forgotten():
    assert {field.name for field in fields(Filters) if field.init} <= {name for one in SELECTIONS for name in one}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {},
            {"included_namespaces": ["", " "], "label_selector": "", "or_label_selectors": [], "namespace_mapping": {}},
        ),
        ({"included_namespaces": ["a", "b"]}, {"included_namespaces": ["b", "a "]}),
        ({"protect_except": ["secrets/a", "secrets/b"]}, {"protect_except": ["secrets/b", "secrets/a"]}),
        ({"namespace_mapping": {"a": "x", "b": "y"}}, {"namespace_mapping": {"b": "y", "a": "x", "c": ""}}),
        (
            {"label_selector": {"matchLabels": {"a": "1", "b": "2"}}},
            {"label_selector": {"matchLabels": {"b": "2", "a": "1"}}},
        ),
        (
            {},
            {
                "existing_resource_policy": "update",
                "backup_name": "other",
                "restore_name": "other",
                "delta": "prune",
                "prune_max_count": 0,
                "allow_older": True,
                "concurrency": 1,
                "preserve_node_ports": True,
                "label_unchanged": False,
                "report_path": "/r",
            },
        ),
    ],
)
def test_options_that_say_the_same_make_the_same_selection(one, other):
    assert a_selection(**one) == a_selection(**other)


# Before the first write


MAY_WRITE = {
    Action.CREATE: True,
    Action.UPDATE: True,
    Action.RELABEL: True,
    Action.NOOP: False,
    Action.SKIP: False,
    Action.DELETE: False,
}


@pytest.mark.parametrize("action", Action)
def test_what_a_run_may_write_is_promised_without_a_uid(action):
    owing = planned_entries(TERMS, [Change(ITEM, action, comparison=OURS)])
    assert owing == BackupInventory(FACTS, "all", 7, {KEY: ROW._replace(uid="")} if MAY_WRITE[action] else {})


# At the end


def a_result(outcome: Outcome, uid: str = "", **more: Any) -> ObjectResult:
    return ObjectResult(KEY, "v1", outcome, uid=uid, **more)


def unlabelled(comparison: Comparison) -> Comparison:
    return replace(comparison, labels=(None, None))


@pytest.mark.parametrize(
    ("comparison", "result", "uid"),
    [
        # made by this run
        (None, a_result(Outcome.CREATED, "new"), "new"),
        (OURS, a_result(Outcome.RECREATED, "new"), "new"),
        (None, a_result(Outcome.FAILED, "new", reason=Reason.STATUS_REFUSED), "new"),
        (OURS, a_result(Outcome.FAILED, "back", reason=Reason.ROLLED_BACK), "back"),
        (None, a_result(Outcome.CREATED), ""),
        (OURS, a_result(Outcome.RECREATED), ""),
        # taken over, or ours already
        (OURS, a_result(Outcome.UPDATED), "standby"),
        (unlabelled(OURS), a_result(Outcome.UPDATED), "standby"),
        (OURS, a_result(Outcome.RELABELLED), "standby"),
        (unlabelled(OURS), a_result(Outcome.RELABELLED), "standby"),
        (OURS, a_result(Outcome.UNCHANGED), "standby"),
        (OURS, a_result(Outcome.UNCHANGED, reason=Reason.NO_EFFECT), "standby"),
        # equal by chance: no restore ever labelled it
        (unlabelled(OURS), a_result(Outcome.UNCHANGED), ""),
        (replace(OURS, labels=("b0", None)), a_result(Outcome.UNCHANGED), ""),
        # a ServiceAccount that was merged into somebody's
        (replace(OURS, merged=True), a_result(Outcome.UPDATED), ""),
        (replace(OURS, merged=True), a_result(Outcome.UNCHANGED), ""),
        # nothing is known of it
        (OURS, a_result(Outcome.FAILED, reason=Reason.REFUSED), ""),
        (OURS, a_result(Outcome.SKIPPED, reason=Reason.EXISTS_DIFFERENT), ""),
        (None, a_result(Outcome.FAILED, reason=Reason.REFUSED), ""),
        (None, a_result(Outcome.UNCHANGED), ""),
        (None, a_result(Outcome.UPDATED), ""),
        (OURS, a_result(Outcome.DELETED), ""),
    ],
)
def test_what_the_target_owes_in_the_end_is_proven_by_a_uid(comparison, result, uid):
    owing = restored_entries(TERMS, [Change(ITEM, Action.UPDATE, comparison=comparison)], [result])
    assert owing == BackupInventory(FACTS, "all", 7, {KEY: ROW._replace(uid=uid)} if uid else {})


@pytest.mark.parametrize(
    ("result", "uid"),
    [
        (a_result(Outcome.CREATED, "new"), "new"),
        (a_result(Outcome.UPDATED), ""),
        (a_result(Outcome.UNCHANGED), ""),
    ],
)
def test_a_namespace_is_owed_only_where_a_restore_made_it(result, uid):
    """It carries no labels of a restore, so that nothing tells afterwards who made it."""
    item = BackupItem(ObjectKey("", "Namespace", "", "shop"), "namespaces", "v1", uid="production")
    found = restored_entries(TERMS, [Change(item, Action.CREATE, comparison=OURS)], [result]).objects
    assert found == ({item.key: InventoryEntry(uid, "production", "shop")} if uid else {})


def test_a_row_knows_where_the_object_lay_in_the_backup():
    item = replace(ITEM, key=KEY._replace(namespace="store"), source=KEY)
    changes = [Change(item, Action.CREATE)]
    assert planned_entries(TERMS, changes).objects == {item.key: InventoryEntry("", "production", "shop")}
    assert restored_entries(TERMS, changes, [a_result(Outcome.CREATED, "new")]).objects == {
        item.key: InventoryEntry("new", "production", "shop")
    }


def test_each_change_needs_its_result():
    with pytest.raises(ValueError, match="shorter"):
        restored_entries(TERMS, [Change(ITEM, Action.CREATE)], [])
