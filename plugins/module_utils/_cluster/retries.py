# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which answers are worth another attempt, how many, how long to wait before it; and when they were given."""

from __future__ import annotations

import random
import re
from email.utils import parsedate_to_datetime
from functools import lru_cache

from .._errors import ClusterError

ATTEMPTS = 6
FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
TOO_MANY_REQUESTS = 429
LASTING_TRIES = 2
"""Of what time does not mend, see ClusterError.lasting; a webhook may come back at once."""
_LONG = 5.0
"""Seconds after which a webhook that was waited for in vain is not waited for again."""
HURRIED_TRIES, HURRIED_PAUSE = 2, 1.0
"""Of what is written all the same when a run is to end."""
UNANSWERED_TRIES = {"tls": 1, "timeout": 2}
"""Attempts at what repeating does not mend, or only after minutes."""

_RETRIED = frozenset((TOO_MANY_REQUESTS, 500, 502, 503, 504))
_WHOLE_SECONDS = re.compile(r"[0-9]{1,9}")


def tries_of(failure: ClusterError, seconds: float, lasting_tries: int) -> int:
    """How many attempts a request is worth that was answered so after these seconds."""
    if failure.status not in _RETRIED:
        return 1
    if failure.lasting:
        return 1 if failure.webhook and seconds > _LONG else lasting_tries
    return ATTEMPTS


def pause_of(attempt: int, retry_after: str) -> float:
    """Seconds to wait; with jitter, so that parallel requests do not come back as one wave."""
    if _WHOLE_SECONDS.fullmatch(retry_after):
        return min(float(retry_after), LONGEST_PAUSE) * (1 + random.random() / 4)
    return float(min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)) * (0.5 + random.random())


@lru_cache(maxsize=4)  # many answers a second have the same date
def seconds_of_date(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError):  # none, or none that can be read
        return None
