# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the API server is ready; before that it answers, and leaves out what it has not loaded yet."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from .._errors import ClusterError
from .client import Client

DEADLINE = 60.0
"""Seconds that a server may take to become ready."""
PATH = "/readyz"
_PAUSE = 0.2
_OWN_WORDS = "readyz check failed"
_FAILED = re.compile(r"^\[-\]([A-Za-z0-9/._-]{1,100})", re.MULTILINE)
_FAILED_SHOWN = 5
_AWAY = frozenset((429, 502, 503, 504))
"""Said by whatever stands before a server, or by one that is busy."""


def wait_ready(client: Client, deadline: float = DEADLINE, sleep: Callable[[float], None] = time.sleep) -> str:
    """Returns once the server is ready; says why nobody can tell where that may not be asked.

    Raises a ClusterError when the server itself says that it is not, for as long as that.
    """
    end = time.monotonic() + deadline
    while True:
        status, text = client.probe(PATH)
        is_unready = status == 500 and _OWN_WORDS in text
        if not is_unready and status not in _AWAY:
            return _doubt(status, text)
        if time.monotonic() >= end:
            break
        sleep(_PAUSE)
    if is_unready:
        raise ClusterError(_unready(text, deadline), status=status)
    return _doubt(status, text)


def _doubt(status: int, text: str) -> str:
    return "" if (status, text.strip()) == (200, "ok") else f"get {PATH} is answered HTTP {status}"


def _unready(text: str, waited: float) -> str:
    failed = ", ".join(_FAILED.findall(text)[:_FAILED_SHOWN]) or "nothing that it says"
    return (
        f"the API server is not ready after {waited:.0f} s ({PATH} fails for: {failed}): what it does not serve yet"
        " would be taken for gone. Run again once it is"
    )
