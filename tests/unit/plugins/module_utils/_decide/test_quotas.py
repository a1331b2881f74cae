# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A quota that lets more in comes before what it counts."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.quotas import grows, quantity, same_limits
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import diff, project
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Comparison, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

QUOTA = BackupItem(ObjectKey("", "ResourceQuota", "shop", "compute"), "resourcequotas", "v1")


def change(before: Any, after: Any, action: Action = Action.UPDATE, item: BackupItem = QUOTA) -> Change:
    live, wanted = {"spec": before}, {"spec": after}
    patch = diff(live, wanted)
    return Change(item, action, comparison=Comparison("1", patch, project(live, patch)))


def hard(**limits: Any) -> dict[str, Any]:
    return {"hard": limits}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (hard(pods="2"), hard(pods="10"), True),
        (hard(pods=2), hard(pods="10"), True),
        (hard(cpu="900m"), hard(cpu="1"), True),
        (hard(memory="1Gi"), hard(memory="1100M"), True),
        (hard(pods="2", cpu="4"), hard(pods="3", cpu="2"), True),
        (hard(pods="2"), hard(), True),
        (hard(pods="2"), None, True),
        (hard(pods="2", cpu="1"), hard(cpu="1"), True),
        (hard(pods="10"), hard(pods="2"), False),
        (hard(memory="1Gi"), hard(memory="1000M"), False),
        (hard(cpu="1"), hard(cpu="1000m"), False),
        (hard(cpu="1"), hard(cpu="1", pods="5"), False),
        ({}, hard(pods="5"), False),
        (None, hard(pods="5"), False),
        (hard(pods="2"), hard(pods="many"), False),
        (hard(pods="2"), {"hard": "odd"}, True),
        ({"hard": {"pods": "2"}, "scopes": ["BestEffort"]}, {"hard": {"pods": "2"}, "scopes": []}, False),
    ],
)
def test_a_quota_grows_when_it_lets_more_of_anything_in(before, after, expected):
    assert grows(change(before, after)) is expected


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.UPDATE])
def test_only_one_that_is_updated_grows(action):
    assert not grows(change(hard(pods="2"), hard(pods="10"), action))
    assert not grows(Change(QUOTA, action))


def test_nothing_else_grows():
    item = BackupItem(ObjectKey("", "LimitRange", "shop", "a"), "limitranges", "v1")
    assert not grows(change(hard(pods="2"), hard(pods="10"), item=item))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("10", 10),
        (10, 10),
        (0.5, Fraction(1, 2)),
        ("1.5", Fraction(3, 2)),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("+5", 5),
        ("-5", -5),
        ("100m", Fraction(1, 10)),
        ("1u", Fraction(1, 10**6)),
        ("1n", Fraction(1, 10**9)),
        ("2k", 2000),
        ("2Ki", 2048),
        ("1Ei", 2**60),
        ("1E", 10**18),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1e-3", Fraction(1, 1000)),
        ("", None),
        ("ten", None),
        ("1K", None),
        ("1mi", None),
        ("1e", None),
        ("1e999999999", None),
        ("9" * 31, None),
        (True, None),
        (None, None),
        ([], None),
        (float("inf"), None),
    ],
)
def test_a_quantity_is_read_as_the_api_writes_it(value, number):
    assert quantity(value) == number


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ({"cpu": "1", "pods": "2"}, {"pods": "2", "cpu": "1000m"}, True),
        ({"cpu": "1"}, {"cpu": "2"}, False),
        ({"cpu": "1"}, {"cpu": "1", "pods": "2"}, False),
        ({}, {}, True),
    ],
)
def test_limits_are_the_same_however_they_are_written(one, other, expected):
    assert same_limits(one, other) is expected
