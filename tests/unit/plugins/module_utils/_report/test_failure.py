# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a restore that could not go on takes the place of an earlier one."""

from __future__ import annotations

import stat
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ansible_collections.standby.velero.plugins.module_utils._report.failure import Failure, write_failure
from reports import read_report

STARTED = datetime.now(timezone.utc) - timedelta(seconds=7)
FAILURE = Failure("backup b2 is too old:\x1b[2J", "FailedValidation", STARTED, True, "again", "b2")


def test_it_says_why_and_nothing_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("yesterday's")
    assert write_failure(str(path), FAILURE) == ""
    report = read_report(path)
    assert list(report) == ["version", "check_mode", "restore", "error"]
    assert (report["error"], report["check_mode"]) == ("backup b2 is too old:\\x1b[2J", True)
    assert report["restore"]["duration"] >= 7
    assert {name: report["restore"][name] for name in ("name", "backup_name", "phase", "in_sync")} == {
        "name": "again",
        "backup_name": "b2",
        "phase": "FailedValidation",
        "in_sync": False,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_where_none_is_asked_for_there_is_none() -> None:
    assert write_failure("", FAILURE) == ""


def test_what_keeps_it_from_being_left_is_told_and_raises_nothing(tmp_path: Path) -> None:
    assert write_failure(str(tmp_path / "gone" / "r.json"), FAILURE).startswith("report_path: cannot write")
    assert write_failure(str(tmp_path), FAILURE).endswith("exists and is not a file")
