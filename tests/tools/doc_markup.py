# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's documentation markup, carried from a module's text into a role's: as markup, and as Markdown.

https://docs.ansible.com/projects/ansible/latest/dev_guide/ansible_markup.html. What names an option then names the
role's variable, what names a return value that of the module. Refused is what these texts have no use for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_MARKUP = re.compile(
    r"\b(?:(?P<semantic>O|V|RV|E|P)\((?P<escaped>(?:[^\\)]|\\.)+)\)"
    r"|(?P<plain>[IBCUMLR])\((?P<text>[^)]+)\))"
)
_OPTION = re.compile(r"\w+")

Rename = Callable[[str], str]


def for_role(text: str, rename: Rename, module: str) -> str:
    """The same markup in the documentation of a role that calls `module`."""

    def converted(kind: str, value: str, as_it_stands: str) -> str:
        if kind == "O":
            return f"O({_renamed(value, rename)})"
        return f"RV({module}#module:{value})" if kind == "RV" else as_it_stands

    return _each(text, converted)


def for_markdown(text: str, rename: Rename) -> str:
    """Markdown, as it may stand in a table's cell too."""

    def converted(kind: str, value: str, _as_it_stands: str) -> str:
        value = _renamed(value, rename) if kind == "O" else value
        return _MARKDOWN[kind](value)

    return _each(text.replace("|", r"\|"), converted)


def _each(text: str, converted: Callable[[str, str, str], str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        kind = match["semantic"] or match["plain"]
        value = re.sub(r"\\(.)", r"\1", match["escaped"]) if match["semantic"] else match["text"]
        if kind not in _MARKDOWN or (kind in "ORV" and "#" in value):
            raise ValueError(f"markup that the role's files have no form for: {match[0]}")
        return converted(kind, value, match[0])

    return _MARKUP.sub(replaced, text)


def _renamed(option: str, rename: Rename) -> str:
    """Of `delta=prune` and `restore_status.included_resources` the option's name alone."""
    return _OPTION.sub(lambda match: rename(match[0]), option, count=1)


def _code(value: str) -> str:
    return f"`{value}`"


def _link(value: str) -> str:
    text, _comma, target = value.partition(",")
    return f"[{text.strip()}]({target.strip()})"


_MARKDOWN: Mapping[str, Callable[[str], str]] = {
    "O": _code,
    "V": _code,
    "RV": _code,
    "E": _code,
    "C": _code,
    "M": _code,
    "I": lambda value: f"*{value}*",
    "B": lambda value: f"**{value}**",
    "U": lambda value: f"<{value}>",
    "L": _link,
}
