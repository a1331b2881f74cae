# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A JSON text, value by value, as it is read: what is in memory is a value and a piece of the text, never the whole.

Raises ValueError, as json does, for what is no JSON, and for a value that is too large; a RecursionError for one that
is nested too deep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

_BLANKS = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()


class JsonText:
    """What is read of the text and not taken yet."""

    def __init__(self, source: TextIO, chunk: int, longest: int, decoder: json.JSONDecoder = _DECODER) -> None:
        """`chunk` characters are read at a time, and a value has `longest` at most."""
        self._source = source
        self._chunk = chunk
        self._longest = longest
        self._decode = decoder.raw_decode
        self._text = ""
        self._at = 0
        self._ended = False

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

    def name(self) -> str:
        """Of a member, with the colon behind it."""
        name, _raw = self.value()
        if not isinstance(name, str):
            raise ValueError("a name is no text")
        self.take(":")
        return name

    def next(self) -> str:
        """The character that comes next, spaces apart; empty at the end."""
        while True:
            found = _BLANKS.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

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
                return value, self._taken(end)

    def _taken(self, end: int) -> str:
        if end - self._at > self._longest:
            raise ValueError("a value is too long")
        raw, self._at = self._text[self._at : end], end
        return raw

    def end(self) -> None:
        if self.next():
            raise ValueError("something follows")

    def _more(self) -> bool:
        """Reads as much again as is there, so that a large value is not tried too often."""
        rest = self._text[self._at :]
        if self._ended or len(rest) > self._longest:
            return False
        read = self._source.read(max(self._chunk, len(rest)))
        self._ended = not read
        if read:
            self._text, self._at = rest + read, 0
        return bool(read)
