# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what changed since the last restored backup: its rows, their order, its bounds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PruneDecision, PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._plan.stale import DeltaPlan
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.delta import DeltaReport
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.since import (
    ACTIONS,
    SINCE_BYTES,
    entries,
    head,
    is_told,
    shortened,
)
from ansible_collections.standby.velero.plugins.module_utils._report.text import json_size
from ansible_collections.standby.velero.plugins.module_utils._values import Body, Comparison, Done, ObjectKey, ObjectRef
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Code, Outcome, Reason
from outcomes import done_of

NOW = datetime(2026, 11, 24, 3, tzinfo=timezone.utc)
THERE = Comparison("7", {"data": {"a": "2"}}, {"data": {"a": "1"}}, changed_by="production")


def pod(name: str) -> ObjectKey:
    return ObjectKey("", "Pod", "shop", name)


def a_run(done: Iterable[Done] = (), gone: Iterable[PruneDecision] = (), previous: str = "b1", by: str = "b0") -> Run:
    """Of b2; what is stale was restored from another backup than the last."""
    done, decisions = tuple(done), tuple(gone)
    plan = DeltaPlan(previous, PrunePlan((), decisions), frozenset(), {one.key: by for one in decisions})
    return Run("again", "b2", "update", done, NOW, NOW, delta=DeltaReport("prune", plan, done))


def stale(name: str, keep: KeepReason | None = None) -> PruneDecision:
    return PruneDecision(pod(name), ObjectRef(pod(name), "pods", "v1"), "u1", keep)


def one(
    name: str, outcome: Outcome, action: Action, reason: Code | None = None, there: Comparison | None = None
) -> Done:
    return done_of(pod(name), outcome, reason, action=action, resource="pods", change={"comparison": there})


def rows(run: Run) -> list[tuple[str, str, str, str]]:
    return [(row["action"], row["name"], row["outcome"], row["reason"]) for row in entries(run)]


def test_deletions_and_updates_stand_in_one_table_with_what_became_of_them() -> None:
    done = [
        one("p3", Outcome.CREATED, Action.CREATE),
        one("p2", Outcome.UPDATED, Action.UPDATE, there=THERE),
        one("p4", Outcome.UNCHANGED, Action.NOOP, there=Comparison("7")),
        one("p1", Outcome.DELETED, Action.DELETE),
    ]
    run = a_run(done, [stale("p0", KeepReason.HAS_CONTROLLER), stale("p1")])
    shown = shortened(run)
    assert (shown["backup"], shown["total"], shown["truncated"]) == ("b1", 4, False)
    assert shown["totals"] == {"delete": 2, "update": 1, "recreate": 0, "create": 1}
    assert rows(run) == [
        ("delete", "p0", "kept", "has_controller"),
        ("delete", "p1", "deleted", ""),
        ("update", "p2", "updated", ""),
        ("create", "p3", "created", ""),
    ]
    assert [(row["changed_by"], row["restored_by"]) for row in shown["objects"]] == [
        ("", "b0"),
        ("", "b0"),
        ("production", ""),
        ("", ""),
    ]
    assert shown["objects"][0]["message"] == "Pod shop/p0 belongs to its controlling owner on the target"


@pytest.mark.parametrize(
    ("outcome", "action", "reason", "there", "said"),
    [
        (Outcome.RECREATED, Action.UPDATE, None, THERE, "recreate"),
        (Outcome.UPDATED, Action.UPDATE, Reason.UNVERIFIED, THERE, "update"),
        (Outcome.FAILED, Action.UPDATE, Reason.REFUSED, THERE, "update"),
        (Outcome.FAILED, Action.CREATE, Reason.REFUSED, None, "create"),
        (Outcome.SKIPPED, Action.SKIP, Reason.EXISTS_DIFFERENT, THERE, "update"),
        (Outcome.SKIPPED, Action.SKIP, Reason.PRIVILEGED, None, "create"),
        (Outcome.FAILED, Action.FAIL, Reason.PRIVILEGED, THERE, "update"),
        (Outcome.SKIPPED, Action.DELETE, StopReason.OBJECTS_FAILED, None, "delete"),
        (Outcome.SKIPPED, Action.SKIP, Reason.PROTECTED, None, ""),
        (Outcome.FAILED, Action.FAIL, Reason.INVALID_OBJECT, None, ""),
        (Outcome.RELABELLED, Action.RELABEL, None, Comparison("7"), ""),
        (Outcome.UNCHANGED, Action.UPDATE, Reason.NO_EFFECT, THERE, ""),
    ],
)
def test_a_row_says_what_brings_the_target_to_the_backup(
    outcome: Outcome, action: Action, reason: Code | None, there: Comparison | None, said: str
) -> None:
    found = rows(a_run([one("p", outcome, action, reason, there)], [stale("p")] if said == "delete" else []))
    assert found == ([(said, "p", outcome.value, reason.value if reason else "")] if said else [])


def test_a_deletion_that_is_held_back_is_one_still() -> None:
    held = done_of(pod("p"), Outcome.SKIPPED, Reason.PRIVILEGED, action=Action.DELETE)
    held = held._replace(change=held.change.__class__(held.change.ref, Action.SKIP, Reason.PRIVILEGED))
    assert rows(a_run([held], [stale("p")])) == [("delete", "p", "skipped", "privileged")]


def test_with_report_alone_what_is_gone_is_to_be_deleted_and_kept() -> None:
    assert rows(a_run([], [stale("p1")])) == [("delete", "p1", "kept", "")]


@pytest.mark.parametrize(("previous", "told"), [("b1", True), ("b2", True), ("", False)])
def test_it_is_told_where_an_earlier_backup_is_known(previous: str, told: bool) -> None:
    assert is_told(a_run(previous=previous)) is told
    assert not is_told(Run("again", "b2", "update", (), NOW, NOW))


def test_it_is_bounded_in_the_result_and_whole_for_the_file() -> None:
    done = [one(f"p{number:05}", Outcome.CREATED, Action.CREATE) for number in range(2_000)]
    run = a_run(done, [stale("z" * 500)])
    shown = shortened(run)
    assert json_size(shown["objects"]) <= SINCE_BYTES
    assert (shown["total"], shown["truncated"], shown["objects"][0]["action"]) == (2_001, True, "delete")
    assert sum(1 for _row in entries(run)) == head(run)["total"] == sum(shown["totals"].values())
    assert list(shown["totals"]) == list(ACTIONS)


def test_nothing_in_it_steers_a_terminal_or_a_log() -> None:
    evil = "\x1b[31m\n\u202e"
    key = pod(evil)
    decision = PruneDecision(key, ObjectRef(key, "pods", "v1"), "u1", KeepReason.NOT_COMPARABLE, evil)
    shown: Body = shortened(a_run([], [decision], previous=evil, by=evil))
    texts: list[Any] = [shown["backup"], *shown["objects"][0].values()]
    assert all(text.isprintable() for text in texts)
    assert json.dumps(shown)
