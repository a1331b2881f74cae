# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of one JSON object in a file, one after the other: the file may be far larger than memory.

A list comes entry by entry; every other member comes whole. What is read is not trusted: a ValueError for what is no
JSON, or has one value that is too large; a RecursionError for what is nested too deep.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple, NoReturn, TextIO

from .._json_text import JsonText

_CHUNK = 64 << 10
_MOST = 256 << 20
"""Characters of one value that is no list, or of one entry of a list."""


class PartKind(Enum):
    """What a part is."""

    MEMBER = "member"
    LIST = "list"
    """The beginning of one; its entries follow."""
    ENTRY = "entry"


class Part(NamedTuple):
    """Of the object."""

    name: str
    """Of the member that it is, or belongs to."""
    kind: PartKind
    value: Any = None
    raw: str = ""
    """The value as it stands in the file."""


def parts_of(file: TextIO) -> Iterator[Part]:
    """All parts; nothing may follow the object."""
    text = JsonText(file, _CHUNK, _MOST, json.JSONDecoder(parse_constant=_no_number))
    for _member in text.separated("{", "}"):
        yield from _parts(text, text.name())
    text.end()


def _parts(text: JsonText, name: str) -> Iterator[Part]:
    if text.next() != "[":
        yield Part(name, PartKind.MEMBER, *text.value())
        return
    yield Part(name, PartKind.LIST)
    for _entry in text.separated("[", "]"):
        yield Part(name, PartKind.ENTRY, *text.value())


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
