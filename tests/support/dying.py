# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore in a process of its own that is killed right after a write of it: no handler, no clean-up, no goodbye.

    python tests/support/dying.py '{"kubeconfig": …, "backup_file": …}' NUMBER

kills itself with SIGKILL once write NUMBER (from 1) has been answered; a run with fewer writes ends by itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

from passing import Passing

ROOT = Path(__file__).resolve().parents[2]


def killed_after(number: int, **options: Any) -> bool:
    """Whether the run was killed; False when it came to its end before that many writes."""
    command = [sys.executable, __file__, json.dumps(options), str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(done.stderr)
    return done.returncode == -signal.SIGKILL


class _Dying(Passing):
    """A connection that ends the process."""

    def __init__(self, connection: Any, number: int) -> None:
        super().__init__(connection)
        self._last = number
        self._writes = count(1)

    def send(self, method: str, path: str, body: Any = None, **how: str) -> Any:
        """Passes a request on; the lock's own do not count."""
        try:
            return super().send(method, path, body, **how)
        finally:
            counts = method != "GET" and "dryRun" not in path and "/leases" not in path
            if counts and next(self._writes) == self._last:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Imports only here: the parent needs no collection."""
    sys.path[:0] = [str(ROOT / ".build" / "dev"), str(Path(__file__).parent)]
    from scenes import connection, run

    options = json.loads(sys.argv[1])
    backup_file = Path(options.pop("backup_file"))
    run(_Dying(connection({"kubeconfig": options.pop("kubeconfig")}), int(sys.argv[2])), backup_file, **options)


if __name__ == "__main__":
    main()
