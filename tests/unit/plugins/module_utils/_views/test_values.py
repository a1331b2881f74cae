# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of a report that was edited."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.values import (
    LONGEST,
    boolean,
    name_of,
    number,
    real,
    short,
    whole,
    word,
)

ODD: list[Any] = [None, "x", [], {}, True, -1, float("nan"), float("inf"), 10**400, -(10**400)]


@pytest.mark.parametrize("value", ODD)
def test_what_is_no_number_is_none(value: Any) -> None:
    assert (whole(value), real(value), number(value)) == (None, None, 0)


def test_numbers_are_as_they_are() -> None:
    assert (whole(7), whole(1.5), real(7), real(1.5), number(7)) == (7, None, 7.0, 1.5, 7)


@pytest.mark.parametrize(
    ("value", "said"), [("failed", "failed"), ("not_served", "not_served"), ('x" onload="', ""), ("a b", ""), (1, "")]
)
def test_a_code_is_a_word(value: Any, said: str) -> None:
    assert word(value) == said


def test_a_text_is_cut_and_all_else_is_none() -> None:
    assert short("x" * 9_000) == "x" * (LONGEST - 1) + "…"
    assert [short(value) for value in (None, 1, ["x"])] == ["", "", ""]
    assert [boolean(value) for value in (True, False, None, "true", 1)] == [True, False, None, None, None]


def test_an_object_is_named_as_everywhere() -> None:
    assert (
        name_of({"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "web"})
        == "Deployment.apps shop/web"
    )
    assert name_of({"kind": 1, "name": None}) == " "
