# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run may write and what stands there in the end, as entries of the inventory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    NO_LABELS,
    BackupInventory,
    Inventory,
    InventoryEntry,
    Labels,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import COPIED
from ansible_collections.standby.velero.plugins.module_utils._inventory.record import (
    NEVER_MADE,
    gone_keys,
    made_by_restores,
    never_made,
    planned_entries,
    restored_entries,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rows import MOST_FIELD
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupInfo,
    BackupItem,
    Change,
    Comparison,
    Done,
    Held,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason

SCOPE = RestoreScope(BackupInfo("b1", "hourly"), "all", 7)
KEY = ObjectKey("", "ConfigMap", "shop", "app")
ITEM = BackupItem(KEY, "configmaps", "v1", size=1, uid="production")
ENTRY = InventoryEntry("standby", "production", "shop")
ACCOUNT = BackupItem(ObjectKey("", "ServiceAccount", "shop", "app"), "serviceaccounts", "v1")
NAMESPACE = BackupItem(ObjectKey("", "Namespace", "", "shop"), "namespaces", "v1", uid="production")
OURS = Comparison("1", labels=("b0", "r0"), uid="standby")
DELETION = Change(ObjectRef(KEY, "configmaps", "v1"), Action.DELETE, comparison=Comparison("", uid="standby"))


def a_copy(uid: str = "") -> ObjectResult:
    return ObjectResult(Outcome.SKIPPED, Reason.KEPT_AS_COPY, uid=uid)


# Before the first write


MAY_WRITE = {
    Action.CREATE: True,
    Action.UPDATE: True,
    Action.RELABEL: True,
    Action.NOOP: False,
    Action.SKIP: False,
    Action.FAIL: False,
    Action.DELETE: False,
    Action.COPY: False,
}


@pytest.mark.parametrize("action", Action)
def test_what_a_run_may_write_is_recorded_without_a_uid(action: Action) -> None:
    found = planned_entries(SCOPE, [Change(ITEM, action, comparison=OURS)])
    assert found == BackupInventory(SCOPE, {KEY: ENTRY._replace(uid="")} if MAY_WRITE[action] else {})


@pytest.mark.parametrize(
    ("item", "comparison", "recorded"),
    [
        (ACCOUNT, None, True),
        (ACCOUNT, OURS, True),
        (ACCOUNT, replace(OURS, merged=True), False),
        (NAMESPACE, None, True),
        (NAMESPACE, OURS, False),
    ],
    ids=[
        "a ServiceAccount that is missing",
        "one that is equal, its labels apart",
        "one that is merged into somebody's",
        "a Namespace that is missing",
        "a Namespace that exists",
    ],
)
def test_what_exists_and_gets_no_labels_of_a_restore_is_not_recorded(
    item: BackupItem, comparison: Comparison | None, recorded: bool
) -> None:
    action = Action.CREATE if comparison is None else Action.UPDATE
    assert (item.key in planned_entries(SCOPE, [Change(item, action, comparison=comparison)]).entries) is recorded


def test_a_deletion_is_nothing_that_the_backup_has() -> None:
    assert planned_entries(SCOPE, [DELETION]).entries == {}
    for action in (Action.SKIP, Action.FAIL):
        assert planned_entries(SCOPE, [replace(DELETION, action=action)]).entries == {}


# At the end


def a_result(outcome: Outcome, uid: str = "", **more: Any) -> ObjectResult:
    return ObjectResult(outcome, uid=uid, **more)


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
def test_what_the_target_has_in_the_end_is_proven_by_a_uid(
    comparison: Comparison | None, result: ObjectResult, uid: str
) -> None:
    found = restored_entries(SCOPE, [Done(Change(ITEM, Action.UPDATE, comparison=comparison), result)])
    expected = ENTRY._replace(uid=uid, own=comparison is not None)
    assert found == BackupInventory(SCOPE, {KEY: expected} if uid else {})


# What sleeps, and what is the target's own

HELD = '{"spec":{"replicas":3}}'
WORKLOAD = BackupItem(ObjectKey("apps", "Deployment", "shop", "web"), "deployments.apps", "v1", size=1, uid="p")
UPDATED = ObjectResult(Outcome.UPDATED)


def entry_after(
    comparison: Comparison | None, result: ObjectResult, before: InventoryEntry | None = None, held: str = ""
) -> InventoryEntry:
    inventory = (BackupInventory(SCOPE, {WORKLOAD.key: before}),) if before else ()
    done = [Done(Change(WORKLOAD, Action.UPDATE, comparison=comparison), result)]
    return restored_entries(SCOPE, done, inventory, lambda _item: held).entries[WORKLOAD.key]


@pytest.mark.parametrize(
    ("before", "own"),
    [
        (None, True),
        (InventoryEntry("standby", "p", "shop"), False),
        (InventoryEntry("standby", "p", "shop", own=True), True),
        (InventoryEntry("another", "p", "shop"), True),
        (InventoryEntry("", "p", "shop"), True),
    ],
    ids=["nobody knows it", "a restore made it", "it was there before", "another of its name was ours", "unproven"],
)
def test_what_was_there_before_the_first_restore_stays_the_target_s_own(
    before: InventoryEntry | None, own: bool
) -> None:
    assert entry_after(OURS, UPDATED, before).own is own


def test_what_a_restore_created_is_none_of_the_target_s_own_whatever_was_there_before() -> None:
    before = InventoryEntry("gone", "p", "shop", own=True)
    assert entry_after(None, a_result(Outcome.CREATED, "new"), before) == InventoryEntry("new", "p", "shop")


@pytest.mark.parametrize("before", [None, InventoryEntry("standby", "p", "shop", own=True)])
def test_what_sleeps_is_ours_with_what_production_has_of_it(before: InventoryEntry | None) -> None:
    found = entry_after(replace(OURS, held=Held(HELD)), UPDATED, before)
    assert (found.held, found.own) == (HELD, False)


@pytest.mark.parametrize("outcome", [Outcome.UPDATED, Outcome.RECREATED])
def test_the_standby_s_own_stays_its_own_also_when_it_is_recreated(outcome: Outcome) -> None:
    before = InventoryEntry("standby", "p", "shop", own=True)
    found = entry_after(replace(OURS, held=Held(awake=True)), a_result(outcome, "standby"), before)
    assert (found.held, found.own) == ("", True)


def test_what_is_created_asleep_has_what_production_has_of_it() -> None:
    assert entry_after(None, a_result(Outcome.CREATED, "new"), held=HELD).held == HELD


def test_what_has_no_room_in_a_row_stands_on_the_object_alone() -> None:
    assert entry_after(None, a_result(Outcome.CREATED, "new"), held="x" * (MOST_FIELD + 1)).held == ""


def test_what_production_has_is_recorded_before_the_object_is_told() -> None:
    comparison = replace(OURS, held=Held(HELD))
    entries = planned_entries(SCOPE, [Change(WORKLOAD, Action.UPDATE, comparison=comparison)]).entries
    assert entries[WORKLOAD.key].held == HELD


POD = BackupItem(ObjectKey("", "Pod", "shop", "lonely"), "pods", "v1", uid="p")


def test_a_pod_that_is_left_out_is_remembered_until_the_backups_have_it_no_more() -> None:
    skip = Done(Change(POD, Action.SKIP, Reason.BARE_POD), a_result(Outcome.SKIPPED, reason=Reason.BARE_POD))
    first = restored_entries(SCOPE, [skip])
    assert first.entries == {POD.key: InventoryEntry("", "p", "shop", held=NEVER_MADE)}
    assert never_made((first,), first) == frozenset()
    assert never_made((first,), restored_entries(SCOPE, [])) == {POD.key}


def test_only_what_restores_made_may_be_put_to_sleep() -> None:
    keys = [ObjectKey("apps", "Deployment", "shop", name) for name in ("ours", "own", "unproven")]
    entries = (InventoryEntry("u1", "p", ""), InventoryEntry("u2", "p", "", own=True), InventoryEntry("", "p", ""))
    inventory = (BackupInventory(SCOPE, dict(zip(keys, entries, strict=True))),)
    assert made_by_restores(inventory) == {keys[0]: "u1"}


@pytest.mark.parametrize(
    ("result", "uid"),
    [
        (a_result(Outcome.CREATED, "new"), "new"),
        (a_result(Outcome.UPDATED), ""),
        (a_result(Outcome.UNCHANGED), ""),
    ],
)
def test_a_namespace_is_recorded_only_where_a_restore_made_it(result: ObjectResult, uid: str) -> None:
    """It carries no labels of a restore, so that nothing tells afterwards who made it."""
    found = restored_entries(SCOPE, [Done(Change(NAMESPACE, Action.CREATE, comparison=OURS), result)])
    assert found.entries == ({NAMESPACE.key: InventoryEntry(uid, "production", "shop")} if uid else {})


SCOPE_LABELS = SCOPE._replace(labels=("b1", "r1"))
OTHERS = replace(SCOPE_LABELS.backup, name="b0")


def row(uid: str, labels: Labels, own: Labels = ("b0", "r0")) -> Inventory:
    """What an earlier run knew of the object; `own` are the labels that it wrote."""
    scope = SCOPE._replace(backup=OTHERS, labels=own)
    return (BackupInventory(scope, {KEY: ENTRY._replace(uid=uid, labels=labels)}),)


@pytest.mark.parametrize(
    ("has", "result", "before", "labels"),
    [
        # written by this run
        ((None, None), a_result(Outcome.CREATED, "new"), (), ("b1", "r1")),
        (("b0", "r0"), a_result(Outcome.UPDATED), (), ("b1", "r1")),
        (("b0", "r0"), a_result(Outcome.RELABELLED), (), ("b1", "r1")),
        (("b1", "r1"), a_result(Outcome.UNCHANGED), (), ("b1", "r1")),
        # by an earlier one, which says so
        (("b0", "r0"), a_result(Outcome.UNCHANGED), row("standby", ("b0", "r0")), ("b0", "r0")),
        (("b0", "r0"), a_result(Outcome.UNCHANGED), row("standby", NO_LABELS), NO_LABELS),
        (("b9", "r9"), a_result(Outcome.UNCHANGED), row("standby", ("b0", "r0")), ("b0", "r0")),
        # by one that was killed: it planned the object, and wrote just these
        (("b0", "r0"), a_result(Outcome.UNCHANGED), row("", NO_LABELS), ("b0", "r0")),
        (("b9", "r9"), a_result(Outcome.UNCHANGED), row("", NO_LABELS), NO_LABELS),
        # by whomever
        (("b0", "r0"), a_result(Outcome.UNCHANGED), (), NO_LABELS),
        (("b0", "r0"), a_result(Outcome.UNCHANGED), row("another", ("b0", "r0")), NO_LABELS),
    ],
)
def test_an_entry_has_the_labels_that_a_run_of_ours_wrote(
    has: tuple[str | None, str | None], result: ObjectResult, before: Inventory, labels: Labels
) -> None:
    change = Change(ITEM, Action.UPDATE, comparison=replace(OURS, labels=has))
    [entry] = restored_entries(SCOPE_LABELS, [Done(change, result)], before).entries.values()
    assert entry.labels == labels


@pytest.mark.parametrize(
    ("has", "stored", "before", "kept"),
    [
        (("b0", "r0"), True, row("standby", ("b0", "r0")), True),
        (("b1", "r1"), False, row("standby", ("b0", "r0")), True),
        (("b0", "r0"), False, row("standby", ("b0", "r0")), False),
        (("b0", "r0"), True, row("another", ("b0", "r0")), False),
        (("b0", "r0"), True, (), False),
    ],
    ids=["labelled now", "labelled before", "not labelled", "another object", "nobody's"],
)
def test_an_object_of_ours_that_failed_and_was_labelled_has_its_new_labels(
    has: tuple[str | None, str | None], stored: bool, before: Inventory, kept: bool
) -> None:
    """Velero labels what it cannot patch; the object would else be kept for ever once it is stale."""
    change = Change(ITEM, Action.UPDATE, comparison=replace(OURS, labels=has))
    failed = a_result(Outcome.FAILED, reason=Reason.REFUSED, stored=stored)
    found = restored_entries(SCOPE_LABELS, [Done(change, failed)], before).entries
    assert found == ({KEY: ENTRY._replace(labels=("b1", "r1"))} if kept else {})


def test_a_namespace_has_no_labels() -> None:
    done = Done(Change(NAMESPACE, Action.CREATE), a_result(Outcome.CREATED, "new"))
    [entry] = restored_entries(SCOPE_LABELS, [done]).entries.values()
    assert entry.labels == NO_LABELS


def test_an_entry_knows_where_the_object_lay_in_the_backup() -> None:
    item = replace(ITEM, key=KEY._replace(namespace="store"), source=KEY)
    change = Change(item, Action.CREATE)
    assert planned_entries(SCOPE, [change]).entries == {item.key: InventoryEntry("", "production", "shop")}
    assert restored_entries(SCOPE, [Done(change, a_result(Outcome.CREATED, "new"))]).entries == {
        item.key: InventoryEntry("new", "production", "shop")
    }


# What was deleted


@pytest.mark.parametrize(
    ("result", "gone"),
    [
        (a_result(Outcome.DELETED), True),
        (a_result(Outcome.UNCHANGED, reason=Reason.DELETED_BEFORE), True),
        (a_result(Outcome.DELETING, reason=Reason.DELETION_BLOCKED), False),
        (a_result(Outcome.FAILED, reason=Reason.DELETE_REFUSED), False),
        (a_result(Outcome.FAILED, reason=Reason.CONFLICT), False),
        (a_result(Outcome.FAILED, reason=Reason.LOCK_LOST), False),
        (a_result(Outcome.SKIPPED, reason=StopReason.OBJECTS_FAILED), False),
    ],
    ids=["deleted", "gone before", "held by a finalizer", "refused", "replaced", "not sent", "stopped"],
)
def test_the_inventory_forgets_only_what_is_known_not_to_be_there(result: ObjectResult, gone: bool) -> None:
    assert gone_keys([Done(DELETION, result)]) == ({KEY} if gone else frozenset())
    assert restored_entries(SCOPE, [Done(DELETION, result)]).entries == {}


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE, Action.SKIP, Action.FAIL])
def test_only_a_deletion_makes_an_object_go(action: Action) -> None:
    """Recreated, an object is there again; held back, a deletion is a skip or a failure."""
    results = (a_result(Outcome.RECREATED, "new"), a_result(Outcome.DELETED), a_result(Outcome.SKIPPED))
    assert gone_keys(Done(Change(ITEM, action), result) for result in results) == frozenset()


# APIServices that are kept as copies


API = BackupItem(
    ObjectKey("apiregistration.k8s.io", "APIService", "", "v1.m"), "apiservices.apiregistration.k8s.io", "v1"
)
STANDING = Comparison("7", labels=("b0", "r0"), uid="copy", held=Held(COPIED))


@pytest.mark.parametrize(
    ("done", "row"),
    [
        (Done(Change(API, Action.COPY), a_copy("copy")), ("copy", SCOPE.labels)),
        (Done(Change(API, Action.SKIP, comparison=STANDING), a_copy()), ("copy", ("b0", "r0"))),
        (Done(Change(API, Action.COPY), a_copy()), None),
    ],
    ids=["written", "as it was", "in a dry run"],
)
def test_a_copy_has_a_row_with_its_own_uid_and_labels(done: Done, row: tuple[str, Labels] | None) -> None:
    found = restored_entries(SCOPE, [done]).entries.get(API.key)
    assert (found and (found.uid, found.labels)) == row
    assert found is None or found.held == COPIED


@pytest.mark.parametrize(("uid", "held"), [("made", COPIED), ("another", "")])
def test_what_an_activation_made_of_a_copy_is_known_as_that_in_later_runs(uid: str, held: str) -> None:
    before = (BackupInventory(SCOPE, {API.key: InventoryEntry("made", "", "", held=COPIED)}),)
    there = Comparison("1", labels=("b0", "r0"), uid=uid)
    done = Done(Change(API, Action.NOOP, comparison=there), a_result(Outcome.UNCHANGED))
    assert restored_entries(SCOPE, [done], before).entries[API.key].held == held


# What is equal, and as the inventory says

UNCHANGED = ObjectResult(Outcome.UNCHANGED)


@pytest.mark.parametrize(
    "before",
    [
        InventoryEntry("standby", "production", "shop", labels=("b0", "r0")),
        InventoryEntry("standby", "production", "shop", labels=("b0", "r0"), own=True),
        InventoryEntry("standby", "production", "shop", held=COPIED),
        InventoryEntry("standby", "another", "elsewhere", labels=("b0", "r0")),
    ],
    ids=["ours", "the target's own", "a copy", "of another object of production"],
)
def test_a_comparison_that_is_as_the_inventory_says_is_recorded_as_the_whole_one(before: InventoryEntry) -> None:
    inventory = (BackupInventory(SCOPE._replace(backup=BackupInfo("b0", "hourly")), {KEY: before}),)
    whole, known = (
        restored_entries(SCOPE, [Done(Change(ITEM, Action.NOOP, comparison=found), UNCHANGED)], inventory)
        for found in (OURS, Comparison("", labels=OURS.labels, known=True))
    )
    assert known == whole
    assert known.entries[KEY].uid == "standby"
