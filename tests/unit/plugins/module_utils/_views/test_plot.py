# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line over time, in its box."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._views.escapes import Own
from ansible_collections.standby.velero.plugins.module_utils._views.history import Point
from ansible_collections.standby.velero.plugins.module_utils._views.human import duration
from ansible_collections.standby.velero.plugins.module_utils._views.plot import HEIGHT, WIDTH, plot_of


def point(time: float, drift: int | None, is_good: bool = True) -> Point:
    return Point(time, is_good, is_check=False, wrote=True, drift=drift, duration=1.0, age=None)


def test_time_goes_to_the_right_and_more_is_higher() -> None:
    points = [point(0, 0), point(10, 5, is_good=False), point(30, None), point(40, 10)]
    plot = plot_of(Own("Drift"), points, lambda one: one.drift, lambda value: Own(f"{value:.0f}"))
    assert plot is not None
    assert (plot.newest, plot.most) == ("10", "10")
    assert plot.line == "14.0,92.0 157.0,50.0 586.0,8.0"
    assert plot.dots == ((14.0, 92.0), (586.0, 8.0))
    assert plot.bad == ((157.0, 50.0),)


def test_without_two_runs_there_is_no_line() -> None:
    assert plot_of(Own("x"), [], lambda one: one.drift, duration) is None
    assert plot_of(Own("x"), [point(0, 1), point(1, None)], lambda one: one.drift, duration) is None


def test_equal_times_and_zeros_stay_in_the_box() -> None:
    plot = plot_of(Own("x"), [point(5, 0), point(5, 0)], lambda one: one.drift, duration)
    assert plot is not None
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in plot.dots)
