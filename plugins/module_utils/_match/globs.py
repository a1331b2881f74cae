# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patterns for names of namespaces and resources: `*` any text, dots included, `?` one character, `[…]` one of these.

Velero 1.18, pkg/util/wildcard/expand.go and pkg/util/collections/includes_excludes.go; both compile with gobwas/glob
without separators. What Velero's validation of namespace patterns refuses is refused for resources too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

_WILDCARDS = re.compile(r"[*?\[]")
_PART = re.compile(r"\*|\?|\[(?P<range>[^\]]-[^\]])\]|\[(?P<list>[^\]]+)\]|(?P<text>[^*?\[]+)")
_UNSUPPORTED = re.compile(r"[|()!{},]")


def is_pattern(name: str) -> bool:
    """Whether the name has wildcards; without any it means just itself."""
    return _WILDCARDS.search(name) is not None


def plain(pattern: str) -> str:
    """The pattern with a letter for each wildcard, so that its other characters can be judged as a name's are."""
    return _PART.sub(lambda part: part["text"] or "x", pattern)


def pattern_problem(pattern: str) -> str:
    """What is wrong with a pattern, in Velero's words where it has some; empty when it is fine."""
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


class Patterns:
    """Several patterns, of which one is enough; each must be without a problem."""

    def __init__(self, patterns: Iterable[str]) -> None:
        given = frozenset(patterns)
        self._names = frozenset(name for name in given if not is_pattern(name))
        self._globs = [re.compile(_expression(name)) for name in sorted(given - self._names)]

    def match(self, name: str) -> bool:
        return name in self._names or any(glob.fullmatch(name) for glob in self._globs)


def _is_class(content: str) -> bool:
    """A range is the whole of it, as in gobwas/glob; a `-` may else stand first only."""
    if len(content) == 3 and content[1] == "-":
        return content[0] <= content[2]
    return "-" not in content[1:] and "[" not in content


def _expression(pattern: str) -> str:
    return "".join(map(_translated, _PART.finditer(pattern)))


def _translated(part: re.Match[str]) -> str:
    if part["range"]:
        return f"[{re.escape(part['range'][0])}-{re.escape(part['range'][2])}]"
    if part["list"]:
        return f"[{re.escape(part['list'])}]"
    return {"*": ".*", "?": "."}.get(part[0]) or re.escape(part[0])


def unmatched_names(option: str, names: Iterable[str], known: Collection[str]) -> list[str]:
    """A sentence for each name or pattern that matches none of those that are known; `*` is meant so."""
    return [
        f"{option}: {name!r} matches nothing in the backup"
        for name in dict.fromkeys(names)
        if name != "*" and not any(map(Patterns([name]).match, known))
    ]
