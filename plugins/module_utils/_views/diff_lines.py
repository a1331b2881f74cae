# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of one object, as lines: removed, added and what stands around them. Bounded, whatever the object is."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import unified_diff
from itertools import islice

from .._text import cut

_MOST_READ = 2_000
"""Lines of either side that are compared: the time that it takes grows with their product."""
_MOST_SHOWN = 200
_LONGEST = 400
"""Characters of a line."""
_HEAD = 2
"""Lines that name the files, of which there are none."""


@dataclass(frozen=True, slots=True)
class DiffLines:
    """`marks` has for each text `-`, `+`, ` ` or, between two places, `@`."""

    lines: tuple[tuple[str, str], ...]
    """(mark, text)"""
    is_cut: bool


def diff_lines(before: str, after: str) -> DiffLines:
    """As `diff -u` has it, without its numbers of lines."""
    sides = [text.split("\n") if text else [] for text in (before.rstrip("\n"), after.rstrip("\n"))]
    read = [side[:_MOST_READ] for side in sides]
    marked = list(islice(unified_diff(read[0], read[1], lineterm=""), _HEAD, _HEAD + _MOST_SHOWN + 1))
    is_cut = len(marked) > _MOST_SHOWN or read != sides
    lines = (("@", "") if line[:1] == "@" else (line[:1], cut(line[1:], _LONGEST)) for line in marked[:_MOST_SHOWN])
    return DiffLines(tuple(lines)[1:], is_cut)  # the first says where it begins, which is at the beginning
