# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a Lease, and when another may take it: a table."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._records.lease import (
    Lease,
    Sighting,
    claim,
    holding,
    is_free,
    lease_of,
    measured,
    micro_time,
)

THREE = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc).timestamp()
HOUR = 3600.0
HELD = {
    "holderIdentity": "a/1/f0",
    "leaseDurationSeconds": 60,
    "acquireTime": "2026-11-24T02:00:00.000000Z",
    "renewTime": "2026-11-24T03:00:00.250000Z",
    "leaseTransitions": 4,
}


def lease(**changes: Any) -> Lease:
    return lease_of({"metadata": {"resourceVersion": "7"}, "spec": {**HELD, **changes}})


def test_a_lease_is_read_as_it_was_claimed():
    spec = claim("a/1/f0", 59.2, THREE + 0.25, 4)
    assert spec == {**HELD, "acquireTime": "2026-11-24T03:00:00.250000Z"}
    read = lease_of({"metadata": {"resourceVersion": "7"}, "spec": spec})
    assert read == Lease("7", "a/1/f0", THREE + 0.25, THREE + 0.25, 60, 4)
    assert read.until == THREE + 60.25


@pytest.mark.parametrize(
    ("changes", "seconds_past_three", "unchanged", "free"),
    [
        ({}, 0, 0, False),
        ({}, 60.2, 0, False),
        ({}, 62.2, 0, False),
        ({}, 62.3, 0, True),
        ({"leaseDurationSeconds": 120}, 62.3, 0, False),
        ({"leaseDurationSeconds": 3}, 5.3, 0, True),
        # a clock that is an hour off
        ({}, -HOUR, 0, False),
        ({}, -HOUR, 61.9, False),
        ({}, -HOUR, 62, True),
        ({"renewTime": "2026-11-24T04:00:00.000000Z"}, 61, 61, False),
        ({"renewTime": "2026-11-24T04:00:00.000000Z"}, 62, 62, True),
        # nobody's
        ({"holderIdentity": ""}, 0, 0, True),
        ({"holderIdentity": None}, 0, 0, True),
        # malformed: only watching tells, for as long as our own lock lasts
        ({"renewTime": None}, HOUR, 31, False),
        ({"renewTime": None}, HOUR, 62, True),
        ({"renewTime": "9999-12-31T23:59:59.999999Z"}, HOUR, 0, False),
        ({"renewTime": "9999-12-31T23:59:59.999999Z"}, HOUR, 62, True),
        ({"renewTime": "yesterday"}, HOUR, 0, False),
        ({"renewTime": "2026-11-24T03:00:00.250000"}, HOUR, 61, False),
        ({"renewTime": 17}, HOUR, 0, False),
        ({"leaseDurationSeconds": None}, HOUR, 31, False),
        ({"leaseDurationSeconds": None}, HOUR, 32, True),
        ({"leaseDurationSeconds": -5}, HOUR, 31, False),
        ({"leaseDurationSeconds": True}, HOUR, 31, False),
        ({"leaseDurationSeconds": "60"}, HOUR, 32, True),
    ],
)
def test_a_lease_is_free_by_the_server_s_clock_or_once_it_was_watched(changes, seconds_past_three, unchanged, free):
    duration = 60 if "renewTime" in changes else 30
    assert is_free(lease(**changes), THREE + seconds_past_three, unchanged, duration) is free


@pytest.mark.parametrize("spec", [None, {}, {"holderIdentity": ""}])
def test_a_lease_without_a_holder_is_nobody_s(spec):
    assert is_free(lease_of({"metadata": {"resourceVersion": "7"}, "spec": spec}), THREE, 0, 60)


def test_a_spec_that_is_none_counts_as_held():
    assert not is_free(lease_of({"metadata": {"resourceVersion": "7"}, "spec": "mine"}), THREE, 0, 60)


@pytest.mark.parametrize(("behind", "free"), [(5, False), (19, False), (21, False), (23, True)])
def test_servers_whose_clocks_differ_by_a_third_leave_a_holder_its_two_thirds(behind, free):
    """The holder's server is behind ours. It writes until 40 s after it renewed, and no longer."""
    renewed = lease(renewTime=micro_time(THREE - behind))
    assert is_free(renewed, THREE + 40, 0, 60) is free


def test_what_is_not_known_of_the_server_s_clock_keeps_a_holder_alive():
    """Its date says 03:00:00, and may mean anything up to 03:00:01, anywhere between question and answer."""
    clock = measured(THREE, sent=100.0, received=100.4)
    assert 100.4 + clock.least == THREE
    assert 100.0 + clock.most == THREE + 1


def test_only_a_lease_that_nobody_writes_is_seen_unchanged():
    sighting = Sighting()
    assert sighting.unchanged(lease(), asked=10.0, answered=10.5) == 0
    assert sighting.unchanged(lease(), asked=12.0, answered=12.1) == 1.5
    renewed = lease_of({"metadata": {"resourceVersion": "8"}, "spec": HELD})
    assert sighting.unchanged(renewed, asked=13.0, answered=13.1) == 0
    assert sighting.unchanged(renewed, asked=14.1, answered=14.2) == 1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            "a/1/f0 since 2026-11-24T02:00:00Z and counts until 2026-11-24T03:01:00Z (the API server's clock)",
        ),
        (
            {"renewTime": "9999-12-31T23:59:59.999999Z"},
            "a/1/f0 since 2026-11-24T02:00:00Z and counts until after the year 9999 (the API server's clock)",
        ),
        (
            {"acquireTime": "0001-01-01T00:00:00.000000Z", "leaseDurationSeconds": 2**31 - 1},
            "a/1/f0 since 0001-01-01T00:00:00Z and counts until 2094-12-12T06:14:07Z (the API server's clock)",
        ),
        (
            {"acquireTime": None, "renewTime": "?"},
            "a/1/f0 since an unknown time; how long that counts cannot be read from it",
        ),
        (
            {"holderIdentity": "x\n\x1b[31m" + "y" * 500, "renewTime": None},
            "x\\n\\x1b[31m" + "y" * 193 + "… since 2026-11-24T02:00:00Z; how long that counts cannot be read from it",
        ),
    ],
)
def test_a_holder_is_named_with_its_times(changes, text):
    assert holding(lease(**changes)) == text
