# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of one object, as lines."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.diff_lines import diff_lines


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("", "a: 1\n", [("+", "a: 1")]),
        ("a: 1\n", "", [("-", "a: 1")]),
        ("a: 1\nb: 2\n", "a: 1\nb: 3\n", [(" ", "a: 1"), ("-", "b: 2"), ("+", "b: 3")]),
        ("a: 1\n", "a: 1\n", []),
        ("", "", []),
        ("", "+++ x\n@@ -1 +1 @@\n--- y", [("+", "+++ x"), ("+", "@@ -1 +1 @@"), ("+", "--- y")]),
    ],
)
def test_lines_are_marked(before: str, after: str, lines: list[tuple[str, str]]) -> None:
    found = diff_lines(before, after)
    assert (list(found.lines), found.is_cut) == (lines, False)


def test_between_two_places_there_is_a_gap() -> None:
    lines = [f"a{number}: 1" for number in range(30)]
    changed = ["b: 2", *lines[1:-1], "c: 3"]
    marks = "".join(mark for mark, _text in diff_lines("\n".join(lines), "\n".join(changed)).lines)
    assert marks == "-+   @   -+"


def test_it_is_bounded_whatever_the_object_is() -> None:
    found = diff_lines("", "x" * 100_000 + "\n" + "y\n" * 100_000)
    assert found.is_cut
    assert len(found.lines) <= 200
    assert max(len(text) for _mark, text in found.lines) <= 400
    assert not diff_lines("", "y\n" * 100).is_cut
