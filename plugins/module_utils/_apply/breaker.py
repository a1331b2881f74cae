# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps a run from waiting for the same thing again and again: a target that is gone, a webhook that is dead.

Both are shared by all workers.
"""

from __future__ import annotations

import threading
from copy import copy
from dataclasses import dataclass

from .._errors import ClusterError

UNREACHABLE_IN_A_ROW = 3
WEBHOOK_FAILURES = 3
"""After so many failures of one webhook the next objects are not sent any more,"""
TRIED_AGAIN = 50
"""but for one in so many."""


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
    times: int = 1
    refused: int = 0


class WebhookBreaker:
    """Fails at once, with the words of the first, what a webhook that nobody answers would fail in seconds.

    An object selector may let others pass, and a webhook may come back: one write in TRIED_AGAIN is sent all the same,
    and the first that is taken ends it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failing: dict[Place, _Failing] = {}

    def check(self, place: Place) -> None:
        """Raises what the others of this place were answered, when there have been enough of them."""
        if not self._failing:  # nearly always
            return
        with self._lock:
            failing = self._failing.get(place)
            if failing is None or failing.times < WEBHOOK_FAILURES:
                return
            failing.refused += 1
            if failing.refused % TRIED_AGAIN == 0:
                return
            error = copy(failing.error)
        error.repeated = False  # nothing was sent
        raise error

    def note(self, place: Place, error: ClusterError | None) -> None:
        """What a request came to; a refusal for another reason says nothing of the webhook."""
        if error is None and not self._failing:
            return
        with self._lock:
            if error is None:
                self._failing.pop(place, None)
            elif error.webhook:
                failing = self._failing.get(place)
                if failing is None or failing.error.webhook != error.webhook:
                    self._failing[place] = _Failing(error)
                else:
                    failing.times += 1
