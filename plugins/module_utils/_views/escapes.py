# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a value is printed in each view: whatever it says, it is text there, and no markup, structure, label or escape.

These are the `finalize` of the template's environment. Every expression passes through one of them, by construction and
not by a filter that a template has to remember.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from .._text import printable

with suppress(ImportError):  # it comes with Jinja, see rendering.py
    from markupsafe import Markup, escape

Finalize = Callable[[Any], Any]


class Own(str):
    """Words of this collection, without anything from outside in them."""

    __slots__ = ()


def as_html(value: Any) -> Any:
    """Of one line: line ends, control and direction characters are shown as escapes."""
    return value if isinstance(value, Markup) else escape(printable(str(value)))


def as_markdown(value: Any) -> Any:
    """A code span, in which Markdown knows neither markup nor links, entities or mentions; numbers and own words are
    as they are."""
    if isinstance(value, (Markup, Own, int, float)):
        return Markup(value)
    return Markup(_code_span(printable(str(value))))


def _code_span(text: str) -> str:
    """Fenced by more backticks in a row than the text has anywhere."""
    fence = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text[:1] in ("`", " ") or text[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{text}{pad}{fence}" if text else ""


def as_metric(value: Any) -> Any:
    """Of Prometheus' text format: a number, or what stands between the quotes of a label."""
    if isinstance(value, Markup):
        return value
    if isinstance(value, (bool, int, float)):
        return Markup(int(value) if isinstance(value, bool) else value)
    text = printable(str(value)).replace("\\", r"\\").replace('"', r"\"")
    return Markup(text)
