# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times, durations and counts as people read them."""

from __future__ import annotations

from datetime import datetime, timezone

from .escapes import Own

UNKNOWN = Own("unknown")
_FIRST_YEAR = 1970
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def duration(seconds: float | None) -> Own:
    """`2 d 3 h`, `1 h 5 min`, `5.3 s`: two units at most."""
    if seconds is None:
        return UNKNOWN
    if seconds < 10:
        return Own(f"{seconds:.1f} s")
    left, said = int(seconds), []
    for size, unit in _UNITS:
        if left >= size:
            said.append(f"{left // size} {unit}")
            left %= size
        elif said:
            break
    return Own(" ".join(said[:2]))


def clock(moment: float | None) -> Own:
    """`2026-11-24 03:00 UTC` of seconds since 1970."""
    return UNKNOWN if moment is None else Own(f"{datetime.fromtimestamp(moment, timezone.utc):%Y-%m-%d %H:%M} UTC")


def short_clock(moment: float | None) -> Own:
    """`11-24 03:00`, where there is little room."""
    return UNKNOWN if moment is None else Own(f"{datetime.fromtimestamp(moment, timezone.utc):%m-%d %H:%M}")


def moment_of(time: str) -> float | None:
    """Seconds since 1970; None of what is no time, or was before."""
    try:
        moment = datetime.fromisoformat(time.replace("Z", "+00:00"))
        return moment.timestamp() if moment.tzinfo and moment.year > _FIRST_YEAR else None
    except (ValueError, OverflowError):
        return None


def counted(count: int, one: str) -> Own:
    """`1 object`, `3 objects`; `one` is a word of ours."""
    return Own(f"{count:,} {one if count == 1 else f'{one}s'}")
