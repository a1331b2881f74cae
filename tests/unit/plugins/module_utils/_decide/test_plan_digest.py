# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digests of a plan: the same for the same writes, none without a key, and short enough to travel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import product

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.plan_digest import (
    MOST,
    PlanDigest,
    PlanKeys,
    place_text,
)
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import PlannedWrite
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

OLD, NEW = "o" * 32, "n" * 32
SECRET = PlanKeys(Keys(NEW))
OF_BACKUP = PlanKeys(Keys(NEW), secret=False)


def write(
    name: str,
    namespace: str = "shop",
    kind: str = "ConfigMap",
    group: str = "",
    content: bytes = b"c",
    was: bytes = b"r",
) -> PlannedWrite:
    return PlannedWrite(ObjectKey(group, kind, namespace, name), Action.UPDATE, content + name.encode(), was)


ONE, TWO = write("one"), write("two")


def plan(
    *writes: PlannedWrite, backup: str = "b1", content: bytes = b"tar", by: PlanKeys = SECRET, target: str = "c1"
) -> PlanDigest:
    return PlanDigest(backup, content, writes, by, target)


def test_the_order_of_writes_says_nothing() -> None:
    one, other = plan(ONE, TWO), plan(TWO, ONE)
    assert (one.hash, one.parts) == (other.hash, other.parts)


@pytest.mark.parametrize(
    "other",
    [
        plan(ONE),
        plan(),
        plan(ONE, TWO, TWO),
        plan(ONE, TWO._replace(content=b"other")),
        plan(ONE, TWO._replace(replaced=b"other")),
        plan(ONE, TWO, backup="b2"),
        plan(ONE, TWO, content=b"other"),
        plan(ONE, TWO, target="c2"),
        plan(ONE, TWO, by=PlanKeys(Keys(OLD))),
    ],
)
def test_whatever_differs_makes_another_hash(other: PlanDigest) -> None:
    this = plan(ONE, TWO)
    assert this.hash != other.hash
    assert not other.is_of(this.hash)
    assert this.is_of(this.hash)


def test_a_plan_is_known_by_each_of_the_keys_while_one_is_changed_for_another() -> None:
    before = plan(ONE, by=PlanKeys(Keys(OLD)))
    after = plan(ONE, by=PlanKeys(Keys(NEW, OLD)))
    assert after.is_of(before.hash)
    same = after.by_key_of(before.parts)
    assert same is not None
    assert same.parts == before.parts
    assert plan(ONE, by=PlanKeys(Keys(NEW))).by_key_of(before.parts) is None
    assert after.by_key_of({}) is None


# What a reader may learn


@pytest.mark.parametrize("by", [SECRET, OF_BACKUP], ids=["a secret key", "a key of the backup"])
def test_every_digest_that_is_shown_is_another_with_another_key(by: PlanKeys) -> None:
    this, other = plan(ONE, by=by), plan(ONE, by=replace(by, keys=Keys(OLD)))
    assert this.hash != other.hash
    assert not set(this.parts.values()) & set(other.parts.values())
    assert next(this.objects())[1] != next(other.objects())[1]


@pytest.mark.parametrize(
    ("kind", "by", "is_in"),
    [
        ("Secret", SECRET, True),
        ("Secret", OF_BACKUP, False),
        ("ConfigMap", SECRET, True),
        ("ConfigMap", OF_BACKUP, True),
    ],
)
def test_who_has_the_backup_can_try_no_value_of_the_target_s_secrets(kind: str, by: PlanKeys, is_in: bool) -> None:
    """The key made of its bytes is his too: then nothing that he sees comes of what a Secret there holds."""
    one, other = (plan(write("x", kind=kind, was=was), by=by) for was in (b"1", b"2"))
    assert (one.hash != other.hash) is is_in
    assert (one.parts != other.parts) is is_in
    assert (next(one.objects())[1] != next(other.objects())[1]) is is_in


def test_no_key_and_no_digest_that_is_not_keyed_is_shown() -> None:
    assert repr(plan(ONE)) == "PlanDigest(backup='b1')"


# Places


def many(namespaces: int, types: int) -> Iterable[PlannedWrite]:
    places = product(range(namespaces), range(types))
    return (write("x", f"namespace-{space:04}", f"Kind{kind:04}", "example.org") for space, kind in places)


@pytest.mark.parametrize(
    ("writes", "places"),
    [
        ([write("a"), write("b"), write("c", "bank")], {"shop/ConfigMap", "bank/ConfigMap"}),
        (
            [write("a", "", "Namespace"), write("b", kind="Deployment", group="apps")],
            {"/Namespace", "shop/Deployment.apps"},
        ),
        ([], set()),
        (many(5, 50), {f"namespace-{number:04}/*" for number in range(5)}),
        (many(500, 3), {f"*/Kind{number:04}.example.org" for number in range(3)}),
        (many(400, 400), {"*/*"}),
    ],
    ids=["types in namespaces", "of the cluster", "nothing", "namespaces", "types", "all"],
)
def test_parts_are_as_fine_as_there_is_room(writes: Iterable[PlannedWrite], places: set[str]) -> None:
    parts = plan(*writes).parts
    assert parts.keys() == {"key", "backup", "target", *places}
    assert len(json.dumps({"backup": "b1", "hash": "0" * 64, "parts": parts})) <= MOST
    assert {len(digest) for digest in parts.values()} == {12}


@pytest.mark.parametrize("sizes", [(1, 1), (5, 50), (500, 3), (400, 400)])
def test_another_plan_s_parts_are_compared_by_the_same_sort_of_places(sizes: tuple[int, int]) -> None:
    approved = plan(*many(*sizes)).parts
    assert plan(*many(*sizes)).parts_like(approved) == approved
    fewer = plan(*list(many(*sizes))[1:]).parts_like(approved)
    changed = [place for place in approved if approved[place] != fewer.get(place)]
    assert len(changed) == 1


def test_a_part_is_another_only_where_its_writes_are() -> None:
    one, other = plan(ONE, write("x", "bank")).parts, plan(TWO, write("x", "bank")).parts
    assert {place for place in one if one[place] != other[place]} == {"shop/ConfigMap"}


@pytest.mark.parametrize(
    "odd", ["{{ lookup('pipe', 'id') }}", "a b", "line\nend", "\ud800", "x" * 254, "{% raw %}", "a/b"]
)
def test_a_place_is_called_by_nothing_that_a_template_or_a_shell_could_read(odd: str) -> None:
    named = plan(write("x", odd), write("y", odd, odd), write("z", "shop", "Kind", odd))
    assert named.parts.keys() == {"key", "backup", "target", "?/ConfigMap", "?/?", "shop/?"}


def test_places_that_are_called_alike_are_one() -> None:
    one, other = (plan(write("x", "a b"), write(name, "c d")).parts for name in "yz")
    assert one.keys() == other.keys() == {"key", "backup", "target", "?/ConfigMap"}
    assert one["?/ConfigMap"] != other["?/ConfigMap"]


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("shop/Deployment.apps", "Deployment.apps in namespace shop"),
        ("/Namespace", "Namespace in the cluster itself"),
        ("shop/*", "namespace shop"),
        ("/*", "the cluster itself"),
        ("*/Deployment.apps", "all Deployment.apps"),
        ("*/*", "all objects"),
    ],
)
def test_how_people_read_a_place(place: str, text: str) -> None:
    assert place_text(place) == text
