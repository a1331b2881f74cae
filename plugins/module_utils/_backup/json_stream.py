# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A list, or a map of lists, in JSON of which one element at a time is in memory: the lists that lie beside a backup.

242 kB of gzip hold 64 MiB of `{}`, which are 1.5 GB of Python objects. Raises ValueError, as json does, for what is not
JSON, for an element that is longer than LONGEST, and for more than MOST_ELEMENTS.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from .._json_text import JsonText

LONGEST = 64 << 10
"""Characters of one element. An entry of Velero's has less than a thousand."""

MOST_ELEMENTS = 1_000_000
"""As many as an archive may have files."""

_CHUNK = 256 << 10


class JsonStream:
    """What the stream holds, read once from its start."""

    def __init__(self, stream: io.RawIOBase) -> None:
        buffered = io.BufferedReader(stream, _CHUNK)
        source = io.TextIOWrapper(buffered, encoding="utf-8", errors="strict", newline="")
        self._text = JsonText(source, _CHUNK, LONGEST)
        self._elements = 0

    def elements(self) -> Iterator[Any]:
        """Of the one list that it holds; nothing when it holds something else, such as null."""
        yield from self._elements_of_value()
        self._text.end()

    def fields(self) -> Iterator[tuple[str, Any]]:
        """Of the one map of lists that it holds: the name of a list and an element, one after the other.

        What is no list is passed over.
        """
        for _field in self._text.separated("{", "}"):
            self._count()
            name = self._text.name()
            yield from ((name, element) for element in self._elements_of_value())
        self._text.end()

    def _elements_of_value(self) -> Iterator[Any]:
        """None of what is no list."""
        if self._text.next() != "[":
            self._value()
            return
        for _element in self._text.separated("[", "]"):
            yield self._value()

    def _value(self) -> Any:
        self._count()
        return self._text.value()[0]

    def _count(self) -> None:
        """Names count too: lists without an element cost time as well."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise ValueError("too many elements")
