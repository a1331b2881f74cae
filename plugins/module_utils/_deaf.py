# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads that leave signals to the main one.

The kernel may hand a signal to any thread that does not block it. Python's handler runs in the main thread, and one
that waits in poll() or recv() is not woken by what another thread took: seen as one Ctrl-C in five that a worker of
ansible-core noticed only when the module had written everything.
"""

from __future__ import annotations

import signal
import threading

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""What tells a process to end."""


def start_deaf(thread: threading.Thread) -> None:
    """Starts it; RuntimeError where no thread can be started, as `start` of the thread says it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        thread.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
