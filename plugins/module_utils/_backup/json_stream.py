# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list, or a map of lists, in JSON of which one element at a time is in memory: the lists that lie beside a backup.

242 kB of gzip hold 64 MiB of `{}`, which are 1.5 GB of Python objects. Raises ValueError, as json does, for what is not
JSON, for an element that is longer than LONGEST, and for more than MOST_ELEMENTS.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

LONGEST = 64 << 10
"""Characters of one element. An entry of Velero's has less than a thousand."""

MOST_ELEMENTS = 1_000_000
"""As many as an archive may have files."""

_CHUNK = 256 << 10
_BLANKS = re.compile(r"[ \t\n\r]+")


class JsonStream:
    """What the stream holds, read once from its start."""

    def __init__(self, stream: io.RawIOBase) -> None:
        buffered = io.BufferedReader(stream, _CHUNK)
        self._source = io.TextIOWrapper(buffered, encoding="utf-8", errors="strict", newline="")
        self._text = ""
        self._at = 0
        self._is_all = False
        self._elements = 0
        self._decoder = json.JSONDecoder()

    def elements(self) -> Iterator[Any]:
        """Of the one list that it holds; nothing when it holds something else, such as null."""
        if self._sign() == "[":
            yield from self._elements_of_list()
        else:
            self._value()
        self._end()

    def fields(self) -> Iterator[tuple[str, Any]]:
        """Of the one map of lists that it holds: the name of a list and an element, one after the other.

        What is no list is passed over.
        """
        self._take("{")
        more = not self._closes("}")
        while more:
            name = self._name()
            if self._sign() == "[":
                yield from ((name, element) for element in self._elements_of_list())
            else:
                self._value()
            more = self._goes_on("}")
        self._end()

    def _elements_of_list(self) -> Iterator[Any]:
        self._take("[")
        more = not self._closes("]")
        while more:
            yield self._value()
            more = self._goes_on("]")

    def _goes_on(self, closing: str) -> bool:
        """Whether a comma comes, and not the end."""
        if self._closes(closing):
            return False
        self._take(",")
        return True

    def _closes(self, closing: str) -> bool:
        is_there = self._sign() == closing
        self._at += is_there
        return is_there

    def _name(self) -> str:
        if self._sign() != '"':
            raise ValueError("a name that is no text")
        name = str(self._value())
        self._take(":")
        return name

    def _value(self) -> Any:
        self._sign()
        value, end = self._decoder.raw_decode(self._text, self._at)
        self._elements += 1
        if end - self._at > LONGEST or self._elements > MOST_ELEMENTS:
            raise ValueError("too long, or too many")
        self._at = end
        return value

    def _take(self, sign: str) -> None:
        if self._sign() != sign:
            raise ValueError(f"no {sign}")
        self._at += 1

    def _end(self) -> None:
        if self._sign():
            raise ValueError("data behind the end")

    def _sign(self) -> str:
        """The next character that is no blank, and all of the element that begins with it; empty at the end."""
        self._fill()
        while (found := _BLANKS.match(self._text, self._at)) is not None:
            self._at = found.end()
            self._fill()
        return self._text[self._at : self._at + 1]

    def _fill(self) -> None:
        """So that a whole element is there: what is not by then is longer than it may be, or cut off."""
        if len(self._text) - self._at <= LONGEST and not self._is_all:
            more = self._source.read(_CHUNK)
            self._is_all = not more
            self._text = self._text[self._at :] + more
            self._at = 0
