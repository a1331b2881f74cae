# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all requests to one target share: how many may be under way, and since when none has succeeded.

A 429 or 502, 503, 504 without a Status is how API Priority and Fairness answers ordinary throttling, and how a load
balancer answers that has no server. So first there are fewer connections: half as many after each such answer, down to
one, and more again with each success. A request that waits to be repeated holds its connection. Only when nothing at
all has succeeded for SILENCE the rest is not sent any more, but for one request every BETWEEN_PROBES.

An error that the API server itself tells (a Status) is of its type first, whose rest then is not sent; when two types
or more have nothing but errors for that long, it is of the whole target.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable

from .._errors import ClusterError, Throttled, Unreachable

SILENCE = 60.0
"""Seconds without any success."""
BETWEEN_PROBES = 30.0
"""Seconds from a failure to the next request that is sent all the same."""

BUSY = frozenset((429, 502, 503, 504))
_TYPE = re.compile(r"(/apis?/(?:[^/?]+/)?v[^/?]+)(?:/namespaces/[^/?]+(?=/))?/([^/?]+)")


def type_in(path: str) -> str:
    """What tells the type that a request is about: `/apis/apps/v1/deployments`; the path itself where it names none."""
    found = _TYPE.match(path)
    return f"{found[1]}/{found[2]}" if found else path.partition("?")[0]


class Overload:
    """Of one target; for as many threads as there are."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._most = most
        self._limit = float(most)
        self._under_way = 0
        self._cut = float("-inf")
        """When there were to be fewer connections last: what was sent before that says nothing new."""
        self._last = float("-inf")
        """The last failure, or the last request that was sent all the same."""
        self._since: float | None = None
        """The first failure after the last success."""
        self._failing: dict[str, float] = {}
        """Type -> the first failure after its last success."""
        self._is_wide = False
        """Whether whatever failed since then speaks of the whole target."""

    @property
    def limit(self) -> int:
        """How many requests may be under way."""
        return max(1, int(self._limit))

    def enter(self, kind: str) -> bool:
        """Whether a request of this type may be sent now, and counts as under way; else it is to wait a moment.

        Raises Unreachable, or for the type alone Throttled, when nothing has succeeded for too long.
        """
        with self._lock:
            self._refuse(kind)
            if self._under_way >= self.limit:
                return False
            self._under_way += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._under_way -= 1

    def left(self, kind: str) -> float:
        """Seconds until nothing is sent any more, when nothing succeeds until then."""
        with self._lock:
            return self._end(kind) - self._clock()

    def succeeded(self, kind: str) -> None:
        if self._since is None and self._limit >= self._most:  # nearly always
            return
        with self._lock:
            self._since, self._is_wide = None, False
            self._failing.pop(kind, None)
            self._limit = min(float(self._most), self._limit + 1 / self._limit)

    def failed(self, kind: str, error: ClusterError, sent: float) -> None:
        """Notes an answer, to a request that was sent at this time; one that tells of its object is a success."""
        if error.status < 500 and error.status not in BUSY:
            if not error.bare:
                self.succeeded(kind)
            return
        if error.webhook or error.by_admission or error.lasting:
            return  # others see to those
        with self._lock:
            now = self._clock()
            self._last = now
            self._since = now if self._since is None else self._since
            self._failing.setdefault(kind, now)
            if not error.bare or error.status not in BUSY:
                return
            self._is_wide = True
            if sent >= self._cut:
                self._limit, self._cut = max(1.0, self._limit / 2), now

    def _refuse(self, kind: str) -> None:
        now = self._clock()
        if now < self._end(kind):
            return
        if now >= self._last + BETWEEN_PROBES:
            self._last = now
            return
        if now >= self._end_of_all():
            raise Unreachable(
                f"not sent: the target has answered nothing but errors for {SILENCE:.0f} s; see what stands before"
                " its API servers, and run again",
                reason="overload",
            )
        raise Throttled(f"not sent: requests for {kind} were answered with nothing but errors for {SILENCE:.0f} s")

    def _end(self, kind: str) -> float:
        return min(self._end_of_all(), self._failing.get(kind, float("inf")) + SILENCE)

    def _end_of_all(self) -> float:
        if self._since is None or not (self._is_wide or len(self._failing) > 1):
            return float("inf")
        return self._since + SILENCE
