# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values out of a report, which may have been edited: what is not of the expected shape is nothing."""

from __future__ import annotations

import re
from typing import Any

from .._text import cut
from .._unstructured import as_text
from .._values import Body, ObjectKey

LONGEST = 600
"""Characters of a text that is shown."""
_LARGEST = 2**53
_WORD = re.compile(r"[a-z][a-z_]*")


def short(value: Any) -> str:
    return cut(as_text(value), LONGEST)


def word(value: Any) -> str:
    """A code, such as an outcome or a reason."""
    text = as_text(value)
    return text if _WORD.fullmatch(text) else ""


def boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def whole(value: Any) -> int | None:
    """A number that is not negative."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST else None


def number(value: Any) -> int:
    """A count; 0 of what is none."""
    return whole(value) or 0


def real(value: Any) -> float | None:
    """Seconds; a number that is not negative."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return float(value) if is_number and 0 <= value < _LARGEST else None


def key_of(entry: Body) -> ObjectKey:
    return ObjectKey(*(as_text(entry.get(name)) for name in ObjectKey._fields))


def name_of(entry: Body) -> str:
    """`Deployment.apps shop/web`."""
    return cut(str(key_of(entry)), LONGEST)
