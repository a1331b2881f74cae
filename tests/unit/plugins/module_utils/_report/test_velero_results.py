# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Velero's results and phases."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    RestoreError,
    SettingsError,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.velero_results import (
    phase,
    phase_of,
    shortened,
    velero_results,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason

NOW = datetime(2026, 11, 24, 2, tzinfo=timezone.utc)


def a_run(*results: ObjectResult, **more: Any) -> Run:
    return Run("r", "b", "update", results, NOW, NOW, **more)


def a_result(namespace: str, name: str, outcome: Outcome = Outcome.FAILED, **more: Any) -> ObjectResult:
    return ObjectResult(ObjectKey("", "ConfigMap", namespace, name), "v1", outcome, **more)


def test_texts_are_sorted_into_velero_cluster_and_namespaces() -> None:
    run = a_run(
        a_result("shop", "a", warning="w-a", error="e-a"),
        a_result("", "b", warning="w-b"),
        a_result("shop", "c", warning="w-c"),
        a_result("bank", "d", error="e-d"),
        a_result("bank", "e", Outcome.CREATED),
        velero_warnings=("w",),
        velero_errors=("e\x1b",),
    )
    expected = {
        "warnings": {"velero": ["w"], "cluster": ["w-b"], "namespaces": {"shop": ["w-a", "w-c"]}},
        "errors": {"velero": [r"e\x1b"], "cluster": [], "namespaces": {"shop": ["e-a"], "bank": ["e-d"]}},
    }
    assert velero_results(run) == expected
    assert shortened(run, 10_000) == expected


@pytest.mark.parametrize("budget", [1_000, 5_000, 32_000])
def test_the_short_form_keeps_its_budget_and_says_how_many_are_missing(budget: int) -> None:
    results = [a_result(f"ns-{number % 7}", str(number), warning="wé" * 40, error="e" * 30) for number in range(2_000)]
    run = a_run(*results, report_path="/reports/r.json")
    short = shortened(run, budget)
    assert len(json.dumps(short)) <= budget
    for section in short.values():
        last = section["velero"][-1]
        shown = sum(map(len, section["namespaces"].values()))
        assert last == f"{2_000 - shown} more in report_path"


def test_errors_are_kept_before_warnings() -> None:
    results = [a_result("shop", str(number), warning="w" * 100) for number in range(1_000)]
    short = shortened(a_run(*results, a_result("shop", "last", error="the error")), 2_000)
    assert short["errors"]["namespaces"] == {"shop": ["the error"]}
    assert short["warnings"]["velero"][-1].endswith("more (report_path was not set)")


@pytest.mark.parametrize(
    ("results", "more", "expected"),
    [
        ([], {}, "Completed"),
        ([a_result("shop", "a", Outcome.UPDATED)], {}, "Completed"),
        ([a_result("shop", "a", Outcome.SKIPPED, reason=Reason.EXISTS_DIFFERENT, warning="w")], {}, "Completed"),
        ([], {"velero_warnings": ("w",)}, "Completed"),
        ([], {"velero_errors": ("e",)}, "PartiallyFailed"),
        ([a_result("shop", "a", Outcome.CREATED, error="e")], {}, "PartiallyFailed"),
        ([a_result("shop", "a", Outcome.FAILED, warning="refused")], {}, "PartiallyFailed"),
    ],
)
def test_phase_is_never_completed_when_an_object_failed(
    results: list[ObjectResult], more: dict[str, Any], expected: str
) -> None:
    assert phase(a_run(*results, **more)) == expected


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (SettingsError(["concurrency: 0 is not between 1 and 256"]), "FailedValidation"),
        (BackupError("b.tar.gz: not gzip"), "Failed"),
        (Unreachable("no answer"), "Failed"),
    ],
)
def test_a_restore_that_could_not_run_has_velero_s_phase(error: RestoreError, expected: str) -> None:
    assert phase_of(error) == expected
