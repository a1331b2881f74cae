# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that the user hides: spelled and found as kubernetes.core does, told apart and never shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.service import hide_field_tree, hide_fields
from ansible_collections.standby.velero.plugins.module_utils._compare.hidden import (
    NOTHING_HIDDEN,
    HiddenFields,
    compile_hidden,
)
from ansible_collections.standby.velero.plugins.module_utils._compare.mask import AFTER, BEFORE, UNCHANGED
from hypothesis import given
from hypothesis import strategies as st

NOTE = "metadata.annotations[example.org/note.v1]"
POD: dict[str, Any] = {
    "metadata": {"name": "web", "annotations": {"example.org/note.v1": "s3cret", "other": "seen"}},
    "spec": {
        "containers": [{"name": "web", "env": [{"name": "A", "value": "s3cret"}, {"name": "B", "value": "seen"}]}]
    },
}
PATHS = (
    NOTE,
    "spec.containers[0].env[0].value",
    "metadata",
    "spec.containers[3].name",
    "spec.nothing.at.all",
    "metadata[name]",
)


def hidden(*texts: str) -> HiddenFields:
    fields, problems = compile_hidden(texts)
    assert problems == []
    return fields


@pytest.mark.parametrize("text", PATHS)
def test_a_path_is_read_as_kubernetes_core_reads_it(text: str) -> None:
    assert hidden(text).paths == (tuple(hide_field_tree(text)),)


@pytest.mark.parametrize("text", PATHS)
def test_what_kubernetes_core_takes_away_is_not_shown_and_nothing_else_is_touched(text: str) -> None:
    _before, shown = hidden(text).hide({}, POD)
    assert _without_markers(shown) == hide_fields(POD, [text])


def _without_markers(value: Any) -> Any:
    """As kubernetes.core leaves it, which takes away what it has emptied."""
    if isinstance(value, dict):
        parts = {key: _without_markers(part) for key, part in value.items() if part != AFTER}
        return {key: part for key, part in parts.items() if part != {} or value[key] == {}}
    return [_without_markers(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("spec.containers[*].env[*].value", ["A", "B"]),
        ("spec.containers[*].env[1].value", ["A", "s3cret", "B"]),
        ("spec[*]", []),
        ("*", []),
    ],
)
def test_a_star_is_every_key_or_place(text: str, seen: list[str]) -> None:
    shown = json.dumps(hidden(text).hide({}, {"spec": POD["spec"]})[1])
    assert [word for word in ("A", "s3cret", "B") if f'"{word}"' in shown] == seen


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("a", "b", (BEFORE, AFTER)),
        ("a", "a", (UNCHANGED, UNCHANGED)),
        (None, "a", (None, AFTER)),
        ({"x": 1}, {"x": 2}, (BEFORE, AFTER)),
        ([1], [1], (UNCHANGED, UNCHANGED)),
        (1, True, (BEFORE, AFTER)),
    ],
)
def test_that_a_value_changes_comes_or_goes_is_told(before: Any, after: Any, shown: tuple[Any, Any]) -> None:
    sides = hidden("data.a").hide({"data": {"a": before}}, {"data": {"a": after}})
    assert tuple(side["data"]["a"] for side in sides) == shown


def test_a_side_that_lacks_the_field_gets_none() -> None:
    assert hidden("data.a").hide({}, {"data": {"a": "s3cret", "b": "1"}}) == ({}, {"data": {"a": AFTER, "b": "1"}})
    assert hidden("data.a").hide({"data": "no map"}, {"data": ["s"]}) == ({"data": "no map"}, {"data": ["s"]})


def test_nothing_is_copied_where_nothing_is_hidden() -> None:
    before, after = NOTHING_HIDDEN.hide(POD, POD)
    assert before is after is POD


def test_the_bodies_stay_as_they_are() -> None:
    text = json.dumps(POD)
    hidden(*PATHS).hide(POD, POD)
    assert json.dumps(POD) == text


@pytest.mark.parametrize("text", ["a..b", ".a", "a.", "a[", "a]", "a[]", "a[b]c", "a.[", "[", "a[b[c]]"])
def test_what_could_only_be_a_slip_is_refused(text: str) -> None:
    _fields, problems = compile_hidden((text, NOTE))
    assert problems == [f"hidden_fields: {text!r} is no path such as metadata.annotations[example.org/note]"]


@given(st.text(alphabet="ab.[]*", max_size=9))
def test_no_path_hides_less_than_it_names(text: str) -> None:
    fields, problems = compile_hidden((text,))
    assert problems or all(fields.paths[0])
