# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line over time as an SVG draws it: points in a box of fixed size, which the page stretches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .escapes import Own
from .history import Point

WIDTH, HEIGHT = 600, 100
_SIDE, _TOP = 14, 8
"""Around the line, so that a point at the edge is whole however narrow the page is."""


@dataclass(frozen=True, slots=True)
class Plot:
    """One measure of all runs."""

    title: Own
    newest: Own
    most: Own
    line: str
    """The `points` of a polyline."""
    dots: tuple[tuple[float, float], ...]
    bad: tuple[tuple[float, float], ...]
    """Runs that were not good."""


def plot_of(
    title: str, points: Sequence[Point], value_of: Callable[[Point], float | None], said: Callable[[float], Own]
) -> Plot | None:
    """None where fewer than two runs have the measure: there is no line then."""
    measured = [(point, value) for point in points if (value := value_of(point)) is not None]
    if len(measured) < 2:
        return None
    first, last = points[0].time, points[-1].time
    most = max(value for _point, value in measured)
    placed = [(_x(point.time, first, last), _y(value, most), point) for point, value in measured]
    return Plot(
        title=Own(title),
        newest=said(measured[-1][1]),
        most=said(most),
        line=" ".join(f"{x},{y}" for x, y, _point in placed),
        dots=tuple((x, y) for x, y, point in placed if point.is_good),
        bad=tuple((x, y) for x, y, point in placed if not point.is_good),
    )


def _x(time: float, first: float, last: float) -> float:
    span = last - first
    return round(_SIDE + (WIDTH - 2 * _SIDE) * ((time - first) / span if span else 1), 1)


def _y(value: float, most: float) -> float:
    return round(HEIGHT - _TOP - (HEIGHT - 2 * _TOP) * (max(value, 0) / most if most > 0 else 0), 1)
