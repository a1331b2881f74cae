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

_CHUNK = 64 << 10
_MOST = 256 << 20
"""Characters of one value that is no list, or of one entry of a list."""
_SPACE = " \t\n\r"


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
    text = _Text(file)
    for _value in text.separated("{", "}"):
        name, _raw = text.value()
        if not isinstance(name, str):
            raise ValueError("a name is no text")
        text.take(":")
        yield from _parts(text, name)
    if text.next():
        raise ValueError("something follows")


def _parts(text: _Text, name: str) -> Iterator[Part]:
    if text.next() != "[":
        yield Part(name, PartKind.MEMBER, *text.value())
        return
    yield Part(name, PartKind.LIST)
    for _entry in text.separated("[", "]"):
        yield Part(name, PartKind.ENTRY, *text.value())


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


class _Text:
    """What is read of the file and not taken yet."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._ended = False
        self._decode = json.JSONDecoder(parse_constant=_no_number).raw_decode

    def separated(self, first: str, last: str) -> Iterator[None]:
        """Once for each of the values between two brackets, which the caller takes."""
        self.take(first)
        if self.next() == last:
            self.take(last)
            return
        while True:
            yield
            if self.next() != ",":
                break
            self.take(",")
        self.take(last)

    def next(self) -> str:
        """The character that comes next, spaces apart; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if not self._more():
                return ""

    def take(self, expected: str) -> None:
        if self.next() != expected:
            raise ValueError(f"{expected} is missing")
        self._at += 1

    def value(self) -> tuple[Any, str]:
        """The value that comes next, and how it is written."""
        self.next()
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except ValueError:
                if not self._more():
                    raise
                continue
            if end < len(self._text) or not self._more():  # a number may go on
                raw, self._at = self._text[self._at : end], end
                return value, raw

    def _more(self) -> bool:
        """Reads as much again as is there, so that a large value is not tried too often."""
        rest = self._text[self._at :]
        if self._ended or len(rest) > _MOST:
            return False
        read = self._file.read(max(_CHUNK, len(rest)))
        self._ended = not read
        if read:
            self._text, self._at = rest + read, 0
        return bool(read)
