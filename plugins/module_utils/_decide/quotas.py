# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a ResourceQuota lets more in than it did: then it comes before what it counts, else after.

A new one limits what was not limited. One that lets more of one thing in and less of another grows: what is restored
needs the one, and fits the other, for production has both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from .._kinds import RESOURCE_QUOTAS
from .._unstructured import as_map, nested
from .._values import Change
from .._vocabulary import Action

_QUANTITY = re.compile(r"([+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?\d{1,2}))?")
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def quantity(value: Any) -> Fraction | None:
    """What a number is as the API writes it (apimachinery, pkg/api/resource/quantity.go); None for what is none."""
    found = _QUANTITY.fullmatch(str(value)) if isinstance(value, (str, int, float)) else None
    if found is None or isinstance(value, bool):
        return None
    number, suffix, exponent = found.groups()
    if suffix in _BINARY:
        return Fraction(number) * (1 << _BINARY[suffix])
    return Fraction(number) * Fraction(f"1e{exponent or _DECIMAL[suffix or '']}")


def same_limits(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two maps of limits say the same."""
    return one.keys() == other.keys() and all(quantity(one[name]) == quantity(other[name]) for name in one)


def grows(change: Change) -> bool:
    """Whether something that the quota counts may need the change before it."""
    if change.ref.resource != RESOURCE_QUOTAS or change.action is not Action.UPDATE or change.comparison is None:
        return False
    patch, before = change.comparison.patch, change.comparison.before
    limits = nested(patch, "spec", "hard")
    if not isinstance(limits, dict):  # all of them go, or none is touched
        return bool(as_map(nested(before, "spec", "hard")))
    return any(_is_more(limits[name], nested(before, "spec", "hard", name)) for name in limits)


def _is_more(new: Any, old: Any) -> bool:
    if new is None:
        return True
    one, other = quantity(new), quantity(old)
    return one is not None and other is not None and one > other
