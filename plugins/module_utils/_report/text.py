# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Texts that are shown: names come from backups and clusters, so nothing in them may steer a terminal or a log."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 1000
"""Characters of one message in the module's result; the report file has it whole."""


def printable(text: str) -> str:
    """The text with line ends, control, direction and other unprintable characters as escapes (`\\n`, `\\x1b`)."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def _escape(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def cut(text: str, longest: int = LONGEST) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def json_size(value: Any) -> int:
    """Bytes of the value as Ansible prints it at its largest: JSON with every other letter escaped."""
    return len(json.dumps(value))
