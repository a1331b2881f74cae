# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may be shown of a Secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.mask import AFTER, BEFORE, UNCHANGED, masked
from hypothesis import given
from hypothesis import strategies as st

CANARY = "c2VjcmV0LWNhbmFyeQ=="


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"data": {"a": "x"}}, {"data": {"a": "x"}}, ({"data": {"a": UNCHANGED}}, {"data": {"a": UNCHANGED}})),
        ({"data": {"a": "x"}}, {"data": {"a": "y"}}, ({"data": {"a": BEFORE}}, {"data": {"a": AFTER}})),
        ({"data": {"a": "x"}}, {"data": {}}, ({"data": {"a": BEFORE}}, {"data": {}})),
        ({}, {"stringData": {"a": "y"}}, ({}, {"stringData": {"a": AFTER}})),
        ({"data": "x"}, {"data": {"a": "y"}}, ({"data": BEFORE}, {"data": {"a": AFTER}})),
        (
            {"metadata": {"annotations": {"last": "x"}, "labels": {"app": "a"}}},
            {"metadata": {"annotations": {"last": "y"}, "labels": {"app": "b"}}},
            (
                {"metadata": {"annotations": {"last": BEFORE}, "labels": {"app": "a"}}},
                {"metadata": {"annotations": {"last": AFTER}, "labels": {"app": "b"}}},
            ),
        ),
        ({}, {"type": "Opaque", "immutable": True}, ({}, {"type": "Opaque", "immutable": True})),
        ({}, {"dataa": {"a": "x"}, "type": ["x"]}, ({}, {"dataa": {"a": AFTER}, "type": AFTER})),
        ({}, {"metadata": {"labels": {"a": ["x"]}}}, ({}, {"metadata": {"labels": {"a": AFTER}}})),
    ],
)
def test_keys_show_whether_they_change(before: Any, after: Any, shown: Any) -> None:
    assert masked(before, after) == shown


LEAF = st.sampled_from([CANARY, "x", None, True, 7])
VALUE = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)
FIELDS = st.sampled_from(["data", "stringData", "spec", "metadata", "annotations", "finalizers"])
SECRET = st.dictionaries(FIELDS, st.one_of(VALUE, st.dictionaries(FIELDS, VALUE, max_size=3)), max_size=4)


@given(SECRET, SECRET)
def test_no_value_is_ever_shown_however_the_secret_is_shaped(before: Any, after: Any) -> None:
    assert CANARY not in json.dumps(masked(before, after))


@given(st.text(min_size=1), st.text(min_size=1))
def test_nothing_shown_depends_on_the_value(one: str, other: str) -> None:
    assert masked({"data": {"a": one}}, {}) == masked({"data": {"a": other}}, {})
