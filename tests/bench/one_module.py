# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module once, in this process, as Ansible would: `one_module.py ARGUMENTS.json [MODULE]`, result on stdout.

To stderr go, on the last two lines, the seconds from its first request to its last, and the memory of the process at
its peak, as Linux knows it.
"""

from __future__ import annotations

import runpy
import sys
import time
from pathlib import Path
from typing import Any

MODULES = "ansible_collections.standby.velero.plugins.modules"


def peak_bytes() -> int:
    """Of this process since its start (VmHWM), for getrusage may say that of the parent; 0 where it is not told."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else ()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


class Clock:
    """When the first request began and the last one ended."""

    def __init__(self) -> None:
        self.began = self.ended = 0.0

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    def watch(self) -> None:
        """All that goes through the one place where requests are sent."""
        from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Connection

        send = Connection.send

        def timed(*given: Any, **named: Any) -> Any:
            self.began = self.began or time.monotonic()
            try:
                return send(*given, **named)
            finally:
                self.ended = time.monotonic()

        Connection.send = timed  # type: ignore[method-assign]


if __name__ == "__main__":
    module = sys.argv.pop(2) if len(sys.argv) > 2 else "velero_restore"
    clock = Clock()
    clock.watch()
    try:
        runpy.run_module(f"{MODULES}.{module}", run_name="__main__", alter_sys=True)
    finally:
        print(clock.seconds, peak_bytes(), sep="\n", file=sys.stderr)
