# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text is read as Velero's YAML library reads it, and within bounds."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._modify.text import parse_text, plain_of, text_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: 1", {"a": 1}),
        ("[1, 2.5, 2.0, x]", [1, 2.5, 2, "x"]),
        ("[yes, No, ON, y, n, true]", [True, False, True, True, False, True]),
        ("[\"yes\", '1']", ["yes", "1"]),
        ("[~, null, Null, NULL, nULL]", [None, None, None, None, "nULL"]),
        ("[0x1F, 0b101, 017, 0o17, 1_000, +5, -5, 08]", [31, 5, 15, 15, 1000, 5, -5, 8]),
        ("[1e3, .5, 1.5e-1, 5.]", [1000, 0.5, 0.15, 5]),
        ("[1:30, 2026-01-01, 1.2.3, 10Gi, =]", ["1:30", "2026-01-01", "1.2.3", "10Gi", "="]),
        ("{1: a, true: b, 1.5: c}", {"1": "a", "true": "b", "1.5": "c"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}),
        ("a: &x {b: 1}\nc: &y {b: 2}\nd: {<<: [*x, *y]}", {"a": {"b": 1}, "c": {"b": 2}, "d": {"b": 1}}),
        ("a: |\n  text\n  more\n", {"a": "text\nmore\n"}),
        ("a: !!str 5", {"a": "5"}),
        ('{\n\t"a": 1.0\n}', {"a": 1}),
        ('"\\/"', "/"),
    ],
)
def test_text_becomes_json(text, value):
    assert parse_text(text) == value
    assert repr(parse_text(text)) == repr(value), "1 is not True, 2 is not 2.0"


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{one}: &{one} [{', '.join([f'*{before}'] * 10)}]" for before, one in zip("abcdef", "bcdefg", strict=True)
)
MERGE_BOMB = "a: &a {x: 1}\n" + "\n".join(
    f"k{i}: &k{i} {{<<: [{', '.join([f'*k{i - 1}' if i else '*a'] * 10)}]}}" for i in range(8)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "too large"),
        (MERGE_BOMB, "too large"),
        ("[" * 5000, "nested too deep"),
        ("[" * 200 + "]" * 200, ""),
        ("a: &a [*a]", "too deep"),
        ("x" * (1 << 20) + "x", "longer than"),
        ("a: 1\na: 2", "line 2: a key stands twice"),
        ('{"a": 1, "a": 2}', "a key stands twice"),
        ("a: [", "line 1: "),
        ("a: b: c", "line 1: mapping values are not allowed here"),
        ("a: *x", "undefined alias"),
        ("a\n---\nb", "another document"),
        ("a: .inf", "infinity and NaN"),
        ("a: !!binary aGk=", "tags"),
        ("a: !thing {}", "tags"),
        ("a: !!python/object/apply:os.system [x]", "tags"),
        ("{[1]: 2}", "a key must be text"),
        ("{~: 2}", "a key must be text"),
        ("{<<: 1}", "only maps can be merged"),
        ("\x00", "it is no YAML"),
        ("a: 1e999", "line 1: a number that is too large"),
        ('{"a": -1e999}', "a number that is too large"),
        ("a:\n- " + "1" * 5000, "line 2: a number that is too large"),
        ('{"a": ' + "1" * 5000 + "}", "a number that is too large"),
        ("a: 0x" + "f" * 500_000, "a number that is too large"),
        ("a: 0b" + "1" * 5000, "a number that is too large"),
        ("a: " + "9" * 400, "a number that is too large"),
        ("a: &a " + "x" * 100_000 + "\nb: [" + ",".join(["*a"] * 100) + "]", "its aliases written out"),
    ],
)
def test_what_json_has_no_word_for_and_what_is_too_large_is_refused(text, problem):
    if not problem:
        assert parse_text(text)
        return
    with pytest.raises(SettingsError, match=problem):
        parse_text(text)


@pytest.mark.parametrize(("value", "text"), [("a", "a"), (3, "3"), (True, "true"), (1.5, "1.5")])
def test_a_scalar_as_text(value, text):
    assert text_of(value) == text


@pytest.mark.parametrize("value", [float("inf"), {"a": [float("nan")]}, {"a": {1, 2}}, int("9" * 400)], ids=range(4))
def test_a_structure_that_json_has_no_word_for_is_refused(value):
    with pytest.raises(ValueError, match=r"JSON has no word for|too large"):
        plain_of(value)


def test_a_structure_nested_without_end_is_refused():
    deep = []
    for _level in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="nested too deep"):
        plain_of(deep)
