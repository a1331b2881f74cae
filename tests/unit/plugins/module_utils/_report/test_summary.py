# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts, changed and in_sync: section 10's words as tables."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, counts, in_sync, skips
from ansible_collections.standby.velero.plugins.module_utils._values import Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from outcomes import done_of


def a_result(outcome: Outcome, **more: Any) -> Done:
    return done_of(ObjectKey("", "ConfigMap", "shop", "web"), outcome, **more)


def test_outcomes_sum_to_total_and_unverified_counts_on_top() -> None:
    results = [a_result(outcome) for outcome in Outcome] + [a_result(Outcome.CREATED, reason=Reason.UNVERIFIED)]
    found = counts(results)
    assert found == {
        "total": 10,
        "created": 2,
        "updated": 1,
        "relabelled": 1,
        "recreated": 1,
        "deleted": 1,
        "deleting": 1,
        "unchanged": 1,
        "skipped": 1,
        "failed": 1,
        "unverified": 1,
    }
    assert found["total"] == sum(found[outcome.value] for outcome in Outcome)


def test_nothing_restored_counts_nothing() -> None:
    assert set(counts([]).values()) == {0}
    assert not changed([])
    assert in_sync([], check_mode=False)


def test_skips_are_counted_by_reason_the_most_frequent_first() -> None:
    reasons = (Reason.PROTECTED, Reason.HAS_CONTROLLER, Reason.HAS_CONTROLLER)
    others = [a_result(Outcome.FAILED, reason=Reason.REFUSED), a_result(Outcome.UNCHANGED, reason=Reason.NO_EFFECT)]
    found = skips([*(a_result(Outcome.SKIPPED, reason=reason) for reason in reasons), *others])
    assert list(found.items()) == [("has_controller", 2), ("protected", 1)]


@pytest.mark.parametrize(
    ("outcome", "more", "is_changed", "after_a_run", "in_check_mode"),
    [
        (Outcome.CREATED, {}, True, True, False),
        (Outcome.UPDATED, {}, True, True, False),
        (Outcome.RECREATED, {}, True, True, False),
        (Outcome.DELETED, {}, True, True, False),
        (Outcome.DELETING, {"reason": Reason.DELETION_BLOCKED}, True, True, False),
        (Outcome.RELABELLED, {}, True, True, True),
        (Outcome.UNCHANGED, {}, False, True, True),
        (Outcome.UNCHANGED, {"reason": Reason.NO_EFFECT}, False, True, True),
        (Outcome.UNCHANGED, {"reason": Reason.EQUAL_AFTER_ADMISSION}, False, True, True),
        (Outcome.SKIPPED, {"reason": Reason.PROTECTED}, False, True, True),
        (Outcome.SKIPPED, {"reason": Reason.HAS_CONTROLLER}, False, True, True),
        (Outcome.SKIPPED, {"reason": Reason.EXISTS_DIFFERENT}, False, False, False),
        (Outcome.UPDATED, {"reason": Reason.CHANGED_MEANWHILE}, True, False, False),
        (Outcome.CREATED, {"reason": Reason.UNVERIFIED}, True, False, False),
        (Outcome.FAILED, {"reason": Reason.REFUSED}, False, False, False),
        (Outcome.FAILED, {"reason": Reason.REFUSED, "stored": True}, True, False, False),
    ],
)
def test_changed_and_in_sync(
    outcome: Outcome, more: dict[str, Any], is_changed: bool, after_a_run: bool, in_check_mode: bool
) -> None:
    results = [a_result(Outcome.UNCHANGED), a_result(outcome, **more)]
    assert changed(results) is is_changed
    assert in_sync(results, check_mode=False) is after_a_run
    assert in_sync(results, check_mode=True) is in_check_mode
