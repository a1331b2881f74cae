# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list in JSON, an element at a time: as json reads it whole, and without what it takes."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup import json_stream
from ansible_collections.standby.velero.plugins.module_utils._backup.json_stream import LONGEST, JsonStream
from hypothesis import given, settings
from hypothesis import strategies as st

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner), max_leaves=8)
LAYOUTS: list[dict[str, Any]] = [{}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}]


class Raw(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def readinto(self, buffer: Any) -> int:
        return super().readinto(memoryview(buffer)[:7])


def stream(text: str | bytes) -> JsonStream:
    return JsonStream(Raw(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")))  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(VALUES), st.sampled_from(LAYOUTS))
def test_the_elements_of_a_list_are_those_that_json_reads(values: list[Any], layout: dict[str, Any]) -> None:
    text = json.dumps(values, **layout)
    if "\\ud" in ascii(text) and not layout.get("ensure_ascii", True):
        return  # a lone surrogate is no UTF-8
    assert list(stream(text).elements()) == values


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.dictionaries(st.text("ab/1", max_size=5), st.lists(VALUES) | LEAVES), st.sampled_from(LAYOUTS[:3]))
def test_the_fields_of_a_map_are_those_that_json_reads(values: dict[str, Any], layout: dict[str, Any]) -> None:
    expected = [(name, one) for name, some in values.items() if isinstance(some, list) for one in some]
    assert list(stream(json.dumps(values, **layout)).fields()) == expected


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text('[]{},:"0 a\\n\\\\', max_size=12))
def test_what_json_refuses_is_refused(text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            list(stream(text).elements())
        return
    assert list(stream(text).elements()) == (value if isinstance(value, list) else [])


@pytest.mark.parametrize("text", ["null", "{}", '"x"', "7", " \n null \n"])
def test_what_is_no_list_has_no_elements(text: str) -> None:
    assert list(stream(text).elements()) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1]]",
        "[1]x",
        "[1],",
        "{",
        "nul",
        b"\xff[]",
        b'["\xff"]',
        "[" * 100_000,
    ],
)
def test_a_list_that_is_none_is_refused(text: str | bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        list(stream(text).elements())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"a"',
        '{"a":',
        '{"a":[',
        '{"a":[1]',
        '{"a":[1],',
        '{"a":[1],}',
        '{"a":[1]}x',
        '{,"a":[]}',
        "{1:[]}",
        '{"a" [1]}',
    ],
)
def test_a_map_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(stream(text).fields())


@pytest.mark.parametrize(
    "element",
    [
        '"' + "x" * LONGEST + '"',
        "[" + "0," * LONGEST + "0]",
        "1" * (LONGEST + 1),
        '"' + "x" * (4 * LONGEST) + '"',
        '{"a":"' + "x" * LONGEST + '"}',
    ],
    ids=["a text", "a list", "a number", "a very long text", "a map"],
)
def test_an_element_that_is_too_long_is_refused_wherever_it_stands(element: str) -> None:
    for text in (f"[{element}]", f"[{'1,' * 40_000}{element}]", f"[{' ' * 70_000}{element}]"):
        with pytest.raises(ValueError, match=r"."):
            list(stream(text).elements())


def test_an_element_of_the_longest_is_read_wherever_it_stands() -> None:
    element = "x" * (LONGEST - 2)
    for before in (0, 1, 100_000, 131_000, 200_000):
        values = [1] * before + [element, 2]
        assert list(stream(json.dumps(values)).elements()) == values


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "MOST_ELEMENTS", 10)
    assert list(stream(json.dumps([0] * 10)).elements()) == [0] * 10
    with pytest.raises(ValueError, match="too many"):
        list(stream(json.dumps([0] * 11)).elements())
    with pytest.raises(ValueError, match="too many"):
        list(stream(json.dumps({str(number): [] for number in range(11)})).fields())


def test_the_memory_is_that_of_a_part_and_not_of_the_whole() -> None:
    raw = io.BytesIO(b"[" + b"{}," * 200_000 + b"{}]")
    tracemalloc.start()
    try:
        count = sum(1 for _element in JsonStream(raw).elements())  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 200_001
    assert peak < 3_000_000
