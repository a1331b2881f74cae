# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps a run from waiting for the same thing again and again: a target that is gone, a webhook that is dead.

Both are shared by all workers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass

from .._errors import ClusterError

UNREACHABLE_IN_A_ROW = 3
WEBHOOK_FAILURES = 3
"""After so many failures of one webhook in one place its requests are sent once only,"""
SLOW = 1.0
"""and where a failure took longer than these seconds, so that each object would cost as much,"""
BETWEEN_PROBES = 30.0
"""one request in so many seconds, counted from the last failure."""


class Breaker:
    """Stops a run whose target is gone: thousands of objects must not each wait for every retry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0

    @property
    def open(self) -> bool:
        return self._in_a_row >= UNREACHABLE_IN_A_ROW

    def note(self, reached: bool) -> None:
        with self._lock:
            self._in_a_row = 0 if reached else self._in_a_row + 1


Place = tuple[str, str, str]
"""What is asked (create, patch, delete), the type and the namespace: by these a webhook is called, or is not."""


@dataclass
class _Failing:
    """A webhook that nobody answers, in one place."""

    error: ClusterError
    asked: float
    """When it failed last, or was asked again."""
    is_slow: bool
    times: int = 1

    @property
    def is_known(self) -> bool:
        return self.times >= WEBHOOK_FAILURES


class WebhookBreaker:
    """Fails at once, with the words of the first, what a webhook that nobody answers would fail in many seconds.

    One that refuses connections fails in milliseconds: all objects are sent, for an object selector may let others
    pass, but none twice. One that hangs is asked now and then only. It may come back: the first object that is taken
    ends it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failing: dict[Place, _Failing] = {}

    def begin(self, place: Place) -> float:
        """The time, for `note`. Raises what the others of this place were answered, when this one is not to be sent."""
        now = self._clock()
        if not self._failing:  # nearly always
            return now
        with self._lock:
            failing = self._failing.get(place)
            if failing is None or not failing.is_known or not failing.is_slow:
                return now
            if now >= failing.asked + BETWEEN_PROBES:
                failing.asked = now
                return now
            error = copy(failing.error)
        error.repeated = False  # nothing was sent
        raise error

    def doubts(self, place: Place) -> bool:
        """Whether a failure there is no news, so that it is not worth a second attempt."""
        failing = self._failing.get(place)
        return failing is not None and failing.is_known

    def note(self, place: Place, error: ClusterError | None, began: float) -> None:
        """What a request came to; a refusal for another reason says nothing of the webhook."""
        if error is None and not self._failing:
            return
        with self._lock:
            if error is None:
                self._failing.pop(place, None)
            elif error.webhook:
                self._failed(place, error, began)

    def _failed(self, place: Place, error: ClusterError, began: float) -> None:
        now = self._clock()
        is_slow = now - began > SLOW
        failing = self._failing.get(place)
        if failing is None or failing.error.webhook != error.webhook:
            self._failing[place] = _Failing(error, now, is_slow)
        else:
            failing.times += 1
            failing.asked, failing.is_slow = now, is_slow
