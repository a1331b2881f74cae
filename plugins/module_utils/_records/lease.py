# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Lease behind the lock of a run, as a value: who holds it, until when, and by whose clock.

Times in it are the API server's. No machine's own clock is asked: one that is an hour off would make a dead holder
look alive, or, worse, a live one dead. Servers of one control plane may differ; see `is_free`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .._errors import MalformedAnswer
from .._text import shown
from .._values import Body

NAME = "restore"
MARGIN = 2.0
"""Seconds beyond a holder's time; the dates of an API server have no fractions."""
MOST_TRANSITIONS = 2**31 - 1
"""The field is an int32: a Lease that says so cannot be taken any more."""

_DATE_STEP = 1.0
_MICRO_TIME = "%Y-%m-%dT%H:%M:%S.%f%z"


class ServerClock(NamedTuple):
    """How far the API server's clock is ahead of ours that only runs: at least, and at most.

    Times are written with the most and judged with the least: what is not known keeps a holder alive.
    """

    least: float
    most: float


def measured(date: float, sent: float, received: float) -> ServerClock:
    """From the date of an answer, which was set somewhere between `sent` and `received`, its fraction cut off."""
    return ServerClock(date - received, date + _DATE_STEP - sent)


@dataclass(frozen=True, slots=True)
class Lease:
    """What was read of a Lease; what is malformed in it is None."""

    version: str
    holder: str
    """Empty when nobody holds it."""
    acquired: float | None
    renewed: float | None
    seconds: int | None
    """How long it lasts without being renewed: the holder's own word."""
    transitions: int

    @property
    def until(self) -> float | None:
        """By the API server's clock."""
        return None if self.renewed is None or self.seconds is None else self.renewed + self.seconds


def lease_of(body: Body) -> Lease:
    """Anything that a Lease may hold, written by whomever."""
    spec = body.get("spec") or {}
    if not isinstance(spec, dict):
        spec = {"holderIdentity": "?"}
    return Lease(
        version=str(body["metadata"]["resourceVersion"]),
        holder=str(spec.get("holderIdentity") or ""),
        acquired=_seconds_of(spec.get("acquireTime")),
        renewed=_seconds_of(spec.get("renewTime")),
        seconds=_whole(spec.get("leaseDurationSeconds")) or None,
        transitions=_whole(spec.get("leaseTransitions")),
    )


def as_written(answer: Body, holder: str) -> Lease:
    """The answer to a holder's own write; a MalformedAnswer for any other, which says nothing of who has it."""
    lease = lease_of(answer)
    if lease.holder != holder:
        raise MalformedAnswer("the answer to its write names another holder: was it stored?")
    return lease


def claim(holder: str, duration: float, now: float, transitions: int) -> Body:
    """The spec that makes the Lease a holder's."""
    return {
        "holderIdentity": holder,
        "leaseDurationSeconds": math.ceil(duration),
        "acquireTime": micro_time(now),
        "renewTime": micro_time(now),
        "leaseTransitions": transitions,
    }


def is_free(lease: Lease, now: float, unchanged: float, duration: float) -> bool:
    """Whether the Lease may be taken from its holder.

    `now` is by the API server's clock, at its earliest. `unchanged` is how long we saw nobody write the Lease: once
    that is its whole time, no clock matters, and it is the only rule for a Lease whose times cannot be read. Two API
    servers whose clocks differ do no harm up to a third of `lock_duration`: after the other two a holder that cannot
    renew writes no more.
    """
    if not lease.holder or unchanged >= (lease.seconds or duration) + MARGIN:
        return True
    return lease.until is not None and now > lease.until + MARGIN


class Sighting:
    """How long a Lease was seen unchanged by one who waits for it."""

    def __init__(self) -> None:
        self._version = ""
        self._since = 0.0

    def unchanged(self, lease: Lease, asked: float, answered: float) -> float:
        """Seconds between the first answer with this version and the question for the latest."""
        if lease.version != self._version:
            self._version, self._since = lease.version, answered
        return max(0.0, asked - self._since)


def holding(lease: Lease) -> str:
    """Who holds it, for a message: `standby-awx-1/4711/3f9a2c since … and counts as alive until …`."""
    holder = shown(lease.holder)  # whatever somebody wrote there
    since = "an unknown time" if lease.acquired is None else _time_text(lease.acquired)
    if lease.until is None:
        return f"{holder} since {since}; how long that counts cannot be read from it"
    return f"{holder} since {since} and counts until {_time_text(lease.until)} (the API server's clock)"


def micro_time(seconds: float) -> str:
    """Kubernetes' MicroTime, which needs all six digits."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _time_text(seconds: float) -> str:
    """Whoever may write a Lease can make it last beyond what a date can say."""
    try:
        return f"{micro_time(seconds)[:19]}Z"
    except (ValueError, OverflowError):
        return "after the year 9999"


def _seconds_of(text: Any) -> float | None:
    if not isinstance(text, str):
        return None
    try:
        return datetime.strptime(text, _MICRO_TIME).timestamp()
    except (ValueError, OverflowError):
        return None


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
