# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module once, in this process, as Ansible would: `one_module.py ARGUMENTS.json`, the result on stdout.

What Linux says of the process' memory at its peak goes to the last line of stderr.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

MODULE = "ansible_collections.standby.velero.plugins.modules.velero_restore"


def peak_bytes() -> int:
    """Of this process since it was started (VmHWM); what getrusage says may be that of the parent."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("no VmHWM in /proc/self/status")


if __name__ == "__main__":
    try:
        runpy.run_module(MODULE, run_name="__main__", alter_sys=True)
    finally:
        print(peak_bytes(), file=sys.stderr)
