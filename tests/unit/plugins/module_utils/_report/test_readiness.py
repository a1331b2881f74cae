# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness in result and report: one verdict, its checks, and what blocks before all else."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._readiness.finding import Accepted, Finding, Readiness
from ansible_collections.standby.velero.plugins.module_utils._readiness.question import Sync
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import ReadinessReason
from ansible_collections.standby.velero.plugins.module_utils._report.document import document
from ansible_collections.standby.velero.plugins.module_utils._report.readiness import (
    build_readiness,
    shortened,
    sync_of,
    whole,
)
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from outcomes import done_of
from reports import problems_of

STARTED = datetime(2026, 11, 24, 4, tzinfo=timezone.utc)
NOTE = Finding(ReadinessReason.WEBHOOK_OUTSIDE, "Webhook a")
DOUBT = Finding(ReadinessReason.CHECK_FAILED, "Check quotas", "forbidden")
BLOCK = Finding(ReadinessReason.CLASS_MISSING, "StorageClass fast", "named by Pod shop/a")
LIVED_WITH = Finding(ReadinessReason.CLAIM_LOST, "PersistentVolumeClaim shop/a")
READINESS = Readiness(
    {"webhooks": (NOTE,), "quotas": (DOUBT,), "storage_classes": (BLOCK, BLOCK), "volumes": (LIVED_WITH,)},
    {"docker.io": 2},
    Accepted(("claim_lost",)),
)


def test_what_blocks_comes_first_and_what_is_lived_with_last() -> None:
    found = whole(READINESS)
    assert (found["verdict"], found["ready"], found["reasons_total"]) == ("not_ready", False, 5)
    assert [(one["check"], one["weight"], one["accepted"]) for one in found["reasons"]] == [
        ("storage_classes", "blocks", False),
        ("storage_classes", "blocks", False),
        ("quotas", "unknown", False),
        ("webhooks", "note", False),
        ("volumes", "blocks", True),
    ]
    assert found["registries"] == {"docker.io": 2}


def test_each_check_says_what_speaks_against_a_takeover() -> None:
    said = "StorageClass fast is named and is not on the standby: named by Pod shop/a; and 1 more"
    assert whole(READINESS)["checks"] == [
        {"name": "webhooks", "passed": True, "message": ""},
        {"name": "quotas", "passed": None, "message": "Check quotas could not be looked at: forbidden"},
        {"name": "storage_classes", "passed": False, "message": said},
        {"name": "volumes", "passed": True, "message": ""},
    ]


def test_it_stays_within_its_budget_however_much_is_found() -> None:
    many = Readiness({"mounts": (BLOCK,) * 5000}, {f"{number}.example.org": 1 for number in range(5000)})
    found = shortened(many, 24_000)
    assert len(json.dumps(found)) < 30_000
    assert (found["reasons_total"], 0 < len(found["reasons"]) < 200) == (5000, True)
    assert len(json.dumps(build_readiness(many, BackupInfo("b2")))) < 300_000


def a_run(*outcomes: Outcome, **more: Any) -> Run:
    done = [done_of(ObjectKey("", "ConfigMap", "shop", f"c{number}"), one) for number, one in enumerate(outcomes)]
    return Run("again", "b2", "update", done, STARTED, STARTED, **more)


def test_a_run_tells_whether_the_standby_is_in_sync_as_it_leaves_it() -> None:
    assert sync_of(a_run(Outcome.CREATED, Outcome.UNCHANGED)) == Sync(True, "0 of 2 objects")
    assert sync_of(a_run(Outcome.CREATED, Outcome.UNCHANGED, check_mode=True)) == Sync(False, "1 of 2 objects")
    assert sync_of(a_run(Outcome.FAILED)).is_so is False


def test_result_and_report_have_it_where_it_was_asked_for() -> None:
    run = a_run(Outcome.CREATED, readiness=READINESS)
    assert build(run)["readiness"] == whole(READINESS)
    written = json.loads("".join(document(run, None, ())))
    assert written["readiness"] == whole(READINESS)
    assert problems_of(written) == []
    assert "readiness" not in build(a_run(Outcome.CREATED))
