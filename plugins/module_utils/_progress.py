# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a run is, as lines in a file: whoever waits for the module reads along. Nothing here can fail a run.

The action plugin velero_restore makes the file and prints its lines; without a path nothing is written. Lines tell
phases, numbers and types of objects, never a name or a value.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Protocol

from ._deaf import start_deaf
from ._text import printable

PERIOD = 3.0
"""Seconds between two lines."""
_HOW = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
"""A fifo that nobody reads would keep the run waiting."""
_LONGEST = 200
_MEGA = 1_000_000


class Tell(Protocol):
    """Is told of objects that are done: of which type, and how many."""

    def __call__(self, resource: str, number: int = 1) -> None:
        """From any thread."""


def nobody(resource: str, number: int = 1) -> None:
    """Is told, and tells nobody."""


class Progress:
    """For a `with` statement around a run: a line at its start, one every few seconds, one at its end."""

    def __init__(self, path: str = "", period: float = PERIOD) -> None:
        self._path = path
        self._period = period
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._began = time.monotonic()
        self._phase, self._unit, self._of = "starting", "", ""
        self._done = self._total = 0
        self._phase_began = self._began

    def __enter__(self) -> Progress:
        if self._path:
            self._write()
            with suppress(RuntimeError):  # can't start new thread
                start_deaf(self._thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if not self._path:
            return
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self.phase("failed" if kind else "done")
        self._write()

    def phase(self, name: str, total: int = 0, unit: str = "objects") -> None:
        """What is being done from now on, and how much of it there is; 0 where that is not known."""
        with self._lock:
            self._phase, self._unit, self._of = name, unit, ""
            self._done, self._total, self._phase_began = 0, total, time.monotonic()

    def step(self, resource: str, number: int = 1) -> None:
        """So many objects are done; from any thread."""
        with self._lock:
            self._done += number
            self._of = resource

    def at(self, done: int, total: int) -> None:
        """So many bytes are done, of so many."""
        with self._lock:
            self._done, self._total = done, total

    def line(self) -> str:
        """`writing 1200 of 5000 objects, 240/s, 16 s left: deployments.apps`."""
        with self._lock:
            now = time.monotonic()
            parts = [f"{self._phase}{self._amount()}", *self._speed(now - self._phase_began)]
            said = f": {self._of}" if self._of else f", {now - self._began:.0f} s in all"
        return printable(f"{', '.join(parts)}{said}")[:_LONGEST]

    def _amount(self) -> str:
        if not self._done and not self._total:
            return ""
        of = f" of {self._scaled(self._total)}" if self._total else ""
        return f" {self._scaled(self._done)}{of} {self._unit}"

    def _speed(self, seconds: float) -> list[str]:
        if not self._done or seconds < 1:
            return []
        rate = self._done / seconds
        left = [f"{(self._total - self._done) / rate:.0f} s left"] if self._total > self._done else []
        return [f"{self._scaled(rate)}/s", *left]

    def _scaled(self, number: float) -> str:
        return f"{number / _MEGA:.1f}" if self._unit == "MB" else f"{number:.0f}"

    def _tell(self) -> None:
        while not self._ended.wait(self._period):
            self._write()

    def _write(self) -> None:
        with suppress(OSError, ValueError):
            file = os.open(self._path, _HOW, 0o600)
            try:
                os.write(file, f"{self.line()}\n".encode())
            finally:
                os.close(file)


QUIET = Progress()
"""Of a run that nobody waits for."""
