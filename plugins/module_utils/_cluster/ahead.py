# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads ahead: what comes next is fetched by a thread of its own while what came before is being looked at.

An API server takes about as long to write a page as we take to read it; and of a hundred types with three objects each
it is the way there and back that counts.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from .._deaf import start_deaf
from .._errors import RestoreError
from .._fault import shielded

K = TypeVar("K")
T = TypeVar("T")

_NAME = "read"


class _End:
    """Stands for the end of an iterator."""


_END = _End()


def ahead(values: Iterator[T], is_followed: Callable[[T], bool]) -> Iterator[T]:
    """The same values; while one is used that `is_followed` by another, that is made. What raises, raises in its turn.

    No thread is started for values that are followed by none: most lists have one page.
    """
    value = next(values, _END)
    while not isinstance(value, _End):
        coming = _Coming(values) if is_followed(value) else None
        yield value
        value = coming.value() if coming else next(values, _END)


def in_turn(several: Iterable[tuple[K, Iterator[T]]], most: int) -> Iterator[tuple[K, Iterator[T]]]:
    """Each of several, by its key, in their order; the first values of the next ones are made meanwhile.

    `most` are asked for and not used up at any time.
    """
    begun: deque[tuple[K, Iterator[T]]] = deque()
    for key, values in several:
        begun.append((key, _rest(_Coming(values), values)))
        if len(begun) == most:
            yield begun.popleft()
    while begun:  # what is used up is let go
        yield begun.popleft()


def _rest(first: _Coming[T], values: Iterator[T]) -> Iterator[T]:
    value = first.value()
    if not isinstance(value, _End):
        yield value
        yield from values


class _Coming(Generic[T]):
    """The next value of an iterator, in the making.

    By a daemon: a request that hangs, and whose answer is not wanted any more, must not keep the process from its end.
    """

    def __init__(self, values: Iterator[T]) -> None:
        self._values = values
        self._value: T | _End = _END
        self._error: RestoreError | None = None
        self._faults: tuple[str, ...] = ()
        self._thread: threading.Thread | None = threading.Thread(target=self._made, name=_NAME, daemon=True)
        try:
            start_deaf(self._thread)
        except (RuntimeError, MemoryError):  # can't start new thread
            self._thread = None

    def value(self) -> T | _End:
        """Once it is made; here, where there is no thread for it."""
        if self._thread is None:
            return next(self._values, _END)
        self._thread.join()
        if self._error:
            raise self._error
        if self._faults:
            raise RestoreError(self._faults[0])
        return self._value

    def _made(self) -> None:
        _nothing, self._faults = shielded(self._make, None)

    def _make(self) -> None:
        try:
            self._value = next(self._values, _END)
        except RestoreError as error:
            self._error = error
