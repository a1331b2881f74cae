# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What velero_workloads returns, and when it is red."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.text import json_size
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import (
    WorkloadRun,
    build_workloads,
    fails_workloads,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Comparison,
    Done,
    Held,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WakingReason

BEGUN = datetime(2026, 11, 29, tzinfo=timezone.utc)
TEXT = '{"spec":{"replicas":3}}'


def done(name: str, outcome: Outcome = Outcome.UPDATED, reason: Any = None, detail: str = "") -> Done:
    ref = ObjectRef(ObjectKey("apps", "Deployment", "shop", name), "deployments.apps", "v1")
    patch, before = {"spec": {"replicas": 3}}, {"spec": {"replicas": 0}}
    comparison = Comparison("1", patch, before, held=Held(TEXT))
    return Done(Change(ref, Action.UPDATE, comparison=comparison), ObjectResult(outcome, reason, detail))


def run_of(*made: Done, **more: Any) -> WorkloadRun:
    plan: Any = SimpleNamespace(settings=SimpleNamespace(active=more.pop("active", True), diff=more.pop("diff", False)))
    return replace(WorkloadRun(plan, made, BEGUN, BEGUN + timedelta(seconds=41.5), {}), **more)


COUNTED = ("created", "deleted", "updated", "unchanged", "skipped", "failed")


def test_a_run_is_told_as_a_whole_and_by_workload():
    result = build_workloads(run_of(done("web"), done("api", Outcome.UNCHANGED)))
    assert (result["changed"], result["state"], result["seconds"]) == (True, "active", 41.5)
    assert result["counts"] == {**dict.fromkeys(COUNTED, 0), "total": 2, "updated": 1, "unchanged": 1}
    assert result["objects"][0] == {
        "group": "apps",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "outcome": "updated",
        "reason": "",
        "message": "",
        "production": TEXT,
    }
    assert "diff" not in result


def test_nothing_written_is_nothing_changed():
    assert build_workloads(run_of(done("web", Outcome.UNCHANGED), active=False))["changed"] is False


def test_the_diff_shows_the_fields_that_change():
    (entry,) = build_workloads(run_of(done("web"), done("api", Outcome.UNCHANGED), diff=True))["diff"]
    assert (entry["before"], entry["after"]) == ("spec:\n  replicas: 0\n", "spec:\n  replicas: 3\n")


KEY = ObjectKey("apps", "StatefulSet", "shop", "db")


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (run_of(done("web")), None),
        (run_of(done("web", Outcome.SKIPPED, WakingReason.NOT_IN_PRODUCTION)), None),
        (run_of(done("web", reason=WakingReason.ANNOTATION_EDITED)), None),
        (
            run_of(done("web", Outcome.FAILED, Reason.REFUSED, "Forbidden")),
            "not all that was to be active is: Deployment.apps shop/web was refused by the target: Forbidden",
        ),
        (
            run_of(done("web"), not_ready={KEY: "1 of 2 Pods are ready"}),
            "not all that was to be active is: StatefulSet.apps shop/db is not ready: 1 of 2 Pods are ready",
        ),
        (
            run_of(problems=("a could not be read",), active=False),
            "not all that was to be held is: a could not be read",
        ),
    ],
)
def test_when_a_run_is_red(run, message):
    assert fails_workloads(run) == message


def test_a_message_names_some():
    run = run_of(*(done(f"w{number}", Outcome.FAILED, Reason.REFUSED, "no") for number in range(9)))
    assert fails_workloads(run).endswith("; and 4 more")


def test_a_large_standby_stays_within_the_result():
    many = [done(f"w{number:05}", reason=WakingReason.ANNOTATION_EDITED) for number in range(2000)]
    result = build_workloads(run_of(*many, diff=True, not_ready={one.change.key: "0 of 3" for one in many}))
    assert json_size(result) < 300_000
    assert result["objects_truncated"]
    assert result["not_ready_total"] == 2000
