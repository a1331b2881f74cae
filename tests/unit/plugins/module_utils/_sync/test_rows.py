# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The row of one standby, and the table of all."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._sync.rows import row_of, span, table_of
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome

NOW = 1795489200.0
"""2026-11-24T03:00:00Z."""
BACKUP = {"name": "hourly-2", "started": "2026-11-24T02:00:00Z"}


def a_run(in_sync: bool = True, check_mode: bool = False, delta: dict[str, Any] | None = None, **counts: int) -> Any:
    counted = dict.fromkeys((outcome.value for outcome in Outcome), 0) | counts
    told = {"backup_name": "hourly-2", "in_sync": in_sync, "check_mode": check_mode}
    return {"changed": bool(counts), "restore": told, "counts": counted, **({"delta": delta} if delta else {})}


def test_a_run_that_went_well_asks_for_nothing() -> None:
    assert row_of("a", BACKUP, a_run(updated=2, created=1, deleted=1, unchanged=9, skipped=3), NOW) == {
        "host": "a",
        "backup": "hourly-2",
        "age": 3600,
        "in_sync": True,
        "changed": 4,
        "failed": 0,
        "problem": "",
        "todo": "nothing",
    }


def test_of_a_restore_that_took_no_place_nothing_is_claimed() -> None:
    row = row_of("a", {}, {"restore": {"phase": "Failed"}}, NOW, problem="no answer")
    assert (row["backup"], row["age"], row["in_sync"], row["changed"], row["failed"]) == ("", None, None, None, None)
    assert row["todo"] == "no answer"


def test_what_a_verification_found_is_out_of_sync() -> None:
    assert row_of("a", BACKUP, a_run(updated=1), NOW, problem="undone", left=["x"])["in_sync"] is False


@pytest.mark.parametrize(
    ("run", "stage", "todo"),
    [
        (a_run(check_mode=True, updated=1), "", "run it without check mode"),
        (a_run(check_mode=True, updated=1), "plan", "look at the plan, and approve it"),
        (a_run(check_mode=True), "plan", "nothing"),
        (
            a_run(delta={"mode": "prune", "stopped_by": [{"reason": "over_count", "message": "too many"}]}),
            "",
            "look at what stops the deletions: too many",
        ),
        (
            a_run(delta={"mode": "report", "stopped_by": [{"reason": "over_count", "message": "too many"}]}),
            "",
            "nothing",
        ),
    ],
)
def test_what_a_person_has_to_do(run: Any, stage: str, todo: str) -> None:
    assert row_of("a", BACKUP, run, NOW, stage=stage)["todo"] == todo


def test_a_backup_that_only_its_content_tells_of_has_an_age_too() -> None:
    run = a_run()
    run["restore"]["backup"] = {"taken": "2026-11-24T02:30:00Z"}
    assert row_of("a", {"name": "file"}, run, NOW)["age"] == 1800


def test_the_table_has_a_line_for_each_standby() -> None:
    rows = [
        row_of("standby-a", BACKUP, a_run(updated=12), NOW),
        row_of("b", {}, {}, NOW, problem="no answer\nat all"),
    ]
    assert table_of(rows) == [
        "host       backup    age  in sync  changed  failed  what to do",
        "standby-a  hourly-2  1h   yes      12       0       nothing",
        "b          -         -    -        -        -       no answer at all",
    ]


def test_a_long_reason_is_cut_and_nothing_steers_a_terminal() -> None:
    (_head, line) = table_of([row_of("a\x1b[2J", {}, {}, NOW, problem="x" * 1000)])
    assert line.startswith("a\\x1b[2J")
    assert len(line) < 250


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "-"),
        (0, "0s"),
        (41, "41s"),
        (300, "5m"),
        (301, "5m1s"),
        (5400, "1h30m"),
        (3601, "1h"),
        (90000, "1d1h"),
        (-60, "-1m"),
    ],
)
def test_a_span_has_two_units_at_most(seconds: int | None, text: str) -> None:
    assert span(seconds) == text


def test_a_webhook_that_is_awake_while_nobody_answers_is_told_in_the_table() -> None:
    named = "ValidatingWebhookConfiguration shop: check, by Service shop/guard"
    todo = row_of("a", BACKUP, {**a_run(), "guards": {"awake": [named]}}, NOW)["todo"]
    assert todo == f"find out why nobody answers for a webhook that is awake: {named}"
