# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts that are shown: names come from backups and clusters, so nothing in them may steer a terminal or a log."""

from __future__ import annotations

_LONGEST = 200
"""Characters of a name in a message, the ellipsis apart."""


def printable(text: str) -> str:
    """The text with line ends, control, direction and other unprintable characters as escapes (`\\n`, `\\x1b`)."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def cut(text: str, longest: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def shown(name: str, longest: int = _LONGEST) -> str:
    """A name or path as a message may carry it: without terminal escapes, and not endless."""
    return printable(cut(name, longest + 1))


def span(seconds: float) -> str:
    """A length of time as people read it: `26h5m`, `40s`."""
    minutes = int(seconds // 60)
    return f"{minutes // 60}h{minutes % 60}m" if minutes else f"{seconds:.0f}s"


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
