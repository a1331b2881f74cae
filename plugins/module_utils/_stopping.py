# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run has to end: it was cancelled, or its time is up. Asked before each object and each request.

Nothing is interrupted. Before the first write a stopped run just ends. After it no further object is begun, those that
were begun have GRACE to come to their end (a recreation must not leave nothing behind), and then nothing more is sent
for any object; the records are settled all the same.

It is all plain attributes and short sleeps: a signal handler that sets an Event can block on the lock that it holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ._errors import RunStopped
from ._vocabulary import Reason

GRACE = 10.0
"""Seconds that what has begun may take to its end."""
TO_SETTLE = 3.0
"""Of them, seconds that are left for what must not be left half done: creating anew what was deleted."""
_SLICE = 0.2
"""Seconds after which a pause notices that the run is to end."""

_SAID = {Reason.CANCELLED: "the run was cancelled", Reason.RUN_TIMEOUT: "the time of run_timeout is up"}


class Stopping:
    """Of one run; for as many threads as there are."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._deadline = float("inf")
        self._cancelled = float("inf")
        self._has_written = False

    def limit(self, timeout: float | None) -> None:
        """From now on the run may take so long."""
        if timeout is not None:
            self._deadline = self._clock() + timeout

    def cancel(self) -> None:
        """From any thread, and from a signal handler."""
        self._cancelled = min(self._cancelled, self._clock())

    @property
    def why(self) -> Reason | None:
        """Why nothing more is begun; None as long as the run goes on."""
        if self._cancelled <= self._deadline and self._cancelled != float("inf"):
            return Reason.CANCELLED
        return Reason.RUN_TIMEOUT if self._clock() >= self._deadline else None

    @property
    def said(self) -> str:
        return _SAID[self.why] if self.why else ""

    @property
    def left(self) -> float:
        """Seconds in which what has begun may go on."""
        return min(self._cancelled, self._deadline) + GRACE - self._clock()

    def begin_writing(self) -> None:
        """From now on the run has results, and ends by reporting them."""
        self.check()
        self._has_written = True

    def check(self) -> None:
        """Raises RunStopped where a run that is to end may end at once, since nothing is written."""
        if self.why and not self._has_written:
            raise RunStopped(f"{self.said}; nothing was written")

    @property
    def may_send(self) -> bool:
        """Whether a request of an object's may still be sent."""
        return self.why is None or self.left > 0

    def pause(self, seconds: float) -> None:
        """Sleeps, and no longer than until the run is to end; what goes on then sleeps within its grace."""
        end, before = self._clock() + seconds, self.why
        while self.why is before and self.may_send:
            left = end - self._clock()
            if left <= 0:
                return
            self._sleep(min(left, _SLICE))

    def wait(self, seconds: float) -> None:
        """The same for what waits before anything is written: RunStopped when the run is to end."""
        self.pause(seconds)
        self.check()
