# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup follows which, and whether two can be compared, one thing wrong at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.comparable import last_followed, stops_between
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    Inventory,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo

OLD = BackupInfo("b1", "hourly", "2026-11-24T02:00:00Z", "2026-11-24T02:01:00Z", "Completed", 0, "all", "c1", 10)
NEW = replace(OLD, name="b2", started="2026-11-24T03:00:00Z", completed="2026-11-24T03:01:00Z")


def scope(info: BackupInfo, selection: str = "all", selected: int = 10) -> RestoreScope:
    return RestoreScope(info, selection, selected)


def reasons(earlier: RestoreScope | None, this: RestoreScope) -> list[str]:
    return [stop.reason.value for stop in stops_between(earlier, this)]


# Which backup follows which


def inventory(*backups: str) -> Inventory:
    """`name schedule scope selection`; `-` for nothing."""
    parts = []
    for text in backups:
        name, schedule, filters, selection = (word.strip("-") for word in text.split())
        parts.append(BackupInventory(scope(BackupInfo(name, schedule, scope=filters), selection), {}))
    return tuple(parts)


HOURLY = BackupInfo("h9", "hourly", scope="all")
BY_HAND = BackupInfo("m9", scope="all")
UNKNOWN = BackupInfo("u9")
"""Without metadata."""


@pytest.mark.parametrize(
    ("backup", "selection", "there", "followed"),
    [
        # one of a schedule
        (HOURLY, "all", [], None),
        (HOURLY, "all", ["h1 hourly all all", "h2 hourly all all"], "h2"),
        (HOURLY, "all", ["h2 hourly all all", "h1 hourly all all"], "h1"),
        (HOURLY, "all", ["h1 hourly all all", "w1 weekly all all"], "h1"),
        (HOURLY, "all", ["w1 weekly all all", "m1 - all all"], None),
        (HOURLY, "all", ["h1 hourly other all"], "h1"),
        (HOURLY, "all", ["h9 hourly all all"], "h9"),
        # of several selections its own, whatever was restored since
        (HOURLY, "all", ["h1 hourly all all", "h2 hourly all part"], "h1"),
        (HOURLY, "part", ["h1 hourly all all", "h2 hourly all part", "h3 hourly all all"], "h2"),
        (HOURLY, "all", ["h1 hourly all part", "h2 hourly all other"], "h2"),
        (HOURLY, None, ["h1 hourly all all", "h2 hourly all part"], "h2"),
        # one taken by hand
        (BY_HAND, "all", ["m1 - all all", "m2 - other all"], "m1"),
        (BY_HAND, None, ["m1 - all all", "h1 hourly all part"], "h1"),
        (BY_HAND, "all", ["m1 - all all", "h1 hourly all part"], "m1"),
        (BY_HAND, "all", ["m1 - - all"], None),
        # one of which nothing is known
        (UNKNOWN, "all", ["u1 - - all", "m1 - all all", "h1 hourly all all"], None),
        (UNKNOWN, None, ["u9 - - all"], None),
    ],
    ids=[
        "none",
        "the one restored last",
        "restored last, not taken last",
        "no other schedule's",
        "nor one taken by hand",
        "whatever its filters",
        "itself, restored once more",
        "the last of the selection",
        "also when it is not the last of all",
        "without one of the selection the last of any",
        "the last of any when no selection is asked for",
        "by hand: the last with its filters",
        "by hand: one of a schedule too",
        "by hand: the last of the selection",
        "by hand: none whose filters are not known",
        "unknown: none",
        "unknown: not even itself",
    ],
)
def test_a_backup_follows_the_one_restored_last_of_its_line(
    backup: BackupInfo, selection: str | None, there: list[str], followed: str | None
) -> None:
    found = last_followed(inventory(*there), backup, selection)
    assert (found.backup.name if found else None) == followed


def test_of_a_backup_with_all_that_was_restored_gone_its_scope_is_known_still() -> None:
    [kept] = there = inventory("h1 hourly all all")
    assert not kept.entries
    assert last_followed(there, HOURLY) is kept.scope


# Whether two compare


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"phase": ""}, ["no_metadata"]),
        ({"started": ""}, ["no_metadata"]),
        ({"phase": "PartiallyFailed"}, ["not_completed"]),
        ({"phase": "PartiallyFailed", "errors": 3}, ["not_completed", "errors"]),
        ({"phase": "completed"}, ["not_completed"]),
        ({"errors": 1}, ["errors"]),
        ({"schedule": ""}, ["no_schedule", "other_schedule"]),
        ({"schedule": "weekly"}, ["other_schedule"]),
        ({"source": ""}, ["unknown_source"]),
        ({"source": "c2"}, ["other_source"]),
        ({"scope": ""}, ["other_filters"]),
        ({"scope": "shop"}, ["other_filters"]),
    ],
)
def test_what_is_wrong_with_one_backup_stops_a_prune_whichever_it_is(told: dict[str, Any], expected: list[str]) -> None:
    assert reasons(scope(replace(OLD, **told)), scope(NEW)) == expected
    later = [] if told.get("started", "later") else ["later"]
    assert reasons(scope(OLD), scope(replace(NEW, **told))) == [*expected, *later]


def test_nothing_stands_in_the_way_of_two_backups_of_the_same_sort() -> None:
    assert stops_between(scope(OLD), scope(NEW)) == ()
    assert stops_between(scope(OLD, selected=1), scope(NEW, selected=99)) == ()
    assert stops_between(scope(NEW), scope(NEW)) == ()


@pytest.mark.parametrize(
    ("earlier", "this", "expected"),
    [
        (None, scope(NEW), ["no_previous"]),
        (None, scope(replace(NEW, phase="")), ["no_previous", "no_metadata"]),
        (scope(NEW), scope(OLD), ["later"]),
        (scope(OLD, "part"), scope(NEW), ["other_selection"]),
        (scope(OLD, selected=0), scope(NEW), ["nothing_selected"]),
        (scope(OLD), scope(NEW, selected=0), ["nothing_selected"]),
        (scope(BackupInfo("b1")), scope(NEW), [
            "no_metadata", "no_schedule", "other_schedule", "unknown_source", "other_filters",
        ]),
    ],
    ids=["none", "none, and this one", "an older backup", "selection", "earlier empty", "this empty", "nothing known"],
)  # fmt: skip
def test_all_that_stands_in_the_way_is_told_at_once_and_in_order(
    earlier: RestoreScope | None, this: RestoreScope, expected: list[str]
) -> None:
    assert reasons(earlier, this) == expected


def test_a_stop_names_the_backups_that_it_speaks_of() -> None:
    [stop] = stops_between(scope(replace(OLD, errors=1)), scope(NEW))
    assert str(stop) == "these backups have errors: b1"
    [stop] = stops_between(scope(replace(OLD, source="")), scope(replace(NEW, source="")))
    assert stop.detail == "b1 and b2"
    [stop] = stops_between(scope(OLD, "part"), scope(NEW))
    assert (stop.reason, stop.detail) == (StopReason.OTHER_SELECTION, "b1 and b2")
