# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target's namespaces, and the one wait for those that are being deleted."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from .._errors import Forbidden
from .._kinds import NAMESPACE
from .._values import Body
from .client import Client
from .reader import read

_PAUSE = 1.0


def namespaces_of(client: Client, needed: Collection[str]) -> dict[str, bool]:
    """Name -> whether it is being deleted; only the needed ones when listing is not allowed.

    One that may not even be read counts as there: what lies in it will tell.
    """
    try:
        return {body["metadata"]["name"]: _is_going(body) for page in client.pages(NAMESPACE) for body in page}
    except Forbidden:
        wanted = frozenset(("", name) for name in needed)
        return {one.place[1]: _is_going(one.body) for one in read(client, NAMESPACE, wanted, 0)}


def _is_going(body: Body | None) -> bool:
    return body is not None and "deletionTimestamp" in body["metadata"]


def wait_until_gone(
    client: Client, needed: Collection[str], seconds: float, sleep: Callable[[float], None] = time.sleep
) -> dict[str, bool]:
    """The namespaces once none of the needed ones is being deleted, or as they are when time is up.

    Waited for once, all together, before anything is read: not once an object (velero#5697).
    """
    end = time.monotonic() + seconds
    while True:
        there = namespaces_of(client, needed)
        if not any(there.get(name) for name in needed) or time.monotonic() >= end:
            return there
        sleep(_PAUSE)
