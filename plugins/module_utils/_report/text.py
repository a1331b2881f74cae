# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much a text may take of the module's result."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from .. import _text
from .._text import printable
from .._values import Body

_Listed = TypeVar("_Listed")

LONGEST = 1000
"""Characters of one message in the module's result; the report file has it whole."""


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning and an ellipsis."""
    return _text.cut(text, longest)


def fitting(texts: Iterable[str], budget: int) -> list[str]:
    """As many of the texts, each made fit to be shown, as go into `budget` bytes of JSON."""
    shown: list[str] = []
    for text in map(cut, map(printable, texts)):
        budget -= json_size(text) + len(", ")
        if budget < 0:
            break
        shown.append(text)
    return shown


def entries_within(entries: Iterable[Body], budget: int) -> list[Body]:
    """The first of the entries that go into `budget` bytes of JSON."""
    shown: list[Body] = []
    for entry in entries:
        budget -= json_size(entry) + len(", ")
        if budget < 0:
            break
        shown.append(entry)
    return shown


def with_totals(lists: Mapping[str, tuple[_Listed, ...]], shown: Callable[[tuple[_Listed, ...]], list[str]]) -> Body:
    """Each list as it is shown, and beside it how many it has."""
    view: Body = {}
    for name, entries in lists.items():
        view[name], view[f"{name}_total"] = shown(entries), len(entries)
    return view


def json_size(value: Any) -> int:
    """Bytes of the value as Ansible prints it at its largest: JSON with every other letter escaped."""
    return len(json.dumps(value))
