# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run has to end, and what may go on for how long."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import RunStopped
from ansible_collections.standby.velero.plugins.module_utils._stopping import GRACE, Stopping
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Reason


class Time:
    """Goes on by sleeping alone; at `cancel_at` the run is cancelled."""

    def __init__(self, timeout: float | None = None, cancel_at: float = float("inf")) -> None:
        self.now = 0.0
        self.cancel_at = cancel_at
        self.stopping = Stopping(lambda: self.now, self.sleep)
        self.stopping.limit(timeout)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.now >= self.cancel_at:
            self.stopping.cancel()


@pytest.mark.parametrize(
    ("timeout", "cancelled", "now", "why"),
    [
        (None, None, 1e9, None),
        (60.0, None, 59.9, None),
        (60.0, None, 60.0, Reason.RUN_TIMEOUT),
        (None, 5.0, 5.0, Reason.CANCELLED),
        (60.0, 5.0, 100.0, Reason.CANCELLED),
        (60.0, 70.0, 100.0, Reason.RUN_TIMEOUT),
    ],
)
def test_why_it_is_to_end(timeout: float | None, cancelled: float | None, now: float, why: Reason | None) -> None:
    time = Time(timeout)
    if cancelled is not None:
        time.now = cancelled
        time.stopping.cancel()
    time.now = now
    assert time.stopping.why is why
    assert bool(time.stopping.said) is (why is not None)


def test_before_it_has_written_it_just_ends_and_says_that_nothing_was_written() -> None:
    stopping = Stopping()
    stopping.check()
    stopping.cancel()
    with pytest.raises(RunStopped, match="the run was cancelled; nothing was written"):
        stopping.check()
    with pytest.raises(RunStopped):
        stopping.begin_writing()


def test_once_it_has_results_it_ends_by_reporting_them() -> None:
    stopping = Stopping()
    stopping.begin_writing()
    stopping.cancel()
    stopping.check()
    assert stopping.why is Reason.CANCELLED


def test_what_has_begun_has_its_grace() -> None:
    time = Time()
    time.stopping.cancel()
    assert (time.stopping.may_send, time.stopping.left) == (True, GRACE)
    time.now = GRACE
    assert not time.stopping.may_send


def test_a_second_cancellation_gives_no_more_of_it() -> None:
    time = Time()
    time.stopping.cancel()
    time.now = 4.0
    time.stopping.cancel()
    assert time.stopping.left == GRACE - 4.0


@pytest.mark.parametrize(
    ("timeout", "cancel_at", "seconds", "slept"),
    [(None, 1e9, 30.0, 30.0), (None, 3.0, 30.0, 3.0), (5.0, 1e9, 30.0, 5.0), (None, 1e9, 0.0, 0.0)],
)
def test_a_pause_ends_soon_after_the_run_is_to_end(
    timeout: float | None, cancel_at: float, seconds: float, slept: float
) -> None:
    time = Time(timeout, cancel_at)
    time.stopping.pause(seconds)
    assert slept <= time.now < slept + 0.5


def test_what_goes_on_then_still_sleeps_within_its_grace() -> None:
    time = Time()
    time.stopping.cancel()
    time.stopping.pause(1.0)
    assert time.now == pytest.approx(1.0)
    time.stopping.pause(100.0)
    assert GRACE <= time.now < GRACE + 0.5


def test_a_wait_before_the_first_write_ends_the_run() -> None:
    time = Time(cancel_at=3.0)
    with pytest.raises(RunStopped):
        time.stopping.wait(30.0)
