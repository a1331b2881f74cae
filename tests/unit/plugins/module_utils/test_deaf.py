# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import signal
import threading

import pytest
from ansible_collections.standby.velero.plugins.module_utils._deaf import ENDING, start_deaf


def blocked() -> set[int]:
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_a_thread_takes_no_signal_that_the_main_one_waits_for() -> None:
    there: set[int] = set()
    thread = threading.Thread(target=lambda: there.update(blocked()))
    start_deaf(thread)
    thread.join()
    assert set(ENDING) <= there
    assert not set(ENDING) & blocked()


def test_a_thread_that_cannot_be_started_leaves_the_signals_as_they_were() -> None:
    thread = threading.Thread(target=blocked)
    thread.start()
    thread.join()
    with pytest.raises(RuntimeError):
        start_deaf(thread)
    assert not set(ENDING) & blocked()
