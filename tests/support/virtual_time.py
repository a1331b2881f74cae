# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hours of waiting in a moment: a clock that goes on only when every worker sleeps, to where the first wakes."""

from __future__ import annotations

import threading
from collections.abc import Callable


class VirtualTime:
    """Of threads that `together` runs; whatever they do but sleep takes no time."""

    def __init__(self) -> None:
        self.now = 0.0
        self._changed = threading.Condition()
        self._awake = 0
        self._due: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Until the clock has gone on so far."""
        with self._changed:
            due = self.now + max(seconds, 0.0)
            self._due.append(due)
            self._awake -= 1
            self._go_on()
            while self.now < due:
                self._changed.wait()

    def together(self, number: int, work: Callable[[], None]) -> None:
        """So many threads do it at once; returns when the last has done it."""
        self._awake = number
        threads = [threading.Thread(target=self._worker, args=(work,)) for _number in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _worker(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._changed:
                self._awake -= 1
                self._go_on()

    def _go_on(self) -> None:
        """Wakes those who are due first, once nobody is awake; who wakes is counted here, before it runs."""
        if self._awake or not self._due:
            return
        self.now = min(self._due)
        woken = self._due.count(self.now)
        self._due = [due for due in self._due if due > self.now]
        self._awake += woken
        self._changed.notify_all()
