# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""That a standby is active, by what either of its records says."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.activation import (
    ANNOTATION,
    NAME,
    UNREADABLE,
    WHOLE,
    Activation,
    Active,
    Spared,
    annotated_in,
    recorded_in,
    secret_of,
    spared_by,
    why_not_held,
    why_refused,
)

FIRST = Activation("2026-11-29T03:00:00Z", "host/1", "nightly-01")
SECOND = Activation("2026-11-29T04:00:00Z", "host/2", "nightly-01")
SHOP = {"shop": FIRST}
THERE = frozenset(("shop", "bank", "default"))
ASLEEP = Active({}, {}, THERE)


def namespace(name: str, text: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "annotations": {ANNOTATION: text}}}


def test_what_is_written_down_is_read():
    assert recorded_in(secret_of({"shop": FIRST, WHOLE: SECOND}, "state")) == {"shop": FIRST, WHOLE: SECOND}
    assert annotated_in([namespace("shop", FIRST.text), {"metadata": {"name": "bank"}}]) == SHOP


@pytest.mark.parametrize(
    "text",
    ["", "broken", "{}", "[]", '{"at":"","by":"","backup":""}', '{"at":1}', "[" * 100_000, "x" * 10_000, None, 3],
)
def test_an_annotation_that_cannot_be_read_says_active_too(text):
    assert annotated_in([namespace("shop", text)]) == {"shop": UNREADABLE}


@pytest.mark.parametrize("data", [None, {}, {NAME: "no base64"}, {NAME: b64encode(b"broken").decode()}, {NAME: "W10="}])
def test_a_damaged_record_says_that_the_whole_standby_is_active(data):
    assert recorded_in({"data": data}) == {WHOLE: UNREADABLE}


def test_one_damaged_entry_leaves_the_others_readable():
    text = json.dumps({"shop": FIRST._asdict(), "bank": {"at": "x" * 5000}})
    assert recorded_in({"data": {NAME: b64encode(text.encode()).decode()}}) == {"shop": FIRST, "bank": UNREADABLE}


@pytest.mark.parametrize(
    ("active", "at"),
    [
        (ASLEEP, ""),
        (Active(SHOP, {}, THERE), FIRST.at),
        (Active({}, SHOP, THERE), FIRST.at),
        (Active(SHOP, {"bank": SECOND}, THERE), SECOND.at),
        (Active({WHOLE: SECOND, **SHOP}, SHOP, THERE), SECOND.at),
    ],
)
def test_the_newest_activation_names_them_all(active, at):
    assert active.at == at


@pytest.mark.parametrize(
    ("active", "names"),
    [
        (Active(SHOP, SHOP, THERE), ()),
        (Active({WHOLE: FIRST, **SHOP}, SHOP, THERE), ()),
        (Active(SHOP, {}, THERE), ("shop",)),
        (Active({}, SHOP, THERE), ("shop",)),
        (Active(SHOP, {"shop": SECOND}, THERE), ("shop",)),
        (Active({"gone": FIRST}, {}, THERE), ()),
    ],
    ids=["both", "the whole", "the record alone", "the Namespace alone", "two times", "a Namespace that was deleted"],
)
def test_where_the_two_disagree(active, names):
    assert active.disagreeing == names


def test_some_namespaces_are_looked_at_alone():
    both = {**SHOP, "bank": SECOND}
    active = Active({**both, WHOLE: SECOND}, both, THERE)
    assert active.within(["shop"], whole=False) == Active(SHOP, SHOP, THERE)
    assert active.within([], whole=True) is active


def test_what_sleeps_refuses_nothing():
    assert why_refused(ASLEEP, "") == []
    assert why_not_held(ASLEEP, "") == []


def test_a_refusal_says_since_when_by_whom_where_and_how_to_end_it():
    (said,) = why_refused(Active({**SHOP, WHOLE: FIRST}, SHOP, THERE), "")
    assert said == (
        "the target is active since 2026-11-29T03:00:00Z by host/1 after backup nightly-01: the whole standby. It"
        " serves as production and is not restored onto. To make it a standby again, use velero_workloads with state"
        " held and confirm 2026-11-29T03:00:00Z; to restore all the same, set allow_active: 2026-11-29T03:00:00Z"
    )


def test_it_is_allowed_during_just_that_activation():
    assert why_refused(Active(SHOP, SHOP, THERE), FIRST.at) == []
    (said,) = why_refused(Active({**SHOP, WHOLE: SECOND}, SHOP, THERE), FIRST.at)
    assert "(allow_active is 2026-11-29T03:00:00Z, which is another activation)" in said
    assert "the whole standby" in said


def test_what_is_active_in_part_is_left_alone_and_said():
    active = Active(SHOP, SHOP, THERE)
    assert why_refused(active, "") == []
    found = spared_by(active, "")
    assert found.names == {"shop"}
    assert found.warnings == (
        "active since 2026-11-29T03:00:00Z: namespace shop; what lies there was left alone, and so was what is"
        " cluster-scoped and there already",
    )
    assert spared_by(active, FIRST.at) == spared_by(ASLEEP, "") == Spared()
    assert "allow_active is another, which is" in spared_by(active, "another").warnings[0]


def test_a_record_that_cannot_be_read_refuses_all():
    damaged = {"shop": UNREADABLE}
    assert why_refused(Active(damaged, damaged, THERE), "")


def test_that_the_two_disagree_is_named():
    _said, why = why_refused(Active(SHOP, {}, THERE), "")
    assert why.startswith("its two records disagree on shop: the Secret activation")


def test_many_namespaces_are_counted():
    many = {f"n{number}": FIRST for number in range(9)}
    (said,) = spared_by(Active(many, many, frozenset(many)), "").warnings
    assert "namespaces n0, n1, n2, n3, n4 and 4 more" in said
    assert ": the whole standby." in why_refused(Active({**many, WHOLE: FIRST}, many, frozenset(many)), "")[0]


@pytest.mark.parametrize(
    ("confirmed", "said"),
    [("", "confirm is not given"), (SECOND.at, f"confirm is {SECOND.at}, which is another activation")],
)
def test_a_hold_of_what_is_active_says_what_is_lost_and_what_it_takes(confirmed, said):
    (why,) = why_not_held(Active(SHOP, SHOP, THERE), confirmed)
    assert f"overwrites what was written to its objects since; {said}" in why
    assert why.endswith(f"set confirm: {FIRST.at}")
    assert why_not_held(Active(SHOP, SHOP, THERE), FIRST.at) == []
