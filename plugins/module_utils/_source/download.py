# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file from far away, streamed to this machine: resumed when the connection breaks, its length checked.

Refused as SourceError: a file that changes while it is read, one that is shorter or longer than its source says, one
that the disk cannot hold; as BackupError: one that is larger than such a file may be. Whether its gzip data end as they
should is seen by whoever reads it, before anything is written anywhere.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Protocol, TypeVar

from .._errors import BackupError, SourceBroken, SourceError

ATTEMPTS = 6
"""In a row that bring less than PROGRESS."""
PROGRESS = 1 << 20
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
PATIENCE = 300.0
SLOWEST = 4096
"""Bytes a second that a source has to bring within PATIENCE: a content of 100 MB would take seven hours."""
LONGEST_WAIT = 120.0
"""Seconds that a server may ask for; one that asks for more is taken at its word by the next run."""

Tell = Callable[[int, int], None]
"""Is told how many bytes are there, and of how many; 0 where the source does not say."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """An answer to a request for the rest of a file."""

    start: int
    """The first of its bytes: not what was asked for when the source does not know of ranges."""
    size: int | None
    """Of the whole file; None where the source does not say."""
    tag: str
    """Another one says that it is another file; empty where the source has none."""
    chunks: Iterator[bytes]
    """Raises SourceBroken when the connection breaks."""


class Remote(Protocol):
    """A file that can be read from any of its bytes on."""

    @property
    def where(self) -> str:
        """As messages name it."""

    def part(self, start: int, tag: str) -> Part:
        """From that byte on; `tag` is that of the part before, empty at first. SourceBroken: try again."""


def quietly(_done: int, _size: int) -> None:
    """Tells nobody."""


def download(
    remote: Remote,
    file: IO[bytes],
    most: int = 0,
    check: Callable[[int], None] | None = None,
    tell: Tell = quietly,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Writes all of it into the empty `file` and rewinds that.

    `most` bytes are taken at most, any number when it is 0. `check` is asked, with the size, before the first is.
    """
    loading = _Loading(remote, file, most, check, tell)
    attempt, before = 0, 0
    while True:
        try:
            loading.go_on()
            break
        except SourceBroken as error:
            attempt, before = (0, loading.done) if loading.done - before >= PROGRESS else (attempt + 1, before)
            if attempt >= ATTEMPTS or error.wait > LONGEST_WAIT:
                raise
            sleep(pause(attempt, error.wait))
    loading.finish()


def pause(attempt: int, wait: float) -> float:
    """Seconds; with jitter, so that hourly jobs do not come back as one wave."""
    if wait:
        return wait
    return float(min(FIRST_PAUSE * 2 ** max(attempt - 1, 0), LONGEST_PAUSE)) * (0.5 + random.random())


class _Pace:
    """Whether a source keeps one waiting: each byte that comes makes the timeout of a connection start anew."""

    def __init__(self, done: int) -> None:
        self._since, self._then = time.monotonic(), done

    def drips(self, done: int) -> bool:
        now = time.monotonic()
        if now - self._since < PATIENCE:
            return False
        brought, self._since, self._then = done - self._then, now, done
        return brought < SLOWEST * PATIENCE


class _Loading:
    """A download under way."""

    def __init__(
        self, remote: Remote, file: IO[bytes], most: int, check: Callable[[int], None] | None, tell: Tell
    ) -> None:
        self._remote = remote
        self._file = file
        self._most = most
        self._check = check
        self._tell = tell
        self._tag = ""
        self._size: int | None = None
        self.done = 0

    def go_on(self) -> None:
        """Reads to the end, or to where the connection breaks."""
        part = self._remote.part(self.done, self._tag)
        self._take(part)
        pace = _Pace(self.done)
        for chunk in part.chunks:
            self.done += len(chunk)
            self._refuse_too_much()
            if pace.drips(self.done):
                raise SourceBroken(
                    f"{self._remote.where}: brought less than {SLOWEST} bytes a second for {PATIENCE:.0f} s"
                )
            self._keep(self._file.write, chunk)
            self._tell(self.done, self._size or 0)
        if self._size is not None and self.done < self._size:
            raise SourceBroken(f"{self._remote.where}: ended after {self.done} of {self._size} bytes")

    def _take(self, part: Part) -> None:
        """Of a second part, that it is of the same file."""
        where = self._remote.where
        if self.done and (part.size, part.tag) != (self._size, self._tag):
            raise SourceError(f"{where}: changed while it was read; run again")
        if part.start not in (0, self.done):
            raise SourceError(f"{where}: its source answered with byte {part.start} when asked for byte {self.done}")
        if not self.done:
            self._size, self._tag = part.size, part.tag
            self._refuse_too_much()
            if self._check and part.size is not None:
                self._check(part.size)
        if part.start != self.done:
            self._file.seek(part.start)
            self._file.truncate()
            self.done = part.start

    def _refuse_too_much(self) -> None:
        if self._size is not None and self.done > self._size:
            raise SourceError(f"{self._remote.where}: has more than the {self._size} bytes that its source says")
        if self._most and max(self._size or 0, self.done) > self._most:
            raise BackupError(f"{self._remote.where}: has more than the {self._most} bytes that such a file may have")

    def finish(self) -> None:
        """The file is whole, and is read from its start next."""
        self._keep(self._file.seek, 0)

    def _keep(self, step: Callable[[_T], object], value: _T) -> None:
        try:
            step(value)
        except OSError as error:
            raise SourceError(
                f"{self._remote.where}: cannot be kept in a temporary file: {error.strerror or error}"
            ) from error
