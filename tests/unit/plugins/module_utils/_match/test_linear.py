# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The automaton says what Python's re says, where re comes to an end."""

from __future__ import annotations

import re

import pytest
from ansible_collections.standby.velero.plugins.module_utils._match import linear
from ansible_collections.standby.velero.plugins.module_utils._match.linear import Linear
from hypothesis import given, settings
from hypothesis import strategies as st

LETTERS = st.sampled_from(["a", "b", "-", "1", "\n"])
ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "-",
        ".",
        r"\d",
        r"\w",
        "[ab]",
        "[^a]",
        "[a-b1]",
        r"\.",
        r"\-",
        r"(?:\b)",
        r"(?:\A)",
        "(?:)",
        "(?s:.)",
        "(?i:A)",
    ]
)
MARKS = st.sampled_from(["", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,}", "{0,2}", "{1,3}?"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    row = st.lists(st.tuples(inner, MARKS).map("".join), max_size=4).map("".join)
    return st.lists(row, min_size=1, max_size=3).map("|".join).map("(?:{})".format)


PATTERNS = st.recursive(ATOMS, grown, max_leaves=8).map("(?:{})".format)
TEXTS = st.lists(LETTERS, max_size=7).map("".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    PATTERNS, st.lists(TEXTS, max_size=6), st.sampled_from([re.ASCII, re.ASCII | re.DOTALL, re.ASCII | re.IGNORECASE])
)
def test_it_matches_what_re_matches(pattern: str, texts: list[str], flags: re.RegexFlag) -> None:
    ours, other = Linear(pattern, flags), re.compile(pattern, flags)
    for text in texts:
        assert ours.fullmatch(text) is bool(other.fullmatch(text))
        assert ours.search(text) is bool(other.search(text))


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "found"),
    [
        ("a$", 0, "a\n", False),
        ("a$", re.MULTILINE, "a\nb", True),
        ("^b", 0, "a\nb", False),
        ("^b", re.MULTILINE, "a\nb", True),
        (r"a\Z", 0, "a", True),
        (r"\B", 0, "", True),
        (r"a\Bb", 0, "ab", True),
        (r"a\B", 0, "a-", False),
        ("", 0, "", True),
        ("", 0, "a", True),
    ],
)
def test_the_ends_of_text_and_lines_are_go_s(pattern: str, flags: int, text: str, found: bool) -> None:
    assert Linear(pattern, re.RegexFlag(flags)).search(text) is found


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear, "_MOST_KNOWN", 10)
    pattern = Linear(".*a.*b")
    for letter in range(0x100, 0x200):
        assert not pattern.fullmatch(chr(letter))
    assert len(pattern._known) <= 10
    assert pattern.fullmatch("-a-b")


def test_equal_patterns_are_equal() -> None:
    assert Linear("a*") == Linear("a*") != Linear("a*", re.DOTALL)
    assert len({Linear("a*"), Linear("a*")}) == 1
