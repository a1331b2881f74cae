# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a JSON text takes as Python objects, told without reading it; and a budget for what workers hold together.

A text of 16 MiB is 16 MiB of objects when it is one string, and 760 MiB when it is `[[[]]]` a million times. So each
text from far away is weighed before it is read, by the characters that make objects: an upper bound, since those in
strings count too. The texts of real objects come to 2 to 20 times their length.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PER_BYTE = 50
"""No JSON text comes to more times its length: lists within lists, the worst, come to 45 (CPython 3.10 to 3.13)."""

LARGEST_BODY = 128 << 20
"""Bytes of memory that one object may take: 42 times the 3 MiB of JSON that an API server takes."""

IN_FLIGHT = 128 << 20
"""Bytes of memory that the bodies of all workers may take together; one that takes all of it is written alone."""

_LIST, _MAP, _FIELD, _VALUE = 88, 64, 192, 56
"""Bytes of a list and a map, of a field with its share of the map's table and its name, of a further value."""


_YOUNG = 100_000
"""Objects more than were given back, after which Python looks for cycles; 700 as it comes."""


def collect_seldom() -> None:
    """What is read of a backup or a target has no cycles, so that looking for them among it is in vain.

    With 5,000 objects it took a fifth of a run in which nothing was due.
    """
    gc.set_threshold(_YOUNG, 50, 100)


def weight(text: bytes) -> int:
    """Bytes of memory that the text takes at most once it is read; what it takes as a text and a string included."""
    letters = len(text) * (2 if text.isascii() else 8)
    lists, maps = text.count(b"[") * _LIST, text.count(b"{") * _MAP
    return min(letters + lists + maps + text.count(b":") * _FIELD + text.count(b",") * _VALUE, len(text) * PER_BYTE)


def is_heavier(text: bytes, most: int) -> bool:
    """Whether the text may take more memory than that; short ones are not even looked at."""
    return len(text) * PER_BYTE > most and weight(text) > most


class Budget:
    """Memory that several threads have together: who would take more waits until others are done."""

    def __init__(self, total: int = IN_FLIGHT) -> None:
        self._total = total
        self._free = total
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Counts it for as long as the `with` statement lasts; who wants more than there ever is gets all of it."""
        size = min(size, self._total)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._changed:
                self._free += size
                self._changed.notify_all()
