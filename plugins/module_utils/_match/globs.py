# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globs by the rules of github.com/gobwas/glob 0.2, which Velero 1.18 uses: one translator, two dialects.

`*` any text without the separator, `**` any text, `?` one character that is not the separator, `[abc]`, `[a-z]`,
`[!a]`, `{one,other}`, and a backslash before a character that means itself: the conditions of resource modifiers have
all of it (`compile_glob`). Names of namespaces and resources (`Patterns`; Velero's pkg/util/wildcard/expand.go and
pkg/util/collections/includes_excludes.go) have `*`, `?` and brackets, no separator, and no escapes; what Velero's
validation of namespace patterns refuses is refused for resources too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from .linear import Linear

_TOKEN = re.compile(r"\\(?P<escaped>.)|\[(?P<not>!?)(?P<class>[^\]]+)\]|\*\*|.", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)
_BRACES = {"{": "(?:", ",": "|", "}": ")"}

_WILDCARD = re.compile(r"\*|\?|\[[^\]]+\]")
_WILD = re.compile(r"[*?\[]")
_UNSUPPORTED = re.compile(r"[|()!{},]")


Glob: TypeAlias = "re.Pattern[str] | Linear"
"""For `fullmatch`."""


def compile_glob(pattern: str, separator: str = "") -> Glob:
    """Raises ValueError for what gobwas refuses, brackets or braces that are not closed; and for one too large.

    With one star at most Python's re takes no more time than the name is long, and a tenth of what an automaton takes.
    """
    translated = "".join(_translated(pattern, separator))
    is_simple = translated.count("*") <= 1 and "|" not in translated
    return re.compile(translated, re.DOTALL) if is_simple else Linear(translated, re.DOTALL)


class Patterns:
    """Several patterns for names, of which one is enough; each must be without a problem."""

    def __init__(self, patterns: Iterable[str]) -> None:
        given = frozenset(patterns)
        self._names = frozenset(name for name in given if not is_pattern(name))
        self._globs = [compile_glob(name.replace("\\", r"\\")) for name in sorted(given - self._names)]

    def match(self, name: str) -> bool:
        return name in self._names or any(glob.fullmatch(name) for glob in self._globs)


def is_pattern(name: str) -> bool:
    """Whether the name has wildcards; without any it means just itself."""
    return _WILD.search(name) is not None


def plain(pattern: str) -> str:
    """The pattern with a letter for each wildcard, so that its other characters can be judged as a name's are."""
    return _WILDCARD.sub("x", pattern)


def pattern_problem(pattern: str) -> str:
    """What is wrong with a pattern for names, in Velero's words where it has some; empty when it is fine."""
    if _UNSUPPORTED.search(pattern):
        return "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"
    if "**" in pattern:
        return "wildcard pattern contains consecutive asterisks (only single * allowed)"
    outside = re.sub(r"\[[^\]]*\]", "", pattern)
    if "[]" in pattern:
        return "wildcard pattern contains empty bracket pattern '[]'"
    if "[" in outside:
        return "wildcard pattern contains unclosed bracket '['"
    if "]" in outside:
        return "wildcard pattern contains unmatched closing bracket ']'"
    if not all(_is_class(content) for content in re.findall(r"\[([^\]]+)\]", pattern)):
        return "wildcard pattern contains brackets with neither a list of characters nor one range"
    return ""


def unmatched_names(option: str, names: Iterable[str], known: Collection[str]) -> list[str]:
    """A sentence for each name or pattern that matches none of those that are known; `*` is meant so."""
    return [
        f"{option}: {name!r} matches nothing in the backup"
        for name in dict.fromkeys(names)
        if name != "*" and not any(map(Patterns([name]).match, known))
    ]


def _is_class(content: str) -> bool:
    """A range is the whole of it, as in gobwas/glob; a `-` may else stand first only."""
    if len(content) == 3 and content[1] == "-":
        return content[0] <= content[2]
    return "-" not in content[1:] and "[" not in content


def _translated(pattern: str, separator: str) -> Iterator[str]:
    """The parts of a regular expression."""
    one = f"[^{re.escape(separator)}]" if separator else "."
    signs = {"*": f"{one}*", "**": ".*", "?": one}
    depth = 0
    for token in _TOKEN.finditer(pattern):
        text = token[0]
        if token["escaped"] is not None:
            yield re.escape(token["escaped"])
        elif token["class"] is not None:
            yield _class(token["class"], bool(token["not"]))
        elif text in signs:
            yield signs[text]
        elif text in "[\\":
            raise ValueError("a bracket is not closed")
        elif text == "{" or (depth and text in ",}"):
            depth += {"{": 1, ",": 0, "}": -1}[text]
            yield _BRACES[text]
        else:
            yield re.escape(text)
    if depth:
        raise ValueError("a brace is not closed")


def _class(content: str, inverted: bool) -> str:
    """One range or a list of characters."""
    span = _RANGE.fullmatch(content)
    if span and span[1] > span[2]:
        raise ValueError("a range runs backwards")
    inner = f"{re.escape(span[1])}-{re.escape(span[2])}" if span else re.escape(content)
    return f"[{'^' if inverted else ''}{inner}]"
