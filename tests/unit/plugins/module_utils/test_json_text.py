# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One value after the other, whole wherever a read ends; what two readers make of it is theirs to test."""

from __future__ import annotations

import io

import pytest
from ansible_collections.standby.velero.plugins.module_utils._json_text import JsonText


def text_of(text: str, chunk: int = 3, longest: int = 20) -> JsonText:
    return JsonText(io.StringIO(text), chunk, longest)


@pytest.mark.parametrize("chunk", [1, 2, 3, 50])
def test_values_come_whole_with_how_they_are_written(chunk: int) -> None:
    text = text_of('[ 12345 , "\\u00e9\\"" ,{"a": [1.0]}]', chunk)
    assert [text.value() for _value in text.separated("[", "]")] == [
        (12345, "12345"),
        ('é"', '"\\u00e9\\""'),
        ({"a": [1.0]}, '{"a": [1.0]}'),
    ]
    text.end()


@pytest.mark.parametrize("chunk", [1, 3, 500])
@pytest.mark.parametrize("value", ['"' + "x" * 19 + '"', '"' + "x" * 400, "[" + "0," * 20 + "0]"])
def test_a_value_that_is_too_long_is_refused_however_it_is_read(value: str, chunk: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        text_of(value, chunk).value()


def test_one_of_the_longest_is_read() -> None:
    assert text_of('"' + "x" * 18 + '"').value()[0] == "x" * 18


@pytest.mark.parametrize("text", ["1: 2", '"a" 1', '"a"', ""])
def test_a_name_is_a_text_with_a_colon(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        text_of(text).name()


def test_nothing_may_follow_the_end() -> None:
    text = text_of("1 x")
    text.value()
    with pytest.raises(ValueError, match="follows"):
        text.end()
