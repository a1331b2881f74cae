# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a write is known by: two that would write the same are the same, whatever else of them differs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import (
    WRITING,
    PlannedWrite,
    is_within,
    planned_write,
    planned_writes,
)
from ansible_collections.standby.velero.plugins.module_utils._decide.recreatable import Recreation
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import NULL
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Body,
    Change,
    Choice,
    Comparison,
    ObjectKey,
    ObjectRef,
    Trust,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Policy, Reason

KEY = ObjectKey("", "ConfigMap", "shop", "app")
ITEM = BackupItem(KEY, "configmaps", "v1", number=3, size=4, uid="p1")
DESIRED: Body = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"size": "3", "name": "x"}}
FOUND = Comparison("7", {"data": {"size": "3"}}, {"data": {"size": "1"}}, ("old", "old"), b"d", uid="u1")
UPDATE, RECREATE = Choice(Policy.UPDATE, "one"), Choice(Policy.RECREATE, "other")


def body(_item: BackupItem) -> Body:
    return DESIRED


def change(action: Action, found: Comparison | None = FOUND, choice: Choice = UPDATE, **more: Any) -> Change:
    ref = ObjectRef(KEY, "configmaps", "v1") if action is Action.DELETE else ITEM
    return Change(ref, action, comparison=found, choice=choice, **more)


CREATE, PATCH, RELABEL, DELETE = (
    change(Action.CREATE, None),
    change(Action.UPDATE),
    change(Action.RELABEL),
    change(Action.DELETE),
)
ANEW = change(Action.UPDATE, choice=RECREATE)
"""An update that may end in a deletion."""


USUAL = Recreation()


def of(one: Change, desired: Body | None = None, recreation: Recreation = USUAL) -> PlannedWrite:
    return planned_write(one, lambda _item: desired or DESIRED, recreation)


def found(one: Change, **other: Any) -> Change:
    assert one.comparison is not None
    return replace(one, comparison=replace(one.comparison, **other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PATCH, found(PATCH, resource_version="8")),
        (PATCH, found(PATCH, digest=b"e")),
        (PATCH, found(PATCH, labels=("new", None))),
        (PATCH, found(PATCH, changed_by="standby")),
        (PATCH, found(PATCH, uid="u2")),
        (PATCH, replace(PATCH, reason=Reason.WITHHELD, detail="metadata.labels[x]")),
        (PATCH, replace(PATCH, choice=Choice(Policy.UPDATE, "another rule"))),
        (PATCH, replace(PATCH, ref=replace(ITEM, number=9, uid="p2"))),
        (CREATE, replace(CREATE, reason=Reason.SOURCE_MISSING, detail="VolumeSnapshot shop/x")),
        (CREATE, replace(CREATE, choice=RECREATE)),
        (RELABEL, found(RELABEL, uid="u2", labels=("x", "y"))),
        (DELETE, found(DELETE, resource_version="8", before={"data": {}})),
        (ANEW, found(ANEW, resource_version="8")),
    ],
)
def test_what_is_no_part_of_a_write(one: Change, other: Change) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CREATE, PATCH),
        (PATCH, RELABEL),
        (RELABEL, DELETE),
        (CREATE, replace(CREATE, ref=replace(ITEM, key=KEY._replace(name="other")))),
        (CREATE, replace(CREATE, ref=replace(ITEM, version="v2"))),
        (CREATE, replace(CREATE, ref=replace(ITEM, resource="configmaps.example.org"))),
        (PATCH, found(PATCH, patch={"data": {"size": "4"}})),
        (PATCH, found(PATCH, before={"data": {"size": "2"}})),
        (PATCH, found(PATCH, status={"ready": 1})),
        (PATCH, found(PATCH, merged=True)),
        (PATCH, found(PATCH, trust=Trust({"caBundle": "b"}, {"caBundle": "a"}, frozenset("b")))),
        (PATCH, ANEW),
        (ANEW, found(ANEW, uid="u2")),
        (ANEW, found(ANEW, controlled=True)),
        (DELETE, found(DELETE, uid="u2")),
    ],
)
def test_what_is_a_part_of_it(one: Change, other: Change) -> None:
    assert of(one) != of(other)


@pytest.mark.parametrize(("one", "is_told"), [(CREATE, True), (PATCH, False), (ANEW, True), (RELABEL, False)])
def test_the_whole_body_counts_where_it_may_be_created(one: Change, is_told: bool) -> None:
    assert (of(one) != of(one, {**DESIRED, "data": {}})) is is_told


@pytest.mark.parametrize(
    "recreation",
    [Recreation(allow=("configmaps/shop/app",)), Recreation(allow=("configmaps",)), Recreation(propagation="orphan")],
)
def test_how_an_object_is_recreated_counts_where_it_may_be(recreation: Recreation) -> None:
    assert of(ANEW, recreation=recreation) != of(ANEW)
    assert of(PATCH, recreation=recreation) == of(PATCH)


@pytest.mark.parametrize("recreation", [Recreation(allow=("configmaps/shop/other",)), Recreation(timeout=1)])
def test_options_of_recreation_that_are_not_about_it_do_not_count(recreation: Recreation) -> None:
    assert of(ANEW, recreation=recreation) == of(ANEW)


def test_the_order_of_keys_says_nothing_and_that_of_elements_does() -> None:
    assert of(CREATE, {"a": [1, 2], "b": 1}) == of(CREATE, {"b": 1, "a": [1, 2]})
    assert of(CREATE, {"a": [1, 2]}) != of(CREATE, {"a": [2, 1]})


@pytest.mark.parametrize("other", [None, "", "null", [], {}])
def test_a_null_that_is_a_value_is_no_removal_and_nothing_else(other: Any) -> None:
    null, removal = (found(PATCH, patch={"spec": {"size": value, "list": [value]}}) for value in (NULL, other))
    assert of(null) != of(removal)
    assert of(null) == of(found(PATCH, patch={"spec": {"size": NULL, "list": [NULL]}}))


def test_what_is_replaced_is_told_apart_from_all_else() -> None:
    one, other = of(PATCH), of(found(PATCH, before={"data": {"size": "2"}}))
    assert (one.content, one.replaced != other.replaced) == (other.content, True)
    assert {of(change).replaced for change in (CREATE, RELABEL, DELETE)} == {b""}


def test_only_what_writes_is_a_write() -> None:
    settled = [change(action) for action in Action if action not in WRITING]
    assert list(planned_writes([*settled, PATCH], body, Recreation())) == [of(PATCH)]
    assert {Action.NOOP, Action.SKIP, Action.FAIL} == {one.action for one in settled}


def test_those_of_a_plan_are_told_as_often_as_they_are_asked_for() -> None:
    changes = [replace(PATCH, ref=replace(ITEM, key=KEY._replace(name=name))) for name in "ab"]
    changes.append(Change(ITEM, Action.CREATE))
    writes = planned_writes(changes, body, Recreation())
    assert list(writes) == list(writes) == [of(change) for change in changes]
    assert [bool(write.replaced) for write in writes] == [True, True, False]


# What a change has become meanwhile

BOTH = found(PATCH, trust=Trust({"data": {"ca": "b"}}, {"data": {"ca": "a"}}, frozenset("b")))
FOLLOWED = found(PATCH, patch={"data": {"ca": "b"}}, before={"data": {"ca": "a"}})
ACCOUNT = found(PATCH, merged=True)


@pytest.mark.parametrize(
    ("planned", "now", "holds"),
    [
        (PATCH, found(PATCH, resource_version="8", labels=(None, None)), True),
        (PATCH, replace(PATCH, reason=Reason.CHANGED_MEANWHILE), True),
        (PATCH, change(Action.NOOP), True),
        (PATCH, change(Action.SKIP, reason=Reason.HAS_CONTROLLER), True),
        (CREATE, change(Action.SKIP, reason=Reason.EXISTS_DIFFERENT), True),
        (CREATE, change(Action.FAIL, None, reason=Reason.PRIVILEGED), True),
        (PATCH, RELABEL, True),
        (RELABEL, found(RELABEL, uid="u2"), True),
        (DELETE, found(DELETE, resource_version="8"), True),
        (BOTH, BOTH, True),
        (BOTH, FOLLOWED, True),
        (BOTH, found(BOTH, trust=None), True),
        (PATCH, found(PATCH, patch={"data": {"size": "3", "more": "1"}}), False),
        (PATCH, found(PATCH, before={"data": {"size": "2"}}), False),
        (PATCH, CREATE, False),
        (CREATE, PATCH, False),
        (CREATE, RELABEL, False),
        (RELABEL, PATCH, False),
        (ACCOUNT, RELABEL, False),
        (ANEW, found(ANEW, uid="u2"), False),
        (DELETE, found(DELETE, uid="u2"), False),
        (PATCH, FOLLOWED, False),
    ],
)
def test_no_more_than_was_planned_is_within_it(planned: Change, now: Change, holds: bool) -> None:
    assert is_within(planned, now, body, Recreation()) is holds


def test_an_update_without_a_comparison_is_a_fault() -> None:
    with pytest.raises(ValueError, match="update without a comparison: ConfigMap shop/app"):
        of(change(Action.UPDATE, None))
