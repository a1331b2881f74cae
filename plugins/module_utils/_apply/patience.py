# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries again what waits for somebody else, until that is done or time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from .._values import Done
from .._waking_words import WakingReason

PAUSE = 1.0
"""Seconds between two looks at what is not ready yet."""

T = TypeVar("T")


def patiently(
    pending: Sequence[T],
    tried: Callable[[T], Done],
    waits: WakingReason,
    timeout: float,
    sleep: Callable[[float], None],
) -> list[Done]:
    """What became of each; what ends with reason `waits` is tried again, and is told once time is up."""
    rest, done = list(pending), list[Done]()
    end = time.monotonic() + timeout
    while rest:
        looked = [(one, tried(one)) for one in rest]
        waiting = [(one, found) for one, found in looked if found.result.reason is waits]
        done += [found for _one, found in looked if found.result.reason is not waits]
        if not waiting or time.monotonic() >= end:
            return [*done, *(found for _one, found in waiting)]
        rest = [one for one, _found in waiting]
        sleep(PAUSE)
    return done
