# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The patterns that conditions of a rule have, by the rules of github.com/gobwas/glob 0.2, which Velero 1.18 uses.

`*` any text without the separator, `**` any text, `?` one character that is not the separator, `[abc]`, `[a-z]`,
`[!a]`, `{one,other}`, and a backslash before a character that means itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\(?P<escaped>.)|\[(?P<not>!?)(?P<class>[^\]]+)\]|\*\*|.", re.DOTALL)
_RANGE = re.compile(r"(.)-(.)", re.DOTALL)


def compile_glob(pattern: str, separator: str = "") -> re.Pattern[str]:
    """For `fullmatch`. Raises ValueError for what gobwas refuses: brackets or braces that are not closed."""
    if not pattern:
        return re.compile("")
    return re.compile("".join(_translated(pattern, separator)), re.DOTALL)


def _translated(pattern: str, separator: str) -> Iterator[str]:
    one = f"[^{re.escape(separator)}]" if separator else "."
    depth = 0
    signs = {"*": f"{one}*", "**": ".*", "?": one}
    braces = {"{": "(?:", ",": "|", "}": ")"}
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
            yield braces[text]
        else:
            yield re.escape(text)
    if depth:
        raise ValueError("a brace is not closed")


def _class(content: str, inverted: bool) -> str:
    """One range or a list of characters, as in gobwas/glob."""
    span = _RANGE.fullmatch(content)
    if span and span[1] > span[2]:
        raise ValueError("a range runs backwards")
    inner = f"{re.escape(span[1])}-{re.escape(span[2])}" if span else re.escape(content)
    return f"[{'^' if inverted else ''}{inner}]"
