# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier backup of the schedule restored and this one lacks, as tables of entries, items and reads."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import LiveObject
from ansible_collections.standby.velero.plugins.module_utils._decide.stale import (
    Delta,
    candidates,
    candidates_of_previous,
    confirm,
    unproven,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey, ObjectRef

PLURALS = {
    "ConfigMap": "configmaps",
    "Namespace": "namespaces",
    "Ingress": "ingresses",
    "Service": "services",
    "Widget": "widgets",
    "CustomResourceDefinition": "customresourcedefinitions",
}
CRD = "CustomResourceDefinition.apiextensions.k8s.io widgets.example.com"


def key(text):
    """`Kind.group namespace/name`, as messages have it."""
    kind, _space, place = text.partition(" ")
    kind, _dot, group = kind.partition(".")
    namespace, _slash, name = place.rpartition("/")
    return ObjectKey(group, kind, namespace, name)


def item(text, uid="", problem="", mapping=None):
    found = key(text)
    group = f".{found.group}" if found.group else ""
    made = BackupItem(found, f"{PLURALS.get(found.kind, found.kind)}{group}", "v1", uid=uid, problem=problem)
    return mapped(made, mapping or {})


def entry(text, uid="t-1", source_uid="p-1", namespace=None):
    found = key(text)
    return found, InventoryEntry(uid, source_uid, found.namespace if namespace is None else namespace)


def part(backup, *entries, schedule="hourly", selection="all"):
    return BackupInventory(RestoreScope(BackupInfo(backup, schedule), selection, 10), dict(entries))


def names(found):
    return [str(candidate.key) for candidate in found]


SAME = entry("ConfigMap shop/same")


@pytest.mark.parametrize(
    ("restored", "items", "stale"),
    [
        (SAME, [], True),
        (SAME, [item("ConfigMap shop/other", "p-2")], True),
        (SAME, [item("ConfigMap shop/same", "p-1")], False),
        (SAME, [item("ConfigMap shop/same", "p-9")], False),
        (SAME, [item("ConfigMap shop/other", "p-1")], False),
        (SAME, [item("ConfigMap.example.com shop/same", "p-9")], False),
        (SAME, [item("Secret shop/same", "p-9")], True),
        (SAME, [item("ConfigMap store/same", "p-9")], True),
        (SAME, [item("configmaps shop/same", problem="is not valid JSON")], False),
        (SAME, [item("configmaps shop/other", problem="is not valid JSON")], True),
        (entry("ConfigMap shop/same", source_uid=""), [item("ConfigMap shop/other")], True),
        (entry("Ingress.networking.k8s.io shop/web"), [item("Ingress.extensions shop/web", "p-9")], False),
        (entry("Namespace shop"), [item("ConfigMap shop/same", "p-9")], False),
        (entry("Namespace shop"), [item("ConfigMap store/same", "p-9")], True),
        (entry(CRD), [item("Widget.example.com shop/one", "p-9")], False),
        (entry(CRD), [item("Widget.example.org shop/one", "p-9")], True),
    ],
    ids=[
        "gone",
        "other objects do not matter",
        "it is there",
        "it was made anew in production",
        "it has another name and the same UID",
        "it moved to another API group",
        "another kind of the name is another object",
        "another namespace is another place",
        "its file is of no use",
        "the file of another is",
        "objects without UIDs are not the same for that",
        "an Ingress that changed its group with its UID",
        "a Namespace in which something lies is there",
        "a Namespace in which nothing lies is not",
        "a definition with objects of its type is there",
        "a definition of another group's type is not",
    ],
)
def test_an_object_is_stale_unless_the_backup_has_it_in_some_form(restored, items, stale):
    found = candidates((part("b1", restored),), "hourly", items)
    assert bool(found) is stale


SWAP = {"a": "b", "b": "a"}
INTO_ONE = {"a": "c", "b": "c"}


@pytest.mark.parametrize(
    ("restored", "items", "mapping", "stale"),
    [
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {"a": "c"}, False),
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {}, False),
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {"a": "d"}, False),
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap b/x"], INTO_ONE, False),
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap c/x"], {}, False),
        (entry("ConfigMap c/x", namespace="a"), ["configmaps b/x"], INTO_ONE, False),
        (entry("ConfigMap c/x", namespace="a"), ["ConfigMap b/x"], {"a": "c"}, True),
        (entry("ConfigMap b/x", namespace="a"), ["ConfigMap b/x"], SWAP, True),
        (entry("Namespace c", namespace="a"), ["Namespace a"], {}, False),
        (entry("Namespace c", namespace="a"), ["Namespace b"], INTO_ONE, False),
        (entry("Namespace c", namespace="a"), ["ConfigMap b/x"], INTO_ONE, False),
        (entry("Namespace c", namespace="a"), ["ConfigMap a/x"], {}, False),
        (entry("Namespace c", namespace="a"), ["Namespace b"], {"a": "c"}, True),
    ],
    ids=[
        "under the same mapping",
        "without the mapping",
        "under another mapping",
        "another object that comes to its place",
        "another object that has its place by itself",
        "one of no use that would come to its place",
        "another object that does not",
        "two namespaces that change places",
        "a Namespace that is mapped no more",
        "another Namespace that becomes it",
        "an object that comes to lie in it",
        "an object that lies in it in the backup",
        "another Namespace",
    ],
)
def test_keys_are_compared_as_they_were_before_the_mapping_and_nothing_that_is_mapped_onto_is_stale(
    restored, items, mapping, stale
):
    problem = {text: "is not valid JSON" for text in items if text.startswith("configmaps")}
    known = [item(text, "p-9", problem.get(text, ""), mapping) for text in items]
    assert bool(candidates((part("b1", restored),), "hourly", known)) is stale


def test_all_earlier_backups_of_the_schedule_count_and_no_other():
    inventory = (
        part("b1", entry("ConfigMap shop/a")),
        part("w1", entry("ConfigMap shop/b"), schedule="weekly"),
        part("b2", entry("ConfigMap shop/c"), selection="part"),
        part("by-hand", entry("ConfigMap shop/d"), schedule=""),
    )
    found = candidates(inventory, "hourly", [])
    assert [(str(one.key), one.scope.backup.name, one.scope.selection) for one in found] == [
        ("ConfigMap shop/a", "b1", "all"),
        ("ConfigMap shop/c", "b2", "part"),
    ]
    assert candidates(inventory, "", []) == ()


def test_an_entry_without_a_uid_is_no_candidate_but_is_looked_at_to_be_forgotten():
    inventory = (
        part("b1", entry("ConfigMap shop/a", uid=""), entry("ConfigMap shop/b"), entry("ConfigMap shop/c", uid="")),
    )
    items = [item("ConfigMap shop/c")]
    assert names(candidates(inventory, "hourly", items)) == ["ConfigMap shop/b"]
    assert names(unproven(inventory, "hourly", items)) == ["ConfigMap shop/a"]
    assert unproven(inventory, "", items) == ()


@pytest.mark.parametrize(
    ("others", "holding"),
    [
        ([], False),
        ([part("b1", entry("ConfigMap shop/a"))], False),
        ([part("w1", entry("ConfigMap shop/a"), schedule="weekly")], True),
        ([part("w1", entry("ConfigMap store/a"), schedule="weekly")], False),
        ([part("b1", entry("ConfigMap shop/a", uid=""))], True),
    ],
    ids=["empty", "all of it is stale", "another schedule's", "elsewhere", "who made it is not proven"],
)
def test_a_namespace_holds_what_else_was_restored_into_it(others, holding):
    inventory = (*others, part("b2", entry("Namespace shop")))
    [found] = [one for one in candidates(inventory, "hourly", []) if one.key.kind == "Namespace"]
    assert found.holding is holding


def test_a_definition_holds_what_else_was_restored_of_its_group():
    others = part("w1", entry("Widget.example.com shop/a"), schedule="weekly")
    [found] = candidates((others, part("b1", entry(CRD))), "hourly", [])
    assert found.holding


def live(text, uid="t-1", label=""):
    found = key(text)
    return found, LiveObject(ObjectRef(found, item(text).resource, "v1"), uid, labels=(label, ""))


@pytest.mark.parametrize(
    ("restored", "reads", "listed", "gone"),
    [
        (SAME, [live("ConfigMap shop/same")], True, False),
        (SAME, [live("ConfigMap shop/same", "t-9")], False, True),
        (SAME, [(SAME[0], None)], False, True),
        (SAME, [], True, False),
        (SAME, [live("ConfigMap shop/same", "")], True, False),
        (entry("ConfigMap shop/same", uid=""), [live("ConfigMap shop/same")], False, False),
        (entry("ConfigMap shop/same", uid=""), [live("ConfigMap shop/same", "")], False, False),
        (entry("ConfigMap shop/same", uid=""), [], False, False),
        (entry("ConfigMap shop/same", uid=""), [(SAME[0], None)], False, True),
    ],
    ids=[
        "the very object",
        "another one of the name",
        "not there",
        "not read",
        "an answer without a UID",
        "unproven and there",
        "unproven and without a UID",
        "unproven and not read",
        "unproven and not there",
    ],
)
def test_only_the_very_object_is_stale(restored, reads, listed, gone):
    inventory = (part("b1", restored),)
    delta = confirm((*candidates(inventory, "hourly", []), *unproven(inventory, "hourly", [])), dict(reads))
    assert (bool(delta.objects), bool(delta.gone)) == (listed, gone)


def test_what_is_stale_is_sorted_by_key():
    inventory = (part("b1", entry("Secret b/x"), entry("ConfigMap b/x")), part("b2", entry("ConfigMap a/x")))
    found = candidates(inventory, "hourly", [])
    there = confirm(found, dict(live(str(one.key)) for one in found))
    assert names(stale.candidate for stale in there.objects) == ["ConfigMap a/x", "ConfigMap b/x", "Secret b/x"]
    nothing = confirm(found, dict.fromkeys(one.key for one in found))
    assert list(map(str, nothing.gone)) == ["ConfigMap a/x", "ConfigMap b/x", "Secret b/x"]
    assert confirm((), {}) == Delta()


# without an inventory


INFO = BackupInfo("b1", "hourly")


def test_an_earlier_backup_serves_where_there_is_no_inventory():
    mapping = {"shop": "store"}
    before = [item("ConfigMap shop/a", "p-1", mapping=mapping), item("ConfigMap shop/b", "p-2", mapping=mapping)]
    now = [item("ConfigMap shop/b", "p-9", mapping=mapping)]
    [found] = candidates_of_previous(before, INFO, "all", now)
    assert (str(found.key), found.entry) == ("ConfigMap store/a", InventoryEntry("", "p-1", "shop"))
    assert (found.scope.backup, found.scope.selection, found.scope.selected) == (INFO, "all", 2)
    assert found.label == "b1"
    delta = confirm([found], dict([live("ConfigMap store/a", "t-9")]))
    assert [stale.candidate for stale in delta.objects] == [found]


def test_the_label_is_looked_for_as_a_restore_writes_it():
    [found] = candidates_of_previous([item("ConfigMap shop/a")], BackupInfo("b" * 70, "hourly"), "all", [])
    assert len(found.label) == 63


@pytest.mark.parametrize(
    ("items", "doubtful"),
    [
        ([], False),
        ([item("ConfigMap shop/b")], False),
        ([item("ConfigMap store/a")], True),
        ([item("Secret store/a")], False),
        ([item("secrets store/a", problem="is not valid JSON")], True),
        ([item("ClusterThing a")], False),
    ],
    ids=["alone", "another name", "the same name elsewhere", "another kind", "an unknown kind", "cluster-scoped"],
)
def test_without_an_inventory_a_copy_may_be_of_another_namespace(items, doubtful):
    [found] = candidates_of_previous([item("ConfigMap shop/a")], INFO, "all", items)
    assert found.doubtful is doubtful


def test_without_an_inventory_a_namespace_may_have_had_another_name():
    [found] = candidates_of_previous([item("Namespace shop")], INFO, "all", [])
    assert found.doubtful
