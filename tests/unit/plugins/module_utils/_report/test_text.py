# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a text takes of the module's result."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.text import LONGEST, cut, fitting, json_size


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a" * LONGEST, "a" * LONGEST), ("a" * (LONGEST + 1), "a" * (LONGEST - 1) + "…"), ("", "")],
)
def test_a_message_is_cut_at_its_longest_length(text: str, shown: str) -> None:
    assert cut(text) == shown


def test_another_length_can_be_asked_for() -> None:
    assert cut("abcde", 4) == "abc…"


def test_size_is_that_of_escaped_json() -> None:
    assert json_size("é") == len('"\\u00e9"')


def test_texts_are_made_fit_to_be_shown_and_fill_their_budget() -> None:
    assert fitting(("a\x1b", "b" * 2_000), 2_000) == ["a\\x1b", "b" * (LONGEST - 1) + "…"]
    several = fitting(("é" * 10 for _number in range(100)), 500)
    assert json_size(several) <= 500 < json_size([*several, "é" * 10])
