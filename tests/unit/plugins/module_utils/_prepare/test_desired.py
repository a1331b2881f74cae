# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desired body of an item: what it is made of, and that it is made once as far as there is room."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._errors import ModifierError
from ansible_collections.standby.velero.plugins.module_utils._match.globs import Patterns
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import HELD_BYTES, DesiredState
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Body, ObjectKey
from backups import Backup

MAPPING = {"shop": "store"}


@contextmanager
def desired_of(folder: Path, backup: Backup, **more: Any) -> Iterator[tuple[DesiredState, dict[str, BackupItem]]]:
    """The desired state of a backup under the mapping, and its items under the keys of the target."""
    with opened(files_of(str(backup.write(folder / "b.tar.gz")), "b", ""), None) as found:
        desired = DesiredState(found.content, PrepareContext(namespace_mapping=MAPPING), **more)
        yield desired, {str(item.key): mapped(item, MAPPING) for item in found.content.items}


# What it is made of


def test_a_body_is_prepared_for_the_target(tmp_path: Path) -> None:
    backup = Backup().add("configmaps", "shop", "app", {"data": {"a": "1"}})
    with desired_of(tmp_path, backup) as (desired, items):
        assert desired.body(items["ConfigMap shop/app"]) == {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "app", "namespace": "store"},
            "data": {"a": "1"},
        }


@pytest.mark.parametrize(
    ("included", "excluded", "status"),
    [
        (None, None, None),
        (("*",), (), {"phase": "Bound"}),
        (("pods",), (), {"phase": "Bound"}),
        (("configmaps",), (), None),
        (("*",), ("pods",), None),
    ],
)
def test_the_status_of_the_backup_is_in_it_where_it_is_asked_for(
    tmp_path: Path, included: tuple[str, ...] | None, excluded: tuple[str, ...] | None, status: Any
) -> None:
    lists = {
        "status_included": None if included is None else Patterns(included),
        "status_excluded": None if excluded is None else Patterns(excluded),
    }
    backup = Backup().add("pods", "shop", "web", {"spec": {}, "status": {"phase": "Bound"}})
    with desired_of(tmp_path, backup, **lists) as (desired, items):
        assert desired.body(items["Pod shop/web"]).get("status") == status


RULES = {
    "version": "v1",
    "resourceModifierRules": [
        {
            "conditions": {"groupResource": "configmaps", "namespaces": ["shop"]},
            "patches": [{"operation": "replace", "path": "/data/a", "value": '"2"'}],
        }
    ],
}


def test_modifiers_come_last_and_ask_for_the_namespace_in_the_backup(tmp_path: Path) -> None:
    backup = Backup().add("configmaps", "shop", "app", {"data": {"a": "1"}})
    backup.add("configmaps", "bank", "app", {"data": {"a": "1"}})
    with desired_of(tmp_path, backup, modify=compile_modifiers(RULES).apply) as (desired, items):
        bodies = {name: desired.body(item) for name, item in items.items()}
        assert bodies["ConfigMap shop/app"]["data"] == {"a": "2"}
        assert bodies["ConfigMap shop/app"]["metadata"]["namespace"] == "store"
        assert bodies["ConfigMap bank/app"]["data"] == {"a": "1"}
        assert desired.unmodified().body(items["ConfigMap shop/app"])["data"] == {"a": "1"}


def test_an_object_on_which_a_modifier_fails_has_no_body(tmp_path: Path) -> None:
    backup = Backup().add("configmaps", "shop", "app", {"data": {"b": "1"}})
    with desired_of(tmp_path, backup, modify=compile_modifiers(RULES).apply) as (desired, items):
        for _time in range(2):
            with pytest.raises(ModifierError):
                desired.body(items["ConfigMap shop/app"])


def test_a_namespace_that_the_backup_lacks_is_a_blank_one(tmp_path: Path) -> None:
    item = BackupItem(ObjectKey("", "Namespace", "", "store"), "namespaces", "v1")
    with desired_of(tmp_path, Backup().folder("resources"), modify=compile_modifiers(RULES).apply) as (desired, _items):
        assert desired.body(item) == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "store"}}


def test_copies_at_other_versions_lie_under_the_object_s_key_on_the_target(tmp_path: Path) -> None:
    v1 = {"apiVersion": "example.org/v1", "kind": "Widget"}
    backup = Backup().add("widgets.example.org", "shop", "gear", v1)
    backup.add_version("widgets.example.org", "v2", "shop", "gear", {**v1, "apiVersion": "example.org/v2"})
    with desired_of(tmp_path, backup) as (desired, items):
        item = items["Widget.example.org shop/gear"]
        (copy,) = desired.copies(item)
        assert (copy.version, copy.key, copy.source) == ("v2", item.key, item.source)
        assert str(copy.key) == "Widget.example.org store/gear"
        assert desired.body(copy)["apiVersion"] == "example.org/v2"
        assert desired.copies(replace(item, key=item.key._replace(name="other"), source=None)) == []


# That it is made once


@dataclass
class Counting:
    """A backup in memory that notes which bodies are read."""

    others: dict[ObjectKey, tuple[BackupItem, ...]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def body(self, item: BackupItem) -> Body:
        self.read.append(item.key.name)
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": item.key.name}}

    def weight(self, item: BackupItem) -> int:
        return item.size


def an_item(name: str, size: int = 100) -> BackupItem:
    return BackupItem(ObjectKey("", "ConfigMap", "shop", name), "configmaps", "v1", size=size)


def a_state() -> tuple[DesiredState, Counting]:
    backup = Counting()
    return DesiredState(backup, PrepareContext()), backup


def held(desired: DesiredState, *items: BackupItem) -> list[bool]:
    """Whether each is held: then it is the same body when it is asked for again."""
    return [desired.body(item) is desired.body(item) for item in items]


def hold(desired: DesiredState, *items: BackupItem) -> None:
    for item in items:
        desired.hold(item, desired.body(item))


def test_a_body_is_made_at_each_call_unless_it_is_held() -> None:
    desired, backup = a_state()
    item = an_item("app")
    body = desired.body(item)
    assert desired.body(item) == body
    assert backup.read == ["app", "app"]
    desired.hold(item, body)
    assert desired.body(item) is body
    assert desired.body(item) is body
    assert backup.read == ["app", "app"]


def test_what_is_released_is_made_anew_and_may_be_held_again() -> None:
    desired, backup = a_state()
    item = an_item("app")
    hold(desired, item)
    desired.release(item)
    assert held(desired, item) == [False]
    hold(desired, item)
    assert held(desired, item) == [True]
    assert len(backup.read) == 4


def test_to_release_what_is_not_held_makes_no_room() -> None:
    desired, _backup = a_state()
    small, large = an_item("small", 1), an_item("large", HELD_BYTES + 1)
    desired.release(large)
    hold(desired, small, large)
    desired.release(small)
    desired.release(small)
    hold(desired, large)
    assert held(desired, small, large) == [False, False]


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ([HELD_BYTES], [True]),
        ([HELD_BYTES + 1], [False]),
        ([HELD_BYTES // 2] * 3, [True, True, False]),
        ([HELD_BYTES - 1, 2, 1], [True, False, True]),
    ],
)
def test_bodies_are_held_up_to_a_bound_and_what_does_not_fit_is_made_anew(sizes: list[int], kept: list[bool]) -> None:
    desired, _backup = a_state()
    items = [an_item(f"c-{number}", size) for number, size in enumerate(sizes)]
    hold(desired, *items)
    assert held(desired, *items) == kept


def test_what_is_held_twice_takes_its_room_once_and_stays_the_first_body() -> None:
    desired, _backup = a_state()
    half, other = an_item("half", HELD_BYTES // 2), an_item("other", HELD_BYTES // 2)
    first = desired.body(half)
    desired.hold(half, first)
    desired.hold(half, {"kind": "another"})
    assert desired.body(half) is first
    hold(desired, other)
    assert held(desired, half, other) == [True, True]


def test_an_object_at_another_version_or_key_is_another_body() -> None:
    desired, _backup = a_state()
    item = an_item("app")
    hold(desired, item)
    others = (replace(item, version="v2"), replace(item, key=item.key._replace(namespace="store")))
    assert held(desired, *others) == [False, False]


def test_neither_without_modifiers_nor_of_another_backup_is_anything_held() -> None:
    desired, _backup = a_state()
    item = an_item("app")
    hold(desired, item)
    other = Counting()
    assert held(desired.unmodified(), item) == [False]
    assert held(desired.of(other), item) == [False]
    assert other.read == ["app", "app"]
    hold(desired.unmodified(), an_item("bank"))
    assert held(desired, item, an_item("bank")) == [True, False]


def test_the_room_is_right_after_many_threads_have_held_and_released() -> None:
    desired, _backup = a_state()
    items = [an_item(f"c-{number}", HELD_BYTES // 50) for number in range(200)]

    def at_work(seed: int) -> None:
        dice = random.Random(seed)
        for item in dice.choices(items, k=500):
            dice.choice((lambda one: hold(desired, one), desired.release))(item)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(at_work, range(8)))
    assert sum(held(desired, *items)) <= 50
    for item in items:
        desired.release(item)
    whole, more = an_item("whole", HELD_BYTES), an_item("more", 1)
    hold(desired, whole, more)
    assert held(desired, whole, more) == [True, False]


# What no object names


def test_a_class_or_an_image_of_the_mappings_that_no_object_names_is_told(tmp_path: Path) -> None:
    pod = {"spec": {"containers": [{"image": "registry.example/web:1"}], "initContainers": [{"image": "old/init"}]}}
    template = {"spec": {"storageClassName": "slow"}}
    backup = Backup().add("pods", "shop", "web", pod)
    backup.add("persistentvolumeclaims", "shop", "data", {"spec": {"storageClassName": "fast"}})
    backup.add("statefulsets.apps", "shop", "db", {"spec": {"volumeClaimTemplates": [template]}})
    context = PrepareContext(
        storage_class_mapping={"fastt": "a", "fast": "a", "slow": "a", "gone": "a"},
        image_mapping=(("registry.example", "mirror"), ("regisstry", "mirror"), ("old/", "new/")),
    )
    with opened(files_of(str(backup.write(tmp_path / "b.tar.gz")), "b", ""), None) as found:
        items = found.content.items
        assert list(DesiredState(found.content, context).unmatched(items)) == [
            "storage_class_mapping: 'fastt' matches nothing that is selected",
            "storage_class_mapping: 'gone' matches nothing that is selected",
            "image_mapping: 'regisstry' matches nothing that is selected",
        ]
        assert list(DesiredState(found.content, PrepareContext()).unmatched(items)) == []


# What is withheld


def test_a_body_comes_without_what_is_withheld_and_whole_where_that_is_asked_for(tmp_path: Path) -> None:
    modify = compile_modifiers({"version": "v1", "resourceModifierRules": [LEVEL]}).apply
    backup = Backup().add("configmaps", "shop", "app", {"metadata": {"labels": {"team": "a"}}})

    def withhold(item: BackupItem, body: Body) -> Body:
        assert item.key.namespace == "store"
        return {**body, "metadata": {**body["metadata"], "labels": {"team": "a"}}}

    with desired_of(tmp_path, backup, withhold=withhold, modify=modify) as (desired, items):
        item = items["ConfigMap shop/app"]
        assert desired.body(item)["metadata"]["labels"] == {"team": "a"}
        assert desired.whole().body(item)["metadata"]["labels"] == {"team": "a", "level": "none"}
    with desired_of(tmp_path, backup) as (desired, _items):
        assert desired.whole() is desired


LEVEL = {
    "conditions": {"groupResource": "configmaps"},
    "mergePatches": [{"patchData": '{"metadata": {"labels": {"level": "none"}}}'}],
}
