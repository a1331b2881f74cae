# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One page of a list, as the API server wrote it: what asks for the next one, and the objects when they are asked for.

To parse 500 objects takes longer than to receive them, and of a page that is the same as an hour ago, byte by byte,
nobody has to know more than that.
"""

from __future__ import annotations

import json
from functools import cached_property

from .._errors import MalformedAnswer
from .._values import Body
from .shapes import continue_of, items_of

_ITEMS = b'"items":['
_BEHIND = b'],"kind":"'
"""Of a list of custom resources, whose fields are in the order of the alphabet: its metadata come last."""
_LIGHT = 4 << 20
"""Bytes; a page of 500 objects has 1 to 2 MiB as a rule."""
_AROUND = {"kind", "apiVersion", "metadata", "items"}


class Page:
    """Refuses (MalformedAnswer) what is no page of a list as soon as it is asked for what it holds."""

    def __init__(self, data: bytes, path: str) -> None:
        self._data = data
        self._path = path
        self._around = _around(data)

    @property
    def content(self) -> bytes | memoryview:
        """The bytes of its objects, without what is of the list alone: its version moves with each write anywhere.

        Empty where the two cannot be told apart by sight; the page as such may be sound.
        """
        if self._around is None:
            return b""
        start, end, _rest = self._around
        return memoryview(self._data)[start:end]

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self._data)

    @property
    def is_light(self) -> bool:
        """Whether two such pages may be in memory at a time."""
        return self.size <= _LIGHT

    @property
    def rest(self) -> str:
        """What asks for the next page; empty after the last one."""
        return continue_of(self._parsed if self._around is None else self._around[2], self._path)

    @cached_property
    def items(self) -> list[Body]:
        """The objects, each with name, UID and version."""
        return items_of(self._parsed, self._path)

    @cached_property
    def _parsed(self) -> Body:
        try:
            parsed = json.loads(self._data)
        except (ValueError, RecursionError) as error:
            raise MalformedAnswer(
                f"{self._path.partition('?')[0]} did not answer with JSON: is this a Kubernetes API server?"
            ) from error
        if not isinstance(parsed, dict):
            raise MalformedAnswer(f"{self._path.partition('?')[0]} did not answer with an object")
        return parsed


def _around(data: bytes) -> tuple[int, int, Body] | None:
    """Where the objects begin and end, and the list without them; None unless it looks as an API server writes it.

    No JSON text has a quote that is not escaped, so that what is looked for cannot stand in a text of some object; in
    an object itself it may, and then the rest is no list any more.
    """
    start = data.find(_ITEMS) + len(_ITEMS)
    if start < len(_ITEMS):
        return None
    whole = len(data.rstrip())
    end = whole - 2 if data.endswith(b"]}", 0, whole) else data.rfind(_BEHIND)
    if end < start:
        return None
    try:
        rest = json.loads(data[:start] + data[end:])
    except (ValueError, RecursionError):
        return None
    fits = isinstance(rest, dict) and rest.keys() == _AROUND and rest["items"] == []
    return (start, end, rest) if fits else None
