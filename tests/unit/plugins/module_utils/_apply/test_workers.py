# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stage's work among threads, as many as there can be."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.workers import in_parallel
from ansible_collections.standby.velero.plugins.module_utils._stopping import Stopping


@pytest.mark.parametrize("most", [1, 3, 16])
@pytest.mark.parametrize("number", [0, 1, 100])
def test_each_index_is_worked_on_once(most: int, number: int) -> None:
    seen: list[int] = []
    in_parallel(range(number), seen.append, most, Stopping())
    assert sorted(seen) == list(range(number))


class NoMore:
    """A machine on which so many threads can be started."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]) -> None:
        self._left = number
        start = threading.Thread.start

        def limited(thread: threading.Thread) -> None:
            self._left -= 1
            if self._left < 0:
                raise error("can't start new thread")
            start(thread)

        monkeypatch.setattr(threading.Thread, "start", limited)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
@pytest.mark.parametrize("number", [0, 1, 5])
def test_those_that_can_be_started_do_all_of_it(
    monkeypatch: pytest.MonkeyPatch, number: int, error: type[Exception]
) -> None:
    NoMore(monkeypatch, number, error)
    seen: list[int] = []
    in_parallel(range(100), seen.append, 16, Stopping())
    assert sorted(seen) == list(range(100))


def test_what_hangs_keeps_nobody_from_the_end() -> None:
    time, release = [0.0], threading.Event()
    stopping = Stopping(clock=lambda: time[0])
    stopping.cancel()

    def hang(_index: int) -> None:
        time[0] = 1e6
        release.wait(30)

    in_parallel(range(2), hang, 2, stopping)
    left = [thread for thread in threading.enumerate() if thread.name == "apply"]
    assert left
    assert all(thread.daemon for thread in left)
    release.set()
