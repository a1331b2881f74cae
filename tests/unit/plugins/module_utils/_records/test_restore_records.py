# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore objects that record our runs: never one that Velero would run, never one that is not ours removed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._records.restore_records import RestoreRecords
from ansible_collections.standby.velero.plugins.module_utils._values import RECORD_LABELS, Resource
from scripted_target import GONE, Answer, Body, ScriptedTarget, failing, stored

RESTORES = Resource("velero.io", "v1", "restores", "Restore", True)
WITH_STATUS = Resource("velero.io", "v1", "restores", "Restore", True, has_status=True)
RECORD = {
    "apiVersion": "velero.io/v1",
    "kind": "Restore",
    "metadata": {"name": "r-1", "namespace": "velero", "labels": dict(RECORD_LABELS)},
    "status": {"phase": "Completed"},
}
TRY, MAKE, READ, LIST = (
    "dry-run create restores.velero.io velero/r-1",
    "create restores.velero.io velero/r-1",
    "get restores.velero.io velero/r-1",
    "list restores.velero.io velero app.kubernetes.io/managed-by=standby.velero,standby.velero/holds=restore",
)


def there(name: str, created: str = "2026-11-24T04:00:00Z", **metadata: Any) -> Body:
    labels = {"labels": dict(RECORD_LABELS)}
    return {"metadata": {"name": name, "uid": f"u-{name}", "creationTimestamp": created, **labels, **metadata}}


NOTHING: list[list[Body]] = [[]]


def saved(*script: tuple[str, Answer], keep: int = 100, resource: Resource = RESTORES) -> tuple[str, tuple[str, ...]]:
    """Its place, and the warnings; just what is in the script was asked."""
    target = ScriptedTarget(*script)
    records = RestoreRecords(target, resource, "velero")
    place = records.save(RECORD, keep)
    assert target.requests == target.script
    return place, records.warnings


def test_a_dry_run_comes_before_the_one_request_that_stores_it() -> None:
    target = ScriptedTarget((TRY, stored()), (MAKE, stored()), (LIST, [[there("r-1")]]))
    records = RestoreRecords(target, RESTORES, "velero")
    assert records.save(RECORD, 1) == "velero/r-1"
    assert records.warnings == ()
    assert target.body(TRY) == target.body(MAKE) == RECORD


def test_nothing_is_sent_where_the_status_is_a_subresource() -> None:
    place, (warning,) = saved(resource=WITH_STATUS)
    assert place == ""
    assert "restores.velero.io has a status subresource on the target" in warning
    assert "record_restore: false switches it off" in warning


def without_phase(sent: Body) -> Body:
    return {**stored()(sent), "status": {}}


def as_new(sent: Body) -> Body:
    return {**stored()(sent), "status": {"phase": "New"}}


@pytest.mark.parametrize("answer", [without_phase, as_new])
def test_nothing_is_stored_where_a_dry_run_loses_the_phase(answer: Answer) -> None:
    place, (warning,) = saved((TRY, answer))
    assert place == ""
    assert "does not keep the phase of a new Restore, and Velero would run it" in warning


DROP = "delete restores.velero.io velero/r-1"


@pytest.mark.parametrize("answer", [without_phase, as_new])
def test_one_that_is_stored_without_its_phase_is_deleted_at_once_by_uid(answer: Answer) -> None:
    target = ScriptedTarget((TRY, stored()), (MAKE, answer), (DROP, GONE))
    records = RestoreRecords(target, RESTORES, "velero")
    assert records.save(RECORD, 100) == ""
    assert target.requests == target.script
    assert target.body(DROP)["uid"] == "new"
    assert "was stored without its phase, and deleted at once" in records.warnings[0]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotFound, "and deleted at once"),
        (Forbidden, "could not be deleted (Forbidden): delete it by hand, before Velero runs it"),
        (Unreachable, "could not be deleted (Unreachable): delete it by hand, before Velero runs it"),
    ],
)
def test_one_that_cannot_be_deleted_is_told(error: type[ClusterError], said: str) -> None:
    place, (warning,) = saved((TRY, stored()), (MAKE, without_phase), (DROP, failing(error)))
    assert place == ""
    assert said in warning


@pytest.mark.parametrize("error", [Forbidden, NotFound, Invalid, DryRunUnsupported, Unreachable, LockLost])
def test_a_refusal_is_a_warning(error: type[ClusterError]) -> None:
    for script in ([(TRY, failing(error))], [(TRY, stored()), (MAKE, failing(error))]):
        place, (warning,) = saved(*script)
        assert place == ""
        assert warning.startswith("the run is not recorded as a Restore of Velero's in namespace velero: ")
        assert error.__name__ in warning
        assert ("docs/rights.md has a Role" in warning) is (error is Forbidden)


def test_a_webhook_that_says_no_is_no_missing_right() -> None:
    _place, (warning,) = saved((TRY, failing(Forbidden, by_admission=True)))
    assert "docs/rights.md" not in warning


def test_a_name_that_is_taken_gets_a_number() -> None:
    second = [f"{request}-2" for request in (TRY, MAKE)]
    script = ((TRY, failing(AlreadyExists)), (second[0], stored()), (second[1], stored()), (LIST, NOTHING))
    assert saved(*script) == ("velero/r-1-2", ())
    raced = ((TRY, stored()), (MAKE, failing(AlreadyExists)), *script[1:])
    assert saved(*raced) == ("velero/r-1-2", ())


def test_names_are_not_tried_for_ever() -> None:
    names = ["", *(f"-{number}" for number in range(2, 6))]
    place, (warning,) = saved(*((f"{TRY}{name}", failing(AlreadyExists)) for name in names))
    assert place == ""
    assert "r-1 exists, and so do 4 names after it" in warning


def test_one_whose_answer_was_lost_is_read() -> None:
    lost = failing(AlreadyExists, repeated=True)
    assert saved((TRY, stored()), (MAKE, lost), (READ, stored()(RECORD)), (LIST, NOTHING)) == ("velero/r-1", ())
    place, _warnings = saved((TRY, stored()), (MAKE, lost), (READ, without_phase(RECORD)), (DROP, GONE))
    assert place == ""


# Older ones


def dropped(*listed: Body, keep: int) -> list[str]:
    """Names of those that are deleted, in their order."""
    gone: list[str] = []

    class Target(ScriptedTarget):
        def delete(self, resource: Resource, namespace: str, name: str, uid: str, *_more: Any, **_options: Any) -> Body:
            assert (resource, namespace, uid) == (RESTORES, "velero", f"u-{name}")
            gone.append(name)
            return GONE

    target = Target((TRY, stored()), (MAKE, stored()), (LIST, [list(listed)]))
    assert RestoreRecords(target, RESTORES, "velero").save(RECORD, keep) == "velero/r-1"
    return gone


NEW = there("r-1")
"""The one that is saved."""


def test_the_newest_stay_whatever_restore_they_are_of() -> None:
    listed = [
        there("b-3", "2026-11-24T03:00:00Z"),
        there("a-1", "2026-11-24T01:00:00Z"),
        NEW,
        there("a-2", "2026-11-24T02:00:00Z"),
    ]
    assert dropped(*listed, keep=4) == []
    assert dropped(*listed, keep=2) == ["a-2", "a-1"]
    assert dropped(*listed, keep=1) == ["b-3", "a-2", "a-1"]


def test_the_one_of_this_run_stays_though_others_are_of_the_same_second_or_of_a_clock_ahead() -> None:
    listed = [there("z-9"), there("r-2"), there("r-0", "2026-11-25T00:00:00Z")]
    assert dropped(*listed, NEW, keep=1) == ["r-0", "z-9", "r-2"]
    assert dropped(*listed, NEW, keep=2) == ["z-9", "r-2"]


@pytest.mark.parametrize(
    "other",
    [
        there("theirs", labels={}),
        there("theirs", labels=None),
        there("theirs", labels={"app.kubernetes.io/managed-by": "standby.velero"}),
        there("theirs", labels={**RECORD_LABELS, "standby.velero/holds": "state"}),
        there("theirs", deletionTimestamp="2026-11-24T04:00:00Z"),
    ],
)
def test_what_is_not_ours_or_goes_already_is_left_alone_even_if_the_answer_has_it(other: Body) -> None:
    ours = [NEW, there("r-0", "2026-11-24T00:00:00Z")]
    assert dropped(*ours, other, keep=1) == ["r-0"]


OLD = "delete restores.velero.io velero/r-0"
BOTH = [[there("r-0", "2026-11-24T00:00:00Z"), there("r-1")]]


def test_one_that_somebody_else_removed_is_gone() -> None:
    assert saved((TRY, stored()), (MAKE, stored()), (LIST, BOTH), (OLD, failing(NotFound)), keep=1)[1] == ()


@pytest.mark.parametrize("error", [Forbidden, Conflict, Unreachable])
def test_older_ones_that_stay_are_told_and_the_run_is_recorded(error: type[ClusterError]) -> None:
    for script in ([(LIST, failing(error))], [(LIST, BOTH), (OLD, failing(error))]):
        place, (warning,) = saved((TRY, stored()), (MAKE, stored()), *script, keep=1)
        assert place == "velero/r-1"
        assert warning.startswith("not all earlier records of runs could be removed from namespace velero: ")
        assert ("docs/rights.md has a Role" in warning) is (error is Forbidden)
