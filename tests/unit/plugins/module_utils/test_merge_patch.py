# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""RFC 7386 as Kubernetes reads it: the table is the RFC's own, the properties hold for any JSON."""

from __future__ import annotations

import copy
from typing import Any

import jsonpatch
import pytest
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import (
    NULL,
    apply,
    changed_fields,
    diff,
    exact,
    is_part,
    project,
    same,
    says_null,
    with_nulls,
)
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.sampled_from(["a", "b", "c", "app.kubernetes.io/name"])
SCALARS = st.one_of(
    st.booleans(), st.integers(-2, 2), st.sampled_from([0.0, 1.0, 0.5]), st.sampled_from(["", "x", "1"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=12,
)
BODIES = st.dictionaries(KEYS, VALUES, max_size=4)


@pytest.mark.parametrize(
    ("body", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_apply_follows_the_examples_of_the_rfc(body: Any, patch: Any, result: Any) -> None:
    assert apply(body, patch) == result


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 1}, {"a": True}, {"a": True}),
        ({"a": [1]}, {"a": [True]}, {"a": [True]}),
        ({"a": None}, {}, {}),
        ({}, {"a": None}, {}),
        ({"a": [{"b": 1, "c": None}]}, {"a": [{"b": 1}]}, {}),
        ({"a": 1, "b": 2}, {"a": 1}, {"b": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a": {"c": 3}}),
        ({"a": {"b": 1}}, {"a": {}}, {"a": {"b": None}}),
        ({"a": [1, 2]}, {"a": [2, 1]}, {"a": [2, 1]}),
        ({"a": "x"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": {}}, {"a": {}}),
    ],
)
def test_diff_says_what_changes_and_no_more(before: Any, after: Any, patch: Any) -> None:
    found = diff(before, after)
    assert found == patch
    assert repr(found) == repr(patch)


@given(BODIES, BODIES)
def test_the_patch_leads_from_before_to_after(before: Any, after: Any) -> None:
    assert same(apply(before, diff(before, after)), after)


@given(BODIES)
def test_equal_bodies_need_no_patch(body: Any) -> None:
    assert diff(body, copy.deepcopy(body)) == {}


@given(BODIES, BODIES)
def test_no_leaf_of_a_patch_is_equal_already(before: Any, after: Any) -> None:
    def leaves(patch: Any, value: Any) -> None:
        for key, wanted in patch.items():
            old = value.get(key)
            if isinstance(wanted, dict) and isinstance(old, dict):
                assert wanted
                leaves(wanted, old)
            else:
                assert not same(old, wanted)

    leaves(diff(before, after), before)


@given(BODIES, BODIES)
def test_inputs_are_not_edited_and_untouched_parts_are_shared(before: Any, after: Any) -> None:
    kept = copy.deepcopy((before, after))
    patch = diff(before, after)
    result = apply(before, patch)
    assert (before, after) == kept
    assert all(result[key] is before[key] for key in before if key not in patch)


@given(BODIES, BODIES)
def test_nothing_has_moved_in_the_body_that_was_projected(before: Any, after: Any) -> None:
    patch = diff(before, after)
    assert changed_fields(project(before, patch), before, patch) == ()


@given(BODIES, BODIES)
def test_the_projection_alone_shows_the_change(before: Any, after: Any) -> None:
    patch = diff(before, after)
    assert bool(changed_fields(project(before, patch), after, patch)) == bool(patch)


@pytest.mark.parametrize(
    ("live", "fields"),
    [
        ({"spec": {"replicas": 2}, "metadata": {"labels": {"app.kubernetes.io/name": "x"}}}, ()),
        ({"spec": {"replicas": 3}, "metadata": {"labels": {"app.kubernetes.io/name": "x"}}}, ("spec.replicas",)),
        ({"spec": {"replicas": 2, "paused": True}}, ("metadata.labels[app.kubernetes.io/name]",)),
        ({"spec": [], "metadata": {"labels": {"app.kubernetes.io/name": "x"}}}, ("spec",)),
        ({}, ("spec.replicas", "metadata.labels[app.kubernetes.io/name]")),
    ],
)
def test_only_the_fields_of_the_patch_are_looked_at(live: Any, fields: Any) -> None:
    body = {"spec": {"replicas": 2, "paused": False}, "metadata": {"labels": {"app.kubernetes.io/name": "x"}}}
    patch = {"spec": {"replicas": 4}, "metadata": {"labels": {"app.kubernetes.io/name": "y"}}}
    assert changed_fields(project(body, patch), live, patch) == fields


def test_a_field_path_cannot_steer_a_terminal() -> None:
    patch = {"data": {"\x1b[2J\u202e": "x"}}
    assert changed_fields(project({}, patch), {"data": {"\x1b[2J\u202e": "y"}}, patch) == ("data[\\u001b[2J\\u202e]",)


LIVE = {"metadata": {"resourceVersion": "7", "labels": {"a": "1"}}, "spec": {"cpu": "1", "mode": "auto", "old": None}}


def test_a_null_that_is_a_value_differs_from_what_is_absent_and_from_all_else():
    assert diff({"a": 1}, {"a": NULL}) == {"a": NULL}
    assert diff({"a": NULL}, {}) == {"a": None}
    assert diff({}, {"a": [NULL]}) == {"a": [NULL]}
    assert not same({"a": NULL}, {})
    assert not same({"a": NULL}, {"a": ""})
    assert same({"a": [NULL, {"b": NULL}]}, copy.deepcopy({"a": [NULL, {"b": NULL}]}))


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({}, False),
        ({"a": None}, False),
        ({"a": NULL}, True),
        ({"a": [1, {"b": NULL}]}, True),
        ({"a": {"b": None}}, False),
    ],
)
def test_only_a_null_that_is_a_value_needs_an_exact_patch(patch, says):
    assert says_null(patch) is says


def test_an_exact_patch_replaces_whole_fields_of_the_very_object_that_was_read():
    patch = {
        "metadata": {"labels": {"b": "2"}, "resourceVersion": "7"},
        "spec": {"cpu": NULL, "mode": None},
        "gone": None,
    }
    assert exact({**LIVE, "gone": 1}, patch) == [
        {"op": "test", "path": "/metadata/resourceVersion", "value": "7"},
        {"op": "add", "path": "/spec", "value": {"cpu": None, "old": None}},
        {"op": "remove", "path": "/gone"},
        {"op": "add", "path": "/metadata/labels", "value": {"a": "1", "b": "2"}},
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["spec", "data", "a/b"]), JSON, max_size=3)


@given(OBJECTS, OBJECTS)
def test_an_exact_patch_makes_of_one_custom_resource_the_other_nulls_included(before, after):
    live = {**before, "metadata": {"resourceVersion": "7"}}
    patch = diff(
        *({key: with_nulls(value) for key, value in body.items() if value is not None} for body in (before, after))
    )
    wanted = {key: value for key, value in after.items() if value is not None}
    patched = jsonpatch.JsonPatch(exact(live, patch)).apply(live)
    assert {key: value for key, value in patched.items() if value is not None and key != "metadata"} == wanted


@pytest.mark.parametrize(
    ("patch", "whole", "is_it"),
    [
        ({}, {}, True),
        ({}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1.0}, {"a": 1}, True),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": None}}, True),
        ({"a": None}, {"a": None}, True),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, True),
        ({"a": 1}, {}, False),
        ({"a": None}, {}, False),
        ({"a": 1}, {"a": 2}, False),
        ({"a": True}, {"a": 1}, False),
        ({"a": None}, {"a": NULL}, False),
        ({"a": {"b": 1}}, {"a": 1}, False),
        ({"a": 1}, {"a": {"b": 1}}, False),
        ({"a": [1]}, {"a": [1, 2]}, False),
    ],
)
def test_a_patch_is_a_part_of_one_that_writes_all_of_it_too(patch: Any, whole: Any, is_it: bool) -> None:
    assert is_part(patch, whole) is is_it
