# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times, durations and counts as people read them."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.human import (
    clock,
    counted,
    duration,
    moment_of,
    short_clock,
)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "unknown"),
        (0, "0.0 s"),
        (5.333, "5.3 s"),
        (12.9, "12 s"),
        (60, "1 min"),
        (3_605, "1 h"),
        (3_665, "1 h 1 min"),
        (90_061, "1 d 1 h"),
        (86_460, "1 d"),
        (10**15, "11574074074 d 1 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("time", "said", "short"),
    [
        ("2026-11-24T03:00:41Z", "2026-11-24 03:00 UTC", "11-24 03:00"),
        ("2026-11-24T03:00:41.123Z", "2026-11-24 03:00 UTC", "11-24 03:00"),
        ("2026-11-24T03:00:00+02:00", "2026-11-24 01:00 UTC", "11-24 01:00"),
        ("2026-11-24T03:00:00", "unknown", "unknown"),
        ("0001-01-01T00:00:00+23:00", "unknown", "unknown"),
        ("<b>", "unknown", "unknown"),
        ("", "unknown", "unknown"),
    ],
)
def test_a_time_is_in_utc(time: str, said: str, short: str) -> None:
    assert (clock(moment_of(time)), short_clock(moment_of(time))) == (said, short)


def test_one_is_not_many() -> None:
    assert [counted(number, "object") for number in (0, 1, 12_000)] == ["0 objects", "1 object", "12,000 objects"]
