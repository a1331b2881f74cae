# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and changing bodies that nobody has checked."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.standby.velero.plugins.module_utils._unstructured import (
    EACH,
    annotations_of,
    as_list,
    as_map,
    as_maps,
    as_text,
    as_texts,
    each,
    filtered,
    labels_of,
    nested,
    replaced,
    revised,
    select,
    without,
    without_nulls,
)

ODD = [None, True, 7, 1.5, "text", [], [1], {}]


@pytest.mark.parametrize("value", ODD)
def test_a_value_of_another_type_reads_as_empty(value):
    assert as_map(value) == (value if isinstance(value, dict) else {})
    assert as_list(value) == (value if isinstance(value, list) else [])
    assert as_text(value) == (value if isinstance(value, str) else "")


@pytest.mark.parametrize("value", ODD)
def test_of_a_list_only_the_elements_of_one_type_are_read(value):
    assert as_maps([value, {"a": 1}]) == [*([value] if isinstance(value, dict) else []), {"a": 1}]
    assert as_texts([value, "a"]) == [*([value] if isinstance(value, str) else []), "a"]
    assert as_maps(value) == as_texts(value) == []


def test_nulls_are_absent_however_deep_but_an_element_of_a_list_is_its_own_value():
    body = {"a": None, "b": {"c": None}, "d": [None, {"e": None, "f": 0}]}
    assert without_nulls(body) == {"b": {}, "d": [None, {"f": 0}]}
    assert body["a"] is None


@pytest.mark.parametrize("value", ODD)
def test_nothing_lies_below_a_value_that_is_no_map(value):
    assert nested({"spec": value}, "spec", "ports") is None
    assert labels_of({"metadata": value}) == annotations_of({"metadata": value}) == {}


@pytest.mark.parametrize("value", ODD)
def test_what_cannot_be_changed_is_handed_on_as_it_is(value):
    body = {"spec": value}
    assert replaced(body, ("spec", "a", "b"), 1) == body
    assert without(body, ("spec", "a"), ("b",)) is body
    assert filtered(body, ("spec", "a"), bool) is body
    assert each(body, ("spec", "a"), dict) is body


def test_a_change_copies_its_path_and_shares_the_rest():
    body = {"metadata": {"labels": {}}, "spec": {"a": {"b": 1}, "c": {}}}
    changed = replaced(body, ("spec", "a", "b"), 2)
    assert changed == {"metadata": {"labels": {}}, "spec": {"a": {"b": 2}, "c": {}}}
    assert body["spec"]["a"]["b"] == 1
    assert changed["metadata"] is body["metadata"]
    assert changed["spec"]["c"] is body["spec"]["c"]


@pytest.mark.parametrize(
    ("path", "names", "expected"),
    [
        ((), ("a",), {"b": {"c": 2, "d": 3}}),
        (("b",), ("c", "d"), {"a": 1, "b": {}}),
        (("b",), ("e",), {"a": 1, "b": {"c": 2, "d": 3}}),
    ],
)
def test_keys_are_taken_out_of_the_map_at_the_path(path, names, expected):
    assert without({"a": 1, "b": {"c": 2, "d": 3}}, path, names) == expected


def test_a_list_of_which_nothing_is_kept_goes_altogether():
    assert filtered({"spec": {"a": [1, 2]}}, ("spec", "a"), lambda item: item > 1) == {"spec": {"a": [2]}}
    assert filtered({"spec": {"a": [1, 2]}}, ("spec", "a"), lambda item: item > 2) == {"spec": {}}


def test_only_maps_in_a_list_are_changed():
    body = {"a": [{"x": 1}, "odd", None]}
    assert each(body, ("a",), lambda item: {**item, "y": 2}) == {"a": [{"x": 1, "y": 2}, "odd", None]}


PATH = ("spec", EACH, "image")


@pytest.mark.parametrize(
    ("body", "after", "there"),
    [
        (
            {"spec": [{"image": "a"}, {"image": "b", "c": 1}]},
            {"spec": [{"image": "A"}, {"image": "B", "c": 1}]},
            ["a", "b"],
        ),
        ({"spec": [{"name": "a"}, "a", None]}, None, []),
        ({"spec": {"image": "a"}}, None, []),
        ({"spec": {EACH: {"image": "a"}}}, {"spec": {EACH: {"image": "A"}}}, ["a"]),
        ({}, None, []),
        ([], None, []),
        (None, None, []),
    ],
)
def test_what_lies_at_a_path_is_found_and_changed_in_a_copy(body, after, there):
    before = copy.deepcopy(body)
    assert revised(body, PATH, str.upper) == (body if after is None else after)
    assert list(select(body, PATH)) == there
    assert body == before


def test_where_nothing_changes_nothing_is_copied():
    body = {"spec": [{"image": "A"}], "other": {}}
    assert revised(body, PATH, lambda image: image) is body
    after = revised(body, PATH, str.lower)
    assert after["other"] is body["other"]
