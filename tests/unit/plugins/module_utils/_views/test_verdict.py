# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the standby is good: the worst thing first, and what to do about each."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.advice import advice_for
from ansible_collections.standby.velero.plugins.module_utils._views.verdict import State, verdict_of

Body = dict[str, Any]


def a_report(check: bool = False, failed: int = 0, left: int = 0, phase: str = "", **sections: Any) -> Body:
    restore = {
        "phase": phase or ("PartiallyFailed" if failed else "Completed"),
        "in_sync": not left,
        "out_of_sync": left,
    }
    return {"check_mode": check, "restore": restore, "counts": {"failed": failed}, **sections}


UNKNOWN = "Whether the standby is in sync is not known"
NOT_READY = {
    "ready": False,
    "checks": [{"name": "a", "passed": False}, {"name": "b", "passed": None}, {"name": "c", "passed": True}],
}


@pytest.mark.parametrize(
    ("report", "state", "title"),
    [
        (a_report(), State.GOOD, "The standby is in sync with the backup"),
        (a_report(check=True), State.GOOD, "The standby is in sync with the backup"),
        (a_report(check=True, left=12), State.LOOK, "The standby differs from the backup in 12 objects"),
        (a_report(left=1), State.LOOK, "1 object is left different from the backup"),
        (a_report(failed=2, left=2), State.BAD, "2 objects failed"),
        (a_report(phase="PartiallyFailed"), State.BAD, "The restore as such had errors"),
        (a_report(verification={"passed": False}), State.BAD, "The restore did not hold: something has undone it"),
        (a_report(verification={"passed": True}), State.GOOD, "The standby is in sync with the backup"),
        (a_report(readiness=NOT_READY), State.BAD, "This standby could not take over now"),
        (
            {"restore": {"phase": "Failed"}, "error": "the backup is too old"},
            State.BAD,
            "The restore did not run to its end",
        ),
        ({"restore": {"phase": "Completed"}}, State.LOOK, UNKNOWN),
        ({"restore": {"phase": "Completed", "in_sync": "true"}}, State.LOOK, UNKNOWN),
        ({"restore": {"phase": "Completed", "in_sync": False, "out_of_sync": -1}}, State.LOOK, UNKNOWN),
        ({}, State.BAD, "The restore as such had errors"),
        ({"restore": [], "counts": "x"}, State.BAD, "The restore as such had errors"),
    ],
)
def test_the_worst_is_said_first(report: Body, state: State, title: str) -> None:
    found = verdict_of(report, ())
    assert (found.state, found.title) == (state, title)
    assert found.todo


def test_all_that_is_wrong_is_told_with_what_helps_once_each() -> None:
    objects = [
        {"outcome": "failed", "reason": "refused"},
        {"outcome": "failed", "reason": "refused"},
        {"outcome": "failed", "reason": "<script>"},
        {"outcome": "skipped", "reason": "exists_different"},
    ]
    found = verdict_of(a_report(failed=3, left=5, readiness=NOT_READY), objects)
    assert found.title == "3 objects failed"
    assert found.others == ("This standby could not take over now", "2 objects are left different from the backup")
    assert found.todo == (
        advice_for("refused"),
        "See to 1 check under Readiness.",
        advice_for("exists_different"),
    )


def test_a_reason_that_nobody_knows_is_to_be_read() -> None:
    found = verdict_of(a_report(failed=1, left=1), [{"outcome": "failed", "reason": "of_tomorrow"}])
    assert found.todo == ("Read why under each object below.",)
