# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Waiting until the CustomResourceDefinitions of this run serve their resources."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from .._cluster.client import Client
from .._cluster.discovery import Discovery, discover

DEADLINE = 600.0
"""Seconds, as Velero waits (pkg/restore/restore.go, crdAvailable and its resource timeout)."""
_PAUSE = 0.2
_LONGEST = 5.0

Wanted = Collection[tuple[str, str]]
"""(resource name, version)"""


def wait_served(
    client: Client, wanted: Wanted, deadline: float = DEADLINE, sleep: Callable[[float], None] = time.sleep
) -> Discovery:
    """Discovery once it tells every wanted type, or as it is when time is up: what is missing then fails by itself.

    The API server announces a type only after its definition is Established, so this waits for both.
    """
    end = time.monotonic() + deadline
    pause = _PAUSE
    while True:
        discovery = discover(client)
        if all(discovery.find(name, version) for name, version in wanted) or time.monotonic() >= end:
            return discovery
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
