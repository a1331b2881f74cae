# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody still waits for the result; a run that nobody waits for is cancelled, as one that gets SIGTERM is.

A cancelled job kills ansible-playbook, and what it started lives on: its worker, which is a session leader of its own,
a shell, the module. So three things are looked at: who reads the module's output (a pipe without a reader says so),
who its parent is, and a shared lock on the progress file, which the action plugin holds as long as it and the
ansible-playbook that it works for live. The last is worth something only where the lock was held at the start: a file
of the user's, or of another host, has none.
"""

from __future__ import annotations

import fcntl
import os
import select
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ._deaf import ENDING, start_deaf

LOOK = 1.0
"""Seconds between two looks."""
_STDOUT = 1
_GONE = select.POLLERR | select.POLLHUP | select.POLLNVAL
_OURS = "ansible-tmp-"
"""How the name of a folder begins that ansible-core makes for one task, and removes after it."""


class Listener:
    """Whoever waits for the result of this process."""

    def __init__(self, progress_path: str = "", output: int = _STDOUT) -> None:
        self._output = output
        self._path = progress_path
        self._parent = os.getppid()
        self._is_locked = False
        self._is_locked = self._is_held()

    @property
    def is_gone(self) -> bool:
        """Whether nobody waits any more."""
        return self.reads_no_more or os.getppid() != self._parent or (self._is_locked and not self._is_held())

    @property
    def reads_no_more(self) -> bool:
        """Whether nobody can read the result."""
        asked = select.poll()
        asked.register(self._output, 0)
        return any(what & _GONE for _file, what in asked.poll(0))

    @property
    def is_awaited(self) -> bool:
        """Whether the action plugin holds the lock, as far as there is one."""
        return self._is_locked

    def _is_held(self) -> bool:
        """Whether somebody holds the lock of the progress file; a file that cannot be opened says nothing of that."""
        if not self._path:
            return False
        try:
            file = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return self._is_locked
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(file)  # which gives the lock back
        return False


@contextmanager
def heeding(cancel: Callable[[], None], progress_path: str = "") -> Iterator[Listener]:
    """For a `with` statement: what tells this process to end, or that nobody listens, calls `cancel`."""
    listener, ended = Listener(progress_path), threading.Event()

    def look() -> None:
        while not ended.wait(LOOK):
            if listener.is_gone:
                cancel()
                return

    before = _heeded(cancel)
    thread = threading.Thread(target=look, name="listener", daemon=True)
    with suppress(RuntimeError):  # can't start new thread
        start_deaf(thread)
    try:
        yield listener
    finally:
        ended.set()
        for number, handler in before:
            signal.signal(number, handler)


def _heeded(cancel: Callable[[], None]) -> list[tuple[int, Any]]:
    """What was done about these signals before."""
    with suppress(ValueError):  # of a thread that is not the main one
        return [(number, signal.signal(number, lambda _number, _frame: cancel())) for number in ENDING]
    return []


def leave(listener: Listener, tmpdir: str) -> None:
    """Where nobody can read the result: says nothing to nobody, and removes what nobody will remove."""
    if not listener.reads_no_more:
        return
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), _STDOUT)
    folder = tmpdir.rstrip("/")
    if os.path.basename(folder).startswith(_OURS):
        shutil.rmtree(folder, ignore_errors=True)
