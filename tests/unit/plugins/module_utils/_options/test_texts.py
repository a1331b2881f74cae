# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists and dictionaries as a survey hands them over, with fields that were left blank."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.texts import pairs_of, texts_of


@pytest.mark.parametrize(
    ("values", "texts"), [(None, ()), ([], ()), (["", " ", "\t"], ()), ([" a ", "", "b"], ("a", "b"))]
)
def test_blank_texts_of_a_list_are_left_out_and_the_others_trimmed(values: Any, texts: tuple[str, ...]) -> None:
    assert texts_of(values) == texts


@pytest.mark.parametrize(
    ("given", "pairs"),
    [
        (None, {}),
        ({}, {}),
        ({"shop": "store"}, {"shop": "store"}),
        ({"shop": "", "bank": None, "": "store"}, {}),
        ({1: 2, "shop": 0}, {"1": "2", "shop": "0"}),
    ],
)
def test_blank_sides_of_a_pair_leave_it_out_and_numbers_are_texts(given: Any, pairs: dict[str, str]) -> None:
    assert pairs_of(given) == pairs
