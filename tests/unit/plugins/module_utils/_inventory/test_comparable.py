"""Whether two backups can be compared, one thing wrong at a time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.comparable import stops_between, terms_of
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import BackupInventory, RestoreScope
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import StopReason

OLD = BackupInfo("b1", "hourly", "2026-11-24T02:00:00Z", "2026-11-24T02:01:00Z", "Completed", 0, "all", "c1", 10)
NEW = replace(OLD, name="b2", started="2026-11-24T03:00:00Z", completed="2026-11-24T03:01:00Z")


def terms(facts, selection="all", selected=10):
    return RestoreScope(facts, selection, selected)


def reasons(earlier, this):
    return [stop.reason.value for stop in stops_between(earlier, this)]


@pytest.mark.parametrize(
    ("facts", "expected"),
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
def test_what_is_wrong_with_one_backup_stops_a_prune_whichever_it_is(facts, expected):
    assert reasons(terms(replace(OLD, **facts)), terms(NEW)) == expected
    later = [] if facts.get("started", "later") else ["later"]
    assert reasons(terms(OLD), terms(replace(NEW, **facts))) == [*expected, *later]


def test_nothing_stands_in_the_way_of_two_backups_of_the_same_sort():
    assert stops_between(terms(OLD), terms(NEW)) == ()
    assert stops_between(terms(OLD, selected=1), terms(NEW, selected=99)) == ()
    assert stops_between(terms(NEW), terms(NEW)) == ()


@pytest.mark.parametrize(
    ("earlier", "this", "expected"),
    [
        (None, terms(NEW), ["no_previous"]),
        (None, terms(replace(NEW, phase="")), ["no_previous", "no_metadata"]),
        (terms(NEW), terms(OLD), ["later"]),
        (terms(OLD, "part"), terms(NEW), ["other_selection"]),
        (terms(OLD, selected=0), terms(NEW), ["nothing_selected"]),
        (terms(OLD), terms(NEW, selected=0), ["nothing_selected"]),
        (terms(BackupInfo("b1")), terms(NEW), [
            "no_metadata", "no_schedule", "other_schedule", "unknown_source", "other_filters",
        ]),
    ],
    ids=["none", "none, and this one", "an older backup", "selection", "earlier empty", "this empty", "nothing known"],
)  # fmt: skip
def test_all_that_stands_in_the_way_is_told_at_once_and_in_order(earlier, this, expected):
    assert reasons(earlier, this) == expected


def test_a_stop_names_the_backups_that_it_speaks_of():
    [stop] = stops_between(terms(replace(OLD, errors=1)), terms(NEW))
    assert str(stop) == "these backups have errors: b1"
    [stop] = stops_between(terms(replace(OLD, source="")), terms(replace(NEW, source="")))
    assert stop.detail == "b1 and b2"
    [stop] = stops_between(terms(OLD, "part"), terms(NEW))
    assert (stop.reason, stop.detail) == (StopReason.OTHER_SELECTION, "b1 and b2")


def test_terms_are_all_of_an_owing_but_its_objects():
    assert terms_of(BackupInventory(OLD, "all", 7, {})) == RestoreScope(OLD, "all", 7)
