# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations as Go writes them (time.ParseDuration), which is how Velero's users write them: `24h`, `1h30m`, `1.5h`."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
"""In nanoseconds, less than which Go drops."""

_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)")
_WHOLE = re.compile(rf"(?P<sign>[-+]?)(?P<parts>(?:{_PART.pattern})+)")
_LONGEST = 2**63 - 1
"""Nanoseconds: Go has 64 bits for them."""

_MOST_TEXT = 200
"""Characters, long before a number could take time."""

_MOST_DIGITS = 9
"""Of whole seconds."""


def timeout_of(option: str, value: str | None) -> tuple[float | None, list[str]]:
    """An option with whole seconds or a duration, or None for none; and its problems."""
    if not value:
        return None, []
    try:
        seconds = float(value) if value.isdecimal() and len(value) <= _MOST_DIGITS else seconds_of(value)
    except ValueError as error:
        return None, [f"{option}: {error}"]
    return (seconds, []) if seconds > 0 else (None, [f"{option}: {value} is not more than 0"])


def seconds_of(text: str) -> float:
    """Seconds; a ValueError, fit for people, for what is no duration."""
    if text in ("0", "+0", "-0"):
        return 0.0
    found = _WHOLE.fullmatch(text) if len(text) <= _MOST_TEXT else None
    if not found:
        raise ValueError(f"{text[:50]!r} is no duration such as 24h or 1h30m (units h, m, s, ms, us, ns)")
    total = sum(int(Fraction(number) * _UNITS[unit]) for number, unit in _PART.findall(found["parts"]))
    negative = found["sign"] == "-"
    if total > _LONGEST + negative:
        raise ValueError(f"{text[:50]!r} is longer than a duration can be")
    return (-total if negative else total) / 10**9
