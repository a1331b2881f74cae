# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a standby is, and what makes that a red job."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._sync.drift import Limits, drift_of, limits_of
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome

BACKUP = {"name": "hourly-3", "started": "2026-11-24T03:00:00Z"}
BEFORE = {"previous_backup": "hourly-2", "previous_started": "2026-11-24T01:30:00Z", "total": 0}


def a_run(out_of_sync: int = 0, delta: dict[str, Any] | None = None, **counts: int) -> dict[str, Any]:
    counted = dict.fromkeys(("total", *(outcome.value for outcome in Outcome)), 0) | {"total": 9} | counts
    return {"restore": {"out_of_sync": out_of_sync}, "counts": counted, **({"delta": delta} if delta else {})}


@pytest.mark.parametrize(
    ("run", "text"),
    [
        (a_run(), "0 of 9 objects differ; no earlier backup of this schedule is known to have been restored"),
        (
            a_run(4, BEFORE, created=1, updated=2, failed=1),
            "4 of 9 objects differ (1 missing, 2 to update, 1 failed); hourly-2 was restored last, 1h30m behind"
            " hourly-3",
        ),
        (
            a_run(1, {**BEFORE, "total": 3}, deleted=1),
            "1 of 9 objects differ (1 deleted), 2 no longer in the backup; hourly-2 was restored last, 1h30m behind"
            " hourly-3",
        ),
        (
            a_run(0, {**BEFORE, "previous_backup": "hourly-3", "previous_started": BACKUP["started"]}),
            "0 of 9 objects differ; hourly-3 was restored last, and there is none newer",
        ),
        (
            a_run(0, {**BEFORE, "previous_started": ""}),
            "0 of 9 objects differ; hourly-2 was restored last, behind hourly-3",
        ),
    ],
)
def test_the_distance_is_a_sentence(run: dict[str, Any], text: str) -> None:
    assert drift_of(run, BACKUP, Limits())["text"] == text


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (("", "", ""), "the standby differs"),
        (("any", None, None), "the standby differs"),
        (("never", "0", "1m"), ""),
        (("", 2, ""), ""),
        (("", 0, ""), "more objects differ than drift_fail_count (0)"),
        (
            ("", "1", "1h"),
            "more objects differ than drift_fail_count (1), the standby is further behind than drift_fail_age (1h)",
        ),
        (("", "", "1h30m"), ""),
        (("", "", "89m"), "the standby is further behind than drift_fail_age (1h29m)"),
    ],
)
def test_what_is_a_problem_the_limits_say(limits: tuple[Any, Any, Any], problem: str) -> None:
    found = drift_of(a_run(2, BEFORE, updated=2), BACKUP, limits_of(*limits))["problem"]
    assert found.partition(": ")[0] == problem


def test_a_standby_on_which_nothing_was_restored_is_too_far_behind() -> None:
    found = drift_of(a_run(), BACKUP, limits_of("", "", "1000h"))
    assert (found["behind"], found["problem"] != "") == (None, True)


def test_a_standby_in_step_is_no_problem() -> None:
    assert drift_of(a_run(0, BEFORE), BACKUP, Limits())["problem"] == ""


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (("sometimes", "", ""), "drift_fail: 'sometimes' is neither any nor never"),
        (("", "few", ""), "drift_fail_count: 'few' is no number"),
        (("", -1, ""), "drift_fail_count: '-1' is no number"),
        (("", "", "2 hours"), "drift_fail_age: '2 hours' is no duration"),
    ],
)
def test_what_cannot_be_meant_is_named(limits: tuple[Any, Any, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        limits_of(*limits)
