# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of the wrong night, as a table: nothing of this needs a cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.preflight import Limits, preflight
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    Inventory,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo

HOUR = 3600
NOW = 1795491000.0  # 2026-11-24T03:30:00Z
THREE = "2026-11-24T03:00:00Z"
TWO = "2026-11-24T02:00:00Z"
INFO = BackupInfo(
    name="hourly-3",
    schedule="hourly",
    started=THREE,
    completed="2026-11-24T03:00:09Z",
    phase="Completed",
    scope="all",
    source="cluster-1",
    objects=100,
)
BEFORE = replace(INFO, name="hourly-2", started=TWO, completed="2026-11-24T02:00:09Z")
UNKNOWN = BackupInfo(name="download", objects=100)
"""Without metadata, and of some namespaces."""

OPEN = Limits(None, allow_older=True, allow_other_source=True, allow_shrunk=True)


def inventory(*backups: BackupInfo) -> Inventory:
    return tuple(BackupInventory(RestoreScope(backup, "selection", backup.objects), {}) for backup in backups)


def said(info: BackupInfo, *before: BackupInfo, **limits: Any) -> list[str]:
    return preflight(info, inventory(*before), NOW, Limits(**limits))


def by(**told: Any) -> BackupInfo:
    return replace(INFO, **told)


def earlier(**told: Any) -> BackupInfo:
    return replace(BEFORE, **told)


# Against what was restored before

OLDER, SOURCE, SHRUNK = "allow_older", "allow_other_source", "allow_shrunk"
HAND = {"schedule": ""}
UNTOLD = {"started": "", "completed": ""}


@pytest.mark.parametrize(
    ("info", "before", "refused"),
    [
        # nothing to compare with
        (INFO, [], []),
        (by(objects=0), [], []),
        (UNKNOWN, [], []),
        # the next of its schedule, the same one again, one taken at the same second
        (INFO, [BEFORE], []),
        (INFO, [INFO], []),
        (by(name="hourly-3b"), [INFO], []),
        # older
        (BEFORE, [INFO], [OLDER]),
        (by(started="2026-11-24T01:59:59Z"), [BEFORE], [OLDER]),
        (BEFORE, [BEFORE, INFO], [OLDER]),
        (by(started="2026-11-24T02:30:00Z"), [INFO, BEFORE], []),  # after one that was let through
        (BEFORE, [by(schedule="daily")], []),
        (BEFORE, [INFO, by(schedule="daily", started=TWO)], [OLDER]),
        (by(started=""), [BEFORE], []),  # its completion is known
        (by(started="", completed=TWO), [by(started="")], [OLDER]),
        (by(**UNTOLD), [BEFORE], [OLDER]),
        (INFO, [earlier(**UNTOLD)], []),
        (by(**UNTOLD), [earlier(**UNTOLD)], []),
        # taken by hand: against those of the same filters
        (earlier(**HAND), [INFO], [OLDER]),
        (earlier(**HAND), [by(**HAND)], [OLDER]),
        (earlier(**HAND, scope="shop"), [INFO], []),
        (by(**HAND), [BEFORE], []),
        (BEFORE, [by(**HAND)], []),  # one of a schedule: against that alone
        # without metadata: against none
        (UNKNOWN, [INFO], []),
        (UNKNOWN, [replace(UNKNOWN, objects=1000)], []),
        (INFO, [UNKNOWN], []),
        # of another cluster
        (by(source="cluster-2"), [BEFORE], [SOURCE]),
        (by(source="cluster-2"), [earlier(schedule="daily")], [SOURCE]),
        (by(source="cluster-2"), [BEFORE, earlier(schedule="daily", source="")], [SOURCE]),
        (by(source="cluster-2"), [BEFORE, earlier(source="cluster-2")], []),  # after one that was let through
        (INFO, [BEFORE, earlier(source="cluster-2")], [SOURCE]),
        (by(source="cluster-2"), [earlier(source="")], []),
        (replace(UNKNOWN, source="cluster-2"), [BEFORE], [SOURCE]),
        (by(source=""), [earlier(source="")], []),
        (by(source=""), [BEFORE], [SOURCE]),
        (by(source=""), [earlier(schedule="daily")], []),
        (by(source="", **HAND), [BEFORE], [SOURCE]),
        (by(source="", scope="shop", **HAND), [BEFORE], []),
        # shrunken
        (by(objects=50), [BEFORE], []),
        (by(objects=49), [BEFORE], [SHRUNK]),
        (by(objects=0), [BEFORE], [SHRUNK]),
        (by(objects=0), [earlier(objects=1)], [SHRUNK]),
        (by(objects=1), [earlier(objects=2)], []),
        (by(objects=1), [earlier(objects=3)], [SHRUNK]),
        (by(objects=0), [earlier(objects=0)], []),
        (by(objects=100_000), [BEFORE], []),
        (by(objects=49), [BEFORE, earlier(objects=60)], []),  # the last one counts, not the largest
        (by(objects=1), [earlier(schedule="daily")], []),
        (by(objects=1, **HAND), [BEFORE], [SHRUNK]),
        (by(objects=1, scope="shop", **HAND), [BEFORE], []),
        (by(objects=1, scope="shop"), [BEFORE], [SHRUNK]),  # whoever narrowed the schedule's filters says so
        # whatever the phase: by name Velero restores any
        (by(phase="PartiallyFailed", errors=7), [BEFORE], []),
        (by(phase="Failed"), [BEFORE], []),
        # all at once
        (by(started=TWO, source="cluster-2", objects=1), [INFO], [OLDER, SOURCE, SHRUNK]),
        (by(**UNTOLD, source="", objects=0), [INFO], [OLDER, SOURCE, SHRUNK]),
    ],
)
def test_a_backup_is_held_against_what_was_restored_before(info, before, refused):
    found = said(info, *before)
    assert [reason.rpartition("; ")[2] for reason in found] == [f"{option} lets it through" for option in refused]
    assert said(info, *before, **dict.fromkeys(refused, True)) == []
    for option in refused:
        assert len(said(info, *before, **{option: True})) == len(refused) - 1
    assert preflight(info, inventory(*before), NOW, OPEN) == []


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (
            by(name="hourly-1", started="2026-11-24T01:00:00Z"),
            "backup hourly-1 is of 2026-11-24T01:00:00Z, older than hourly-2 of 2026-11-24T02:00:00Z, which was"
            " restored before; allow_older lets it through",
        ),
        (
            by(**UNTOLD),
            "backup hourly-3 does not tell when it was taken, unlike hourly-2 of 2026-11-24T02:00:00Z, which was"
            " restored before; allow_older lets it through",
        ),
        (
            by(source="cluster-2"),
            "backup hourly-3 is of the cluster cluster-2 (UID of its Namespace kube-system), hourly-2, which was"
            " restored before, of cluster-1; allow_other_source lets it through",
        ),
        (
            by(source=""),
            "backup hourly-3 does not tell which cluster it is of (UID of its Namespace kube-system), hourly-2, which"
            " was restored before, of cluster-1; allow_other_source lets it through",
        ),
        (
            by(objects=49),
            "backup hourly-3 has 49 objects, hourly-2, which was restored before, had 100: less than half; allow_shrunk"
            " lets it through",
        ),
    ],
)
def test_a_reason_gives_names_and_figures(info, text):
    assert said(info, BEFORE) == [text]


# Age


@pytest.mark.parametrize(
    ("started", "limit", "refused"),
    [
        ("2026-11-24T03:00:00Z", 0.5 * HOUR, False),
        ("2026-11-24T02:59:59Z", 0.5 * HOUR, True),
        ("2026-11-24T03:00:00Z", 0.4 * HOUR, True),
        ("2026-11-23T03:30:01Z", 24 * HOUR, False),
        ("2026-11-23T03:29:59Z", 24 * HOUR, True),
        ("0001-01-01T00:00:00Z", 24 * HOUR, True),
        ("2026-11-24T03:30:00Z", 1, False),
        # a clock that is off does not make a backup young for ever
        ("2026-11-24T04:30:00Z", HOUR, False),
        ("2026-11-24T04:30:01Z", HOUR, True),
        ("9999-12-31T23:59:59Z", 24 * HOUR, True),
    ],
)
def test_a_backup_may_be_as_old_as_the_user_says(started, limit, refused):
    found = said(by(started=started), max_age=limit)
    assert bool(found) is refused
    assert all("max_backup_age" in reason for reason in found)
    assert said(by(started=started)) == []


@pytest.mark.parametrize(
    ("info", "limit", "text"),
    [
        (
            by(started="2026-11-22T01:15:00Z"),
            24 * HOUR,
            "backup hourly-3 is of 2026-11-22T01:15:00Z, 50h15m ago: older than max_backup_age (24h0m)",
        ),
        (INFO, 45, "backup hourly-3 is of 2026-11-24T03:00:00Z, 0h30m ago: older than max_backup_age (45s)"),
        (
            by(started=""),
            HOUR / 4,
            "backup hourly-3 is of 2026-11-24T03:00:09Z, 0h29m ago: older than max_backup_age (0h15m)",
        ),
        (
            by(started="2026-11-24T05:30:00Z"),
            HOUR,
            "backup hourly-3 is of 2026-11-24T05:30:00Z, 2h0m ahead of the target's clock, so that max_backup_age"
            " (1h0m) cannot be held; set the clocks of both clusters right",
        ),
        (
            UNKNOWN,
            HOUR,
            "backup download: its age is not known, so that max_backup_age cannot be held; give backup_metadata_file,"
            " its velero-backup.json",
        ),
    ],
)
def test_what_is_said_of_an_age(info, limit, text):
    assert said(info, max_age=limit) == [text]


def test_the_age_comes_first_of_all_reasons_and_no_other_option_lets_it_through():
    found = said(by(started="2026-11-23T03:00:00Z", source="cluster-2", objects=1), INFO, max_age=HOUR)
    assert [reason.rpartition("; ")[2] for reason in found[1:]] == [
        f"{option} lets it through" for option in (OLDER, SOURCE, SHRUNK)
    ]
    old = by(started="2026-11-23T03:00:00Z")
    assert preflight(old, (), NOW, OPEN._replace(max_age=HOUR)) == found[:1]
