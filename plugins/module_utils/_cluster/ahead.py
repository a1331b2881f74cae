# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads ahead: what comes next is fetched by a thread of its own while what came before is being looked at.

An API server takes about as long to write a page as we take to read it; and of a hundred types with three objects each
it is the way there and back that counts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from .._deaf import unheard

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
    with _pool(1) as pool:
        value = next(values, _END)
        while not isinstance(value, _End):
            coming = _begun(pool, values) if is_followed(value) else None
            yield value
            value = coming.result() if coming else next(values, _END)


def in_turn(several: Iterable[tuple[K, Iterator[T]]], most: int) -> Iterator[tuple[K, Iterator[T]]]:
    """Each of several, by its key, in their order; the first values of the next ones are made meanwhile.

    `most` are asked for and not used up at any time.
    """
    begun: deque[tuple[K, Future[T | _End] | None, Iterator[T]]] = deque()
    with _pool(most) as pool:
        for key, values in several:
            begun.append((key, _begun(pool, values), values))
            if len(begun) == most:
                yield _first(begun)
        while begun:
            yield _first(begun)


def _first(begun: deque[tuple[K, Future[T | _End] | None, Iterator[T]]]) -> tuple[K, Iterator[T]]:
    key, first, values = begun.popleft()
    return key, _rest(first, values)


def _rest(first: Future[T | _End] | None, values: Iterator[T]) -> Iterator[T]:
    value = first.result() if first else next(values, _END)
    if not isinstance(value, _End):
        yield value
        yield from values


@contextmanager
def _pool(most: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that nobody waits for in the end: what was read ahead and is not wanted any more is let go."""
    pool = ThreadPoolExecutor(most, _NAME)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begun(pool: ThreadPoolExecutor, values: Iterator[T]) -> Future[T | _End] | None:
    """The next value, in the making; None where no thread can be started."""
    try:
        with unheard():
            return pool.submit(next, values, _END)
    except RuntimeError:  # can't start new thread: nobody takes it
        return None
