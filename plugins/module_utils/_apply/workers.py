# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that share a stage's work: those that can be started do all of it, and none keeps a run from ending."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

from .._deaf import start_deaf
from .._stopping import Stopping

NAME = "apply"
_LOOK = 0.5
"""Seconds between two looks whether a run that is to end has waited for long enough."""


def in_parallel(indices: Sequence[int], work: Callable[[int], None], most: int, stopping: Stopping) -> None:
    """Returns once all is worked on, or the grace of a run that is to end is over: then some is under way still.

    `work` raises nothing. Where no thread at all can be started, for want of memory say, it is done here.
    """
    queue = iter(indices)  # next() of it is atomic: each index goes to one worker

    def worker() -> None:
        for index in queue:
            work(index)

    threads = list(_started(worker, min(most, len(indices))))
    if not threads:
        worker()
    for thread in threads:
        while thread.is_alive() and stopping.may_send:
            thread.join(_LOOK)


def _started(worker: Callable[[], None], number: int) -> Iterator[threading.Thread]:
    """Daemons: a request that hangs must not keep the process from its end."""
    for _number in range(number):
        thread = threading.Thread(target=worker, name=NAME, daemon=True)
        try:
            start_deaf(thread)
        except (RuntimeError, MemoryError):  # can't start new thread
            return
        yield thread
