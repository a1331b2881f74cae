# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Durations, as Go's time.ParseDuration reads them."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.duration import seconds_of

MINUTE, HOUR = 60, 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("+0", 0),
        ("-0", 0),
        ("0s", 0),
        ("5s", 5),
        ("30s", 30),
        ("1478s", 1478),
        ("-5s", -5),
        ("+5s", 5),
        ("24h", 24 * HOUR),
        ("720h0m0s", 720 * HOUR),
        ("1h30m", 90 * MINUTE),
        ("90m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("300ms", 0.3),
        ("5.0s", 5),
        ("5.6s", 5.6),
        ("5.s", 5),
        (".5s", 0.5),
        ("1.004s", 1.004),
        ("100.00100s", 100.001),
        ("12us", 12e-6),
        ("12\u00b5s", 12e-6),
        ("12\u03bcs", 12e-6),
        ("11ns", 11e-9),
        ("3h30m", 3.5 * HOUR),
        ("10.5s4m", 4 * MINUTE + 10.5),
        ("-2m3.4s", -123.4),
        ("1h2m3s4ms5us6ns", HOUR + 2 * MINUTE + 3.004005006),
        ("39h9m14.425s", 39 * HOUR + 9 * MINUTE + 14.425),
        ("1m1m1m", 180),
        ("52763797000ns", 52.763797),
        ("0.3333333333333333333h", 20 * MINUTE),
        ("0.100000000000000000000h", 6 * MINUTE),
        ("0.9223372036854775807h", 0.9223372036854775807 * HOUR),
        ("0.1ns", 0),
        ("0.9ns0.9ns", 0),
        ("9223372036854775807ns", 9223372036.854775807),
        ("-9223372036854775808ns", -9223372036.854775808),
        ("2562047h47m16.854775807s", 9223372036.854775807),
    ],
)
def test_a_duration_is_seconds(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds, rel=1e-12, abs=1e-9)


@pytest.mark.parametrize(
    "text",
    [
        *("", "3", "-", "+", "s", ".", "-.", ".s", "+.s", "h", "..5s", "1..5s", "1.5.5s"),
        *("1d", "1w", "1H", "1min", "24 h", " 24h", "24h ", "24h\n", "1h 30m", "1h,30m", "1h-30m", "1h+30m", "--1h"),
        *("1e3s", "0x5s", "1_000s", "1/2h", "inf", "nan", "infs", "\u0661s", "\u00bdh", "1h30", "30m1", "00", "+-0"),
        *("1h\0", "9" * 300 + "h", "1h" * 200),
    ],
)
def test_what_go_does_not_read_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration such as 24h or 1h30m"):
        seconds_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "9223372036854775808ns",
        "9223372036854775.808us",
        "-9223372036854775809ns",
        "2562047h47m16.854775808s",
        "3000000h",
        "1500000h1500000h",
        "9" * 190 + "s",
    ],
)
def test_what_does_not_fit_go_s_64_bits_is_too_long(text: str) -> None:
    with pytest.raises(ValueError, match="is longer than a duration can be"):
        seconds_of(text)


def test_an_error_quotes_what_was_given_but_not_all_of_it_and_no_escapes() -> None:
    with pytest.raises(ValueError, match=r"^'7d' is no duration"):
        seconds_of("7d")
    with pytest.raises(ValueError, match=r"^'\\x1bx{49}' is no duration") as caught:
        seconds_of("\x1b" + "x" * 1000)
    assert len(str(caught.value)) < 200
