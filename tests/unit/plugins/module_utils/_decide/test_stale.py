"""What an earlier backup of the schedule restored and this one lacks, as tables of rows, items and reads."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import LiveObject
from ansible_collections.standby.velero.plugins.module_utils._decide.stale import (
    Delta,
    candidates,
    candidates_of_previous,
    confirm,
    previous_of,
    unproven,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    InventoryEntry,
    entry_of,
)
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey

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


def row(text, uid="t-1", origin="p-1", namespace=None):
    found = key(text)
    return found, InventoryEntry(uid, origin, found.namespace if namespace is None else namespace)


def owing(backup, *rows, schedule="hourly", selection="all"):
    return BackupInventory(BackupInfo(backup, schedule), selection, 10, dict(rows))


def names(found):
    return [str(candidate.key) for candidate in found]


SAME = row("ConfigMap shop/same")


@pytest.mark.parametrize(
    ("owed", "items", "left"),
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
        (row("ConfigMap shop/same", origin=""), [item("ConfigMap shop/other")], True),
        (row("Ingress.networking.k8s.io shop/web"), [item("Ingress.extensions shop/web", "p-9")], False),
        (row("Namespace shop"), [item("ConfigMap shop/same", "p-9")], False),
        (row("Namespace shop"), [item("ConfigMap store/same", "p-9")], True),
        (row(CRD), [item("Widget.example.com shop/one", "p-9")], False),
        (row(CRD), [item("Widget.example.org shop/one", "p-9")], True),
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
def test_an_object_is_left_over_unless_the_backup_has_it_in_some_form(owed, items, left):
    found = candidates((owing("b1", owed),), "hourly", items)
    assert bool(found) is left


SWAP = {"a": "b", "b": "a"}
INTO_ONE = {"a": "c", "b": "c"}


@pytest.mark.parametrize(
    ("owed", "items", "mapping", "left"),
    [
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {"a": "c"}, False),
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {}, False),
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap a/x"], {"a": "d"}, False),
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap b/x"], INTO_ONE, False),
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap c/x"], {}, False),
        (row("ConfigMap c/x", namespace="a"), ["configmaps b/x"], INTO_ONE, False),
        (row("ConfigMap c/x", namespace="a"), ["ConfigMap b/x"], {"a": "c"}, True),
        (row("ConfigMap b/x", namespace="a"), ["ConfigMap b/x"], SWAP, True),
        (row("Namespace c", namespace="a"), ["Namespace a"], {}, False),
        (row("Namespace c", namespace="a"), ["Namespace b"], INTO_ONE, False),
        (row("Namespace c", namespace="a"), ["ConfigMap b/x"], INTO_ONE, False),
        (row("Namespace c", namespace="a"), ["ConfigMap a/x"], {}, False),
        (row("Namespace c", namespace="a"), ["Namespace b"], {"a": "c"}, True),
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
def test_keys_are_compared_as_they_were_before_the_mapping_and_nothing_that_lands_is_left_over(
    owed, items, mapping, left
):
    problem = {text: "is not valid JSON" for text in items if text.startswith("configmaps")}
    known = [item(text, "p-9", problem.get(text, ""), mapping) for text in items]
    assert bool(candidates((owing("b1", owed),), "hourly", known)) is left


def test_all_earlier_backups_of_the_schedule_count_and_no_other():
    state = (
        owing("b1", row("ConfigMap shop/a")),
        owing("w1", row("ConfigMap shop/b"), schedule="weekly"),
        owing("b2", row("ConfigMap shop/c"), selection="part"),
        owing("by-hand", row("ConfigMap shop/d"), schedule=""),
    )
    found = candidates(state, "hourly", [])
    assert [(str(one.key), one.terms.backup.name, one.terms.selection) for one in found] == [
        ("ConfigMap shop/a", "b1", "all"),
        ("ConfigMap shop/c", "b2", "part"),
    ]
    assert candidates(state, "", []) == ()


def test_a_row_without_a_uid_is_no_candidate_but_is_looked_at_to_be_forgotten():
    state = (owing("b1", row("ConfigMap shop/a", uid=""), row("ConfigMap shop/b"), row("ConfigMap shop/c", uid="")),)
    items = [item("ConfigMap shop/c")]
    assert names(candidates(state, "hourly", items)) == ["ConfigMap shop/b"]
    assert names(unproven(state, "hourly", items)) == ["ConfigMap shop/a"]
    assert unproven(state, "", items) == ()


@pytest.mark.parametrize(
    ("others", "holding"),
    [
        ([], False),
        ([owing("b1", row("ConfigMap shop/a"))], False),
        ([owing("w1", row("ConfigMap shop/a"), schedule="weekly")], True),
        ([owing("w1", row("ConfigMap store/a"), schedule="weekly")], False),
        ([owing("b1", row("ConfigMap shop/a", uid=""))], True),
    ],
    ids=["empty", "all of it is left over", "another schedule's", "elsewhere", "who made it is not proven"],
)
def test_a_namespace_holds_what_else_is_owed_in_it(others, holding):
    state = (*others, owing("b2", row("Namespace shop")))
    [found] = [one for one in candidates(state, "hourly", []) if one.key.kind == "Namespace"]
    assert found.holding is holding


def test_a_definition_holds_what_else_is_owed_of_its_group():
    others = owing("w1", row("Widget.example.com shop/a"), schedule="weekly")
    [found] = candidates((others, owing("b1", row(CRD))), "hourly", [])
    assert found.holding


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ([], None),
        ([owing("b1"), owing("b2")], "b2"),
        ([owing("b1"), owing("b2", selection="part")], "b1"),
        ([owing("b1", selection="part"), owing("b2", selection="other")], "b2"),
        ([owing("w1", schedule="weekly")], None),
        ([owing("by-hand", schedule="")], None),
    ],
    ids=[
        "none",
        "the last",
        "the last of the selection",
        "the last of any selection",
        "no other schedule's",
        "no other",
    ],
)
def test_the_backup_to_compare_with(state, expected):
    found = previous_of(tuple(state), "hourly", "all")
    assert (found.backup.name if found else None) == expected
    assert previous_of(tuple(state), "", "all") is None


def live(text, uid="t-1", label=""):
    found = key(text)
    return found, LiveObject(item(text), uid, backup_label=label)


@pytest.mark.parametrize(
    ("owed", "reads", "listed", "gone"),
    [
        (SAME, [live("ConfigMap shop/same")], True, False),
        (SAME, [live("ConfigMap shop/same", "t-9")], False, True),
        (SAME, [(SAME[0], None)], False, True),
        (SAME, [], True, False),
        (SAME, [live("ConfigMap shop/same", "")], True, False),
        (row("ConfigMap shop/same", uid=""), [live("ConfigMap shop/same")], False, False),
        (row("ConfigMap shop/same", uid=""), [live("ConfigMap shop/same", "")], False, False),
        (row("ConfigMap shop/same", uid=""), [], False, False),
        (row("ConfigMap shop/same", uid=""), [(SAME[0], None)], False, True),
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
def test_only_the_very_object_is_left_over(owed, reads, listed, gone):
    state = (owing("b1", owed),)
    delta = confirm((*candidates(state, "hourly", []), *unproven(state, "hourly", [])), dict(reads))
    assert (bool(delta.objects), bool(delta.gone)) == (listed, gone)


def test_what_is_left_over_is_sorted_by_key():
    state = (owing("b1", row("Secret b/x"), row("ConfigMap b/x")), owing("b2", row("ConfigMap a/x")))
    found = candidates(state, "hourly", [])
    there = confirm(found, dict(live(str(one.key)) for one in found))
    assert names(left.candidate for left in there.objects) == ["ConfigMap a/x", "ConfigMap b/x", "Secret b/x"]
    nothing = confirm(found, dict.fromkeys(one.key for one in found))
    assert list(map(str, nothing.gone)) == ["ConfigMap a/x", "ConfigMap b/x", "Secret b/x"]
    assert confirm((), {}) == Delta()


# without a state


FACTS = BackupInfo("b1", "hourly")


def test_an_earlier_backup_serves_where_there_is_no_state():
    mapping = {"shop": "store"}
    before = [item("ConfigMap shop/a", "p-1", mapping=mapping), item("ConfigMap shop/b", "p-2", mapping=mapping)]
    now = [item("ConfigMap shop/b", "p-9", mapping=mapping)]
    [found] = candidates_of_previous(before, FACTS, "all", now)
    assert (str(found.key), found.owed) == ("ConfigMap store/a", InventoryEntry("", "p-1", "shop"))
    assert (found.terms.backup, found.terms.selection, found.terms.selected) == (FACTS, "all", 2)
    assert found.label == "b1"
    delta = confirm([found], dict([live("ConfigMap store/a", "t-9")]))
    assert [left.candidate for left in delta.objects] == [found]


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
def test_without_a_state_a_copy_may_be_of_another_namespace(items, doubtful):
    [found] = candidates_of_previous([item("ConfigMap shop/a")], FACTS, "all", items)
    assert found.doubtful is doubtful


def test_without_a_state_a_namespace_may_have_had_another_name():
    [found] = candidates_of_previous([item("Namespace shop")], FACTS, "all", [])
    assert found.doubtful


def test_a_row_has_the_namespace_in_the_backup_and_that_of_a_namespace_its_name_there():
    mapping = {"shop": "store"}
    assert entry_of(item("ConfigMap shop/a", "p-1", mapping=mapping), "t-1") == InventoryEntry("t-1", "p-1", "shop")
    assert entry_of(item("Namespace shop", "p-1", mapping=mapping), "t-1") == InventoryEntry("t-1", "p-1", "shop")
    assert entry_of(item("Namespace shop", "p-1")) == InventoryEntry("", "p-1", "shop")
    assert entry_of(item("ClusterRole a", "p-1")) == InventoryEntry("", "p-1", "")
