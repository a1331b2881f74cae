# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a module once, in this process, as Ansible would: `one_module.py ARGUMENTS.json [MODULE]`, result on stdout.

The memory of the process at its peak, as Linux knows it, goes to the last line of stderr.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

MODULES = "ansible_collections.standby.velero.plugins.modules"


def peak_bytes() -> int:
    """Of this process since its start (VmHWM), for getrusage may say that of the parent; 0 where it is not told."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="ascii").splitlines() if status.exists() else ()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


if __name__ == "__main__":
    module = sys.argv.pop(2) if len(sys.argv) > 2 else "velero_restore"
    try:
        runpy.run_module(f"{MODULES}.{module}", run_name="__main__", alter_sys=True)
    finally:
        print(peak_bytes(), file=sys.stderr)
