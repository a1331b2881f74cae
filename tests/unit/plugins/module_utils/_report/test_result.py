# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's return value, its bound, and when a run counts as failed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.privileged import PRIVILEGED_BYTES
from ansible_collections.standby.velero.plugins.module_utils._report.result import build, fails, task_warnings
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from outcomes import done_of

NOW = datetime(2026, 11, 24, 3, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))


def a_run(*done: Done, **more: Any) -> Run:
    return Run("restore", "hourly", "update", done, NOW, NOW + timedelta(seconds=5), **more)


def a_result(name: str, outcome: Outcome, reason: Reason | None = None, **more: Any) -> Done:
    return done_of(ObjectKey("", "Pod", "shop", name), outcome, reason, **more)


FAILED = a_result("web", Outcome.FAILED, Reason.REFUSED, detail="Invalid: spec.containers")
ERROR = a_result("web", Outcome.FAILED, Reason.REFUSED, label_refusal="label patch refused")
CREATED = a_result("new", Outcome.CREATED)
DIFFERENT = a_result("old", Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)


def test_the_return_value_says_what_was_restored_and_how_it_ended() -> None:
    result = build(a_run(CREATED, FAILED))
    assert result["changed"] is True
    assert result["restore"] == {
        "name": "restore",
        "backup_name": "hourly",
        "existing_resource_policy": "update",
        "phase": "PartiallyFailed",
        "in_sync": False,
        "check_mode": False,
        "started": "2026-11-24T02:00:00.123Z",
        "completed": "2026-11-24T02:00:05.123Z",
        "duration": 5.0,
        "drift": 2,
        "out_of_sync": 1,
        "record": "",
        "compare": "full",
        "known": 0,
    }
    assert result["target"] == {"server": "", "context": ""}
    assert result["cluster"] == {"server": "", "uid": "", "version": ""}
    assert result["counts"]["total"] == 2
    assert [entry["name"] for entry in result["objects"]] == ["web", "new"]
    assert result["objects_truncated"] is False
    assert set(result["velero_results"]) == {"warnings", "errors"}
    assert "diff" not in result


def test_a_diff_is_returned_when_one_was_asked_for() -> None:
    assert build(a_run(diff=[]))["diff"] == []
    assert build(a_run(diff=({"before": "a", "after": "b"},)))["diff"] == [{"before": "a", "after": "b"}]


def test_privileged_objects_have_a_section_of_their_own_whatever_else_there_is() -> None:
    entry = {"kind": "ClusterRoleBinding", "name": "masters", "new": ["Group system:masters"]}
    results = [a_result(f"{number:06}", Outcome.FAILED, Reason.REFUSED, detail="m" * 900) for number in range(1_000)]
    result = build(a_run(*results, privileged=(entry,), privileged_total=7))
    assert result["privileged"] == [entry]
    assert result["privileged_total"] == 7
    assert result["objects_truncated"] is True
    assert (build(a_run())["privileged"], build(a_run())["privileged_total"]) == ([], 0)


def test_the_whole_result_stays_under_300_kb() -> None:
    long = {"detail": "\x1b" * 4_000, "label_refusal": "東" * 900}
    results = [a_result(f"{number:06}-東京", Outcome.FAILED, Reason.REFUSED, **long) for number in range(3_000)]
    most: dict[str, Any] = {"diff": [{"before": "x" * 149_900, "after": ""}], "warnings": ("w" * 5_000,) * 100}
    run = a_run(*results, **most, privileged=[{"new": ["x" * (PRIVILEGED_BYTES - 20)]}], privileged_total=9)
    whole = {**build(run), "msg": fails("failed", run), "warnings": task_warnings(run)}
    assert len(json.dumps(whole)) < 300_000
    assert whole["objects"]
    assert whole["objects_truncated"]


def test_warnings_of_the_task_are_printable() -> None:
    assert task_warnings(a_run(warnings=("TLS is not verified\n",))) == ["TLS is not verified\\n"]


@pytest.mark.parametrize(
    ("fail_on", "results", "failing"),
    [
        ("failed", [CREATED, DIFFERENT], False),
        ("failed", [CREATED, FAILED], True),
        ("failed", [ERROR], True),
        ("errors", [FAILED, DIFFERENT], False),
        ("errors", [ERROR], True),
        ("out_of_sync", [CREATED], False),
        ("out_of_sync", [CREATED, DIFFERENT], True),
        ("out_of_sync", [FAILED], True),
        ("never", [FAILED, ERROR, DIFFERENT], False),
    ],
)
def test_a_run_fails_as_fail_on_says(fail_on: str, results: list[Done], failing: bool) -> None:
    assert (fails(fail_on, a_run(*results)) is not None) is failing


def test_in_check_mode_what_is_still_to_be_written_is_out_of_sync() -> None:
    assert fails("out_of_sync", a_run(CREATED, check_mode=True)) is not None
    assert fails("out_of_sync", a_run(a_result("same", Outcome.RELABELLED), check_mode=True)) is None


def test_errors_of_the_restore_as_such_count_in_velero_s_measure() -> None:
    message = fails("errors", a_run(CREATED, velero_errors=("group metrics.k8s.io did not answer",)))
    assert message is not None
    assert "group metrics.k8s.io did not answer" in message


def test_the_message_names_counts_the_first_objects_and_the_report() -> None:
    results = [a_result(f"web-{number}", Outcome.FAILED, Reason.REFUSED) for number in range(7)]
    assert fails("failed", a_run(CREATED, *results, report_path="/reports/last.json")) == (
        "7 of 8 objects failed (restore restore): "
        "Pod shop/web-0: refused: Pod shop/web-0 was refused by the target; "
        "Pod shop/web-1: refused: Pod shop/web-1 was refused by the target; "
        "Pod shop/web-2: refused: Pod shop/web-2 was refused by the target; "
        "Pod shop/web-3: refused: Pod shop/web-3 was refused by the target; "
        "Pod shop/web-4: refused: Pod shop/web-4 was refused by the target; and 2 more. "
        "Counts: total 8, created 1, failed 7; all are in /reports/last.json."
    )


def test_without_a_report_the_message_says_how_to_have_one() -> None:
    message = fails("failed", a_run(FAILED))
    assert message is not None
    assert message.endswith("set report_path to have all in a file.")


def test_a_report_that_could_not_be_written_is_not_said_to_have_anything() -> None:
    many = [a_result(f"web-{number:04}", Outcome.FAILED, Reason.REFUSED) for number in range(1_000)]
    run = a_run(*many, report_lost=True, velero_errors=("report_path: cannot write /r.json: No space left on device",))
    message = fails("failed", run)
    assert message is not None
    assert message.endswith("; the report, which would have all, could not be written.")
    result = build(run)
    assert result["report_path"] == ""
    errors = result["velero_results"]["errors"]["velero"]
    assert errors[0] == "report_path: cannot write /r.json: No space left on device"
    assert errors[-1].endswith(" more (the report could not be written)")


def test_where_the_report_is_stands_in_the_result() -> None:
    assert build(a_run(CREATED, report_path="/reports/r\x1b.json"))["report_path"] == "/reports/r\\x1b.json"
    assert build(a_run(CREATED))["report_path"] == ""


def test_names_that_match_nothing_are_in_the_result_within_bounds() -> None:
    many = tuple(f"included_namespaces: 'shop-{number:04}' matches nothing in the backup" for number in range(1_000))
    shown = build(a_run(CREATED, unmatched=many))["unmatched"]
    assert shown == list(many[: len(shown)])
    assert 20 < len(shown) < 100
    assert build(a_run(CREATED))["unmatched"] == []
