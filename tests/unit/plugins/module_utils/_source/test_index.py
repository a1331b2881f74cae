# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The newest backups first, by their start, with few reads."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError, SourceError
from ansible_collections.standby.velero.plugins.module_utils._source.backup_object import backup_in
from ansible_collections.standby.velero.plugins.module_utils._source.index import (
    CLOCK_SKEW,
    BackupEntry,
    Listed,
    entry_of,
    moment,
    newest_first,
    newest_of,
)
from hypothesis import given
from hypothesis import strategies as st
from stores import FIRST_HOUR, metadata

HOUR = 3600.0
BEGIN = FIRST_HOUR.timestamp()


def entry(name: str, hour: float, **said: Any) -> BackupEntry:
    return entry_of(backup_in(metadata(name, hour, **said), name), Listed(name, 0.0, 7), name)


class Store:
    """Entries by name, and how many were read."""

    def __init__(self, *entries: BackupEntry) -> None:
        self._entries = {one.name: one for one in entries}
        self._lock = threading.Lock()
        self.reads: list[str] = []

    def read(self, listed: Listed) -> BackupEntry:
        with self._lock:
            self.reads.append(listed.name)
        return self._entries[listed.name]


# entry_of


def test_an_entry_has_what_the_metadata_say():
    said = metadata("hourly-3", 3, errors=1, warnings=2, progress={"itemsBackedUp": 158, "totalItems": 160})
    assert entry_of(backup_in(said, "f"), Listed("hourly-3", 0.0, 65304), "f") == BackupEntry(
        name="hourly-3",
        schedule="hourly",
        phase="Completed",
        started="2026-11-24T03:00:00Z",
        completed="2026-11-24T03:00:41Z",
        expires="2026-12-24T03:00:00Z",
        errors=1,
        warnings=2,
        objects=158,
        source_version="v1.36.3",
        size=65304,
    )


def test_metadata_of_another_backup_are_a_problem_of_the_entry():
    found = entry_of(backup_in(metadata("other"), "f"), Listed("hourly-3", 0.0), "f")
    assert found.problem == "its metadata are of backup other"


@pytest.mark.parametrize(
    "change",
    [
        {"status": {"startTimestamp": "yesterday"}},
        {"status": {"errors": "many"}},
        {"status": []},
        {"status": {"progress": 7}},
        {"metadata": {"name": "hourly-3", "labels": {"velero.io/schedule-name": 7}}},
    ],
)
def test_damaged_metadata_are_refused(change):
    body = {**json.loads(metadata("hourly-3")), **change}
    with pytest.raises(BackupError, match="f: is damaged"):
        entry_of(body, Listed("hourly-3", 0.0), "f")


# newest_first


def test_backups_come_by_their_start_and_not_by_their_name():
    store = Store(entry("a", 2), entry("b", 3), entry("c", 1))
    listed = [Listed("a", BEGIN + 2 * HOUR), Listed("b", BEGIN + 3 * HOUR), Listed("c", BEGIN + 9 * HOUR)]
    assert [one.name for one in newest_first(listed, store.read)] == ["b", "a", "c"]


def test_of_thousands_a_few_are_read_until_the_newest_is_known():
    entries = [entry(f"hourly-{hour}", hour) for hour in range(10_000)]
    store = Store(*entries)
    listed = [Listed(one.name, moment(one.started) + 60) for one in entries]
    found = newest_of("hourly", newest_first(listed, store.read), allow_partially_failed=False)
    assert found.entry == entries[-1]
    assert len(store.reads) <= 6


def test_a_backup_that_took_hours_is_found_among_those_that_ended_before_it():
    """`long` began at 5, and its metadata were written at 9, after those of all the others."""
    store = Store(entry("long", 5), *(entry(f"h{hour}", hour) for hour in range(9)))
    listed = [Listed("long", BEGIN + 9 * HOUR), *(Listed(f"h{hour}", BEGIN + hour * HOUR + 60) for hour in range(9))]
    found = [one.name for one in newest_first(listed, store.read, ahead=1)]
    assert found == ["h8", "h7", "h6", "h5", "long", "h4", "h3", "h2", "h1", "h0"]


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5), st.integers(-900, 0)), max_size=30),
    st.integers(1, 5),
)
def test_the_order_is_that_of_the_starts_whenever_the_metadata_were_written(times, ahead):
    """No clock is so wrong that a backup was written more than CLOCK_SKEW before it began."""
    assert CLOCK_SKEW == 900
    began = {f"b{index}": start for index, (start, _took, _skew) in enumerate(times)}
    store = Store(*(entry(name, start / HOUR) for name, start in began.items()))
    listed = [Listed(f"b{index}", BEGIN + start + took + skew) for index, (start, took, skew) in enumerate(times)]
    found = [began[one.name] for one in newest_first(listed, store.read, ahead)]
    assert found == sorted(began.values(), reverse=True)


def test_one_without_a_start_is_told_where_it_was_written():
    store = Store(entry("old", 1), entry("new", 3), BackupEntry("damaged", problem="is damaged"))
    listed = [Listed("old", BEGIN + HOUR), Listed("new", BEGIN + 3 * HOUR), Listed("damaged", BEGIN + 2 * HOUR)]
    assert [one.name for one in newest_first(listed, store.read)] == ["new", "damaged", "old"]


def test_a_store_that_fails_ends_it():
    def read(_listed: Listed) -> BackupEntry:
        raise SourceError("the store refuses")

    with pytest.raises(SourceError, match="the store refuses"):
        list(newest_first([Listed("a", 1.0), Listed("b", 2.0)], read))


def test_of_no_backups_there_is_none():
    assert list(newest_first([], Store().read)) == []


# newest_of


@pytest.mark.parametrize(
    ("newer", "said"),
    [
        ({"phase": "InProgress"}, "backup newer is InProgress, not Completed: it was passed over"),
        ({"phase": "New"}, "backup newer is New, not Completed: it was passed over"),
        ({"phase": "WaitingForPluginOperations"}, "is WaitingForPluginOperations, not Completed"),
        ({"phase": "Failed"}, "is Failed, not Completed"),
        ({"phase": "PartiallyFailed"}, "is PartiallyFailed, not Completed"),
        ({"phase": "Deleting"}, "is Deleting, not Completed"),
    ],
)
def test_newer_ones_that_are_not_completed_are_passed_over_and_told(newer, said):
    found = newest_of("hourly", iter([entry("newer", 4, **newer), entry("good", 3)]), allow_partially_failed=False)
    assert found.entry is not None
    assert found.entry.name == "good"
    (told,) = found.passed_over
    assert said in told


def test_one_whose_content_is_not_there_is_passed_over():
    half = BackupEntry("half", "hourly", "Completed", "2026-11-24T04:00:00Z", has_content=False)
    found = newest_of("hourly", iter([half, entry("good", 3)]), allow_partially_failed=False)
    assert found.passed_over == (
        "backup half has no content: it is being stored still, or deleted: it was passed over",
    )


def test_one_of_which_nothing_is_known_is_told_for_it_may_be_of_the_schedule():
    damaged = BackupEntry("damaged", problem="is damaged")
    found = newest_of("hourly", iter([damaged, entry("good", 3)]), allow_partially_failed=False)
    assert found.passed_over == ("backup damaged cannot be told of its schedule (is damaged): it was passed over",)


def test_a_partially_failed_one_is_taken_when_that_is_allowed():
    entries = [entry("newer", 4, phase="PartiallyFailed"), entry("good", 3)]
    found = newest_of("hourly", iter(entries), allow_partially_failed=True)
    assert found.entry == entries[0]


def test_those_of_other_schedules_and_of_none_are_no_matter():
    entries = [
        entry("daily-1", 5, schedule="daily", phase="Failed"),
        entry("by-hand", 4, schedule=""),
        entry("good", 3),
    ]
    found = newest_of("hourly", iter(entries), allow_partially_failed=False)
    assert found.entry == entries[2]
    assert found.passed_over == ()


def test_what_lies_behind_the_found_one_is_not_asked_for():
    def entries() -> Any:
        yield entry("good", 3)
        raise AssertionError("asked for more")

    assert newest_of("hourly", entries(), allow_partially_failed=False).entry is not None


def test_when_there_is_none_the_schedules_that_were_met_are_told():
    entries = [entry("daily-1", 5, schedule="daily"), entry("weekly-1", 4, schedule="weekly")]
    found = newest_of("hourly", iter(entries), allow_partially_failed=False)
    assert (found.entry, found.schedules) == (None, ("daily", "weekly"))
