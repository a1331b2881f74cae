# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A page is known again only while nothing has changed of it, of the backup's bodies, or of what shapes both."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.page import Page
from ansible_collections.standby.velero.plugins.module_utils._cluster.reader import Batch, Place
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._plan.equal import Recorded
from ansible_collections.standby.velero.plugins.module_utils._plan.known import Memory
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Comparison,
    ObjectKey,
    Resource,
    Trust,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from inventories import part_of

MAPS = Resource("", "v1", "configmaps", "ConfigMap", True)
LABELS = ("hourly-1", "hourly-1")
Items = dict[Place, BackupItem]


def key(name: str, namespace: str = "shop") -> ObjectKey:
    return ObjectKey("", "ConfigMap", namespace, name)


def item(name: str, body: str = "body", namespace: str = "shop") -> BackupItem:
    return BackupItem(key(name, namespace), "configmaps", "v1", uid=f"{namespace}/{name}: {body}")


def items(*names: str) -> Items:
    return {("shop", name): item(name) for name in names}


def recorded(*names: str, uid: str = "uid-of-{}") -> Recorded:
    entries = {key(name): InventoryEntry(uid.format(name), "", "shop", labels=LABELS) for name in names}
    return Recorded((part_of("hourly-1", entries),))


def batch(*names: str, rest: str = "", begins: bool = True, value: str = "1", scope: str = "") -> Batch:
    """A page as an API server writes it; each time with another version of the list."""
    meta = [{"namespace": "shop", "name": name, "uid": f"uid-of-{name}", "resourceVersion": "5"} for name in names]
    bodies = [{"metadata": one, "data": {"a": value}} for one in meta]
    batch.version = getattr(batch, "version", 0) + 1  # type: ignore[attr-defined]
    metadata = {"resourceVersion": str(batch.version), **({"continue": rest} if rest else {})}  # type: ignore[attr-defined]
    body = {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": metadata, "items": bodies}
    return Batch(iter(()), Page(json.dumps(body, separators=(",", ":")).encode(), "/x"), scope, begins)


def equal(one: BackupItem, **more: Any) -> Change:
    found = {"uid": f"uid-of-{one.key.name}", "labels": LABELS, **more}
    return Change(one, Action.NOOP, comparison=Comparison("5", **found))


def decide(one: BackupItem, comparison: Comparison) -> Change:
    return Change(one, Action.NOOP, comparison=comparison)


def memory(**more: Any) -> Memory:
    given: dict[str, Any] = {
        "key": b"k" * 32,
        "shape": b"shape",
        "pages": {},
        "recorded": recorded("a", "b", "c"),
        "digest": lambda one: one.uid.encode(),
        "depends": lambda _item: False,
    }
    return Memory(**{**given, **more})


def after(first: Memory, **more: Any) -> Memory:
    """The memory of the run behind it."""
    return replace(first, pages=dict(first.found), found={}, known=[], **more)


def learnt(wanted: Items, *batches: Batch, found: Mapping[Place, Change] | None = None, **more: Any) -> Memory:
    """Of a run that has compared these pages."""
    made = memory(**more)
    pages = made.of_type(MAPS, wanted)
    assert pages is not None
    changes = {place: equal(one) for place, one in wanted.items()} if found is None else found
    for one in batches:
        assert pages.changes(one, decide) is None
        pages.learn(one, changes)
    return made


def known(again: Memory, wanted: Items, *batches: Batch) -> list[list[str] | None]:
    """Names of the objects of each page that is known; None for one that has to be compared, as all equal."""
    pages = again.of_type(MAPS, wanted)
    assert pages is not None
    told: list[list[str] | None] = []
    for one in batches:
        found = pages.changes(one, decide)
        told.append(None if found is None else [change.key.name for change in found.values()])
        if found is None:
            pages.learn(one, {place: equal(item) for place, item in wanted.items()})
    return told


def test_a_page_that_was_all_equal_is_known_the_next_time() -> None:
    wanted = items("a", "b")
    again = after(learnt(wanted, batch("a", "b", "of somebody else")))
    assert known(again, wanted, batch("a", "b", "of somebody else")) == [["a", "b"]]
    assert again.objects == 2
    assert again.found == again.pages


def test_what_is_told_of_its_objects_is_what_the_inventory_has() -> None:
    wanted = items("a")
    pages = after(learnt(wanted, batch("a"))).of_type(MAPS, wanted)
    assert pages is not None
    found = pages.changes(batch("a"), decide)
    assert found is not None
    assert found["shop", "a"].comparison == Comparison("", labels=LABELS, known=True)


CHANGED: dict[str, Callable[[], tuple[Memory, Items, Batch]]] = {
    "a value on the target": lambda: (after(FIRST), items("a", "b"), batch("a", "b", value="2")),
    "an object more on the target": lambda: (after(FIRST), items("a", "b"), batch("a", "ab", "b")),
    "an object less on the target": lambda: (after(FIRST), items("a", "b"), batch("a")),
    "a page behind it": lambda: (after(FIRST), items("a", "b"), batch("a", "b", rest="r")),
    "a body in the backup": lambda: (after(FIRST), {**items("b"), ("shop", "a"): item("a", "new")}, batch("a", "b")),
    "an object more in the backup": lambda: (after(FIRST), items("a", "b", "c"), batch("a", "b")),
    "an object less in the backup": lambda: (after(FIRST), items("a"), batch("a", "b")),
    "the settings": lambda: (after(FIRST, shape=b"other"), items("a", "b"), batch("a", "b")),
    "the key": lambda: (after(FIRST, key=b"o" * 32), items("a", "b"), batch("a", "b")),
    "the inventory": lambda: (after(FIRST, recorded=recorded("a", "b", uid="u")), items("a", "b"), batch("a", "b")),
    "the list": lambda: (after(FIRST), items("a", "b"), batch("a", "b", scope="shop")),
}
FIRST = learnt(items("a", "b"), batch("a", "b"))


@pytest.mark.parametrize("case", CHANGED.values(), ids=list(CHANGED))
def test_a_page_is_compared_when_anything_of_it_has_changed(case: Callable[[], tuple[Memory, Items, Batch]]) -> None:
    again, wanted, page = case()
    assert known(again, wanted, page) == [None]


def test_nothing_of_the_cases_but_the_change_keeps_the_page_from_being_known() -> None:
    assert known(after(FIRST), items("a", "b"), batch("a", "b")) == [["a", "b"]]


OTHERWISE = {
    "differs": {"patch": {"data": {"a": "2"}}},
    "has a status due": {"status": {"phase": "x"}},
    "withholds": {"withheld": (("labels", "a"),)},
    "merged": {"merged": True},
    "terminating": {"terminating": True},
    "trusts": {"trust": Trust({}, {}, frozenset())},
    "is another": {"uid": "u"},
}


@pytest.mark.parametrize("more", OTHERWISE.values(), ids=list(OTHERWISE))
def test_a_page_with_an_object_that_is_not_plainly_equal_is_not_remembered(more: dict[str, Any]) -> None:
    wanted = items("a", "b")
    found = {("shop", "a"): equal(wanted["shop", "a"]), ("shop", "b"): equal(wanted["shop", "b"], **more)}
    assert learnt(wanted, batch("a", "b"), found=found).found == {}


@pytest.mark.parametrize(
    "change",
    [
        replace(equal(item("b")), action=Action.SKIP, reason=Reason.HAS_CONTROLLER),
        replace(equal(item("b")), reason=Reason.WITHHELD),
        replace(equal(item("b")), action=Action.RELABEL),
        Change(item("b"), Action.FAIL, Reason.READ_FAILED),
    ],
)
def test_a_page_with_an_object_of_which_anything_is_to_be_said_is_not_remembered(change: Change) -> None:
    found = {("shop", "a"): equal(item("a")), ("shop", "b"): change}
    assert learnt(items("a", "b"), batch("a", "b"), found=found).found == {}


def test_a_page_with_an_object_that_others_shape_is_not_remembered() -> None:
    assert learnt(items("a", "b"), batch("a", "b"), depends=lambda one: one.key.name == "b").found == {}


def test_a_page_from_which_an_object_is_missing_is_not_remembered() -> None:
    found = {("shop", "a"): equal(item("a"))}
    assert learnt(items("a", "b"), batch("a"), found=found).found == {}


def test_an_equal_object_that_no_restore_has_labelled_is_nobodys_and_remembered_as_such() -> None:
    wanted = items("z")
    found = {("shop", "z"): equal(wanted["shop", "z"], labels=(None, None))}
    again = after(learnt(wanted, batch("z"), found=found)).of_type(MAPS, wanted)
    assert again is not None
    (change,) = (again.changes(batch("z"), decide) or {}).values()
    assert change.comparison == Comparison("")


def test_a_labelled_object_that_the_inventory_does_not_know_is_compared_until_it_does() -> None:
    wanted = items("z")
    assert learnt(wanted, batch("z")).found == {}


@pytest.mark.parametrize("resource", ["persistentvolumes", "persistentvolumeclaims", "namespaces"])
def test_types_that_others_shape_are_always_compared(resource: str) -> None:
    assert memory().of_type(Resource("", "v1", resource, "X", False), {}) is None


PAGES = (("a", "b"), ("c", "d"), ("e",))
ALL = items("a", "b", "c", "d", "e")


def pages(*names: tuple[str, ...]) -> list[Batch]:
    last = len(names) - 1
    return [batch(*some, rest="r" if at < last else "", begins=at == 0) for at, some in enumerate(names)]


def test_of_several_pages_only_the_one_with_a_change_is_compared() -> None:
    ours = recorded("a", "b", "c", "d", "e")
    again = after(learnt(ALL, *pages(*PAGES), recorded=ours))
    changed = pages(*PAGES)
    changed[1] = batch("c", "d", rest="r", begins=False, value="2")
    assert known(again, ALL, *changed) == [["a", "b"], None, ["e"]]


def test_an_object_that_shifts_the_pages_costs_one_comparison() -> None:
    ours = recorded("a", "b", "c", "d", "e")
    again = after(learnt(ALL, *pages(*PAGES), recorded=ours))
    shifted = (("a", "aa"), ("b", "c"), ("d", "e"))
    assert known(again, ALL, *pages(*shifted)) == [None, None, None]
    assert known(after(again), ALL, *pages(*shifted)) == [["a"], ["b", "c"], ["d", "e"]]


def test_a_list_that_is_read_anew_begins_anew() -> None:
    ours = recorded("a", "b", "c", "d", "e")
    again = after(learnt(ALL, *pages(*PAGES), recorded=ours))
    first, second, third = pages(*PAGES)
    assert known(again, ALL, first, *pages(*PAGES)) == [["a", "b"], ["a", "b"], ["c", "d"], ["e"]]
    assert (second.begins, third.begins) == (False, False)


def test_a_list_in_another_order_is_always_compared() -> None:
    made = learnt(items("a", "b", "c"), batch("b", "a", rest="r"), batch("c", begins=False))
    assert made.found == {}


def test_a_change_that_is_due_after_all_makes_it_compared() -> None:
    wanted = items("a")
    again = after(learnt(wanted, batch("a"))).of_type(MAPS, wanted)
    assert again is not None
    assert again.changes(batch("a"), lambda one, found: Change(one, Action.RELABEL, comparison=found)) is None
