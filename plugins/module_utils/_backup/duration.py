# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Durations as Go writes them (time.ParseDuration), which is how Velero's users write them: `24h`, `1h30m`, `1.5h`."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "\u00b5s": Fraction(1, 10**6),
    "\u03bcs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)")
_WHOLE = re.compile(rf"(?P<sign>[-+]?)(?P<parts>(?:{_PART.pattern})+)")
_LONGEST = 2**63
"""Nanoseconds: Go has 64 bits for them."""


def seconds_of(text: str) -> float:
    """Seconds; a ValueError, fit for people, for what is no duration."""
    if text in ("0", "+0", "-0"):
        return 0.0
    found = _WHOLE.fullmatch(text) if len(text) < 200 else None
    if not found:
        raise ValueError(f"{text[:50]!r} is no duration such as 24h or 1h30m (units h, m, s, ms, us, ns)")
    total = sum((Fraction(number) * _UNITS[unit] for number, unit in _PART.findall(found["parts"])), Fraction(0))
    if total * 10**9 >= _LONGEST:
        raise ValueError(f"{text[:50]!r} is longer than a duration can be")
    return float(-total if found["sign"] == "-" else total)
