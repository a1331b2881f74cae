# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of earlier reports: its own standby's, newest first read, whatever else lies there."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.failure import Failure, write_failure
from ansible_collections.standby.velero.plugins.module_utils._views import history as room
from ansible_collections.standby.velero.plugins.module_utils._views.history import history, point_of
from ansible_collections.standby.velero.plugins.module_utils._views.reading import ReportError
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from outcomes import done_of
from reporting import BAD_NIGHT, ENDED, a_run, key, written


def filled(folder: Path, count: int) -> dict[str, Any]:
    """With a report an hour, the newest of which is given back."""
    for hour in range(count - 1, -1, -1):
        done = [done_of(key("ConfigMap", f"c{number}"), Outcome.UPDATED) for number in range(hour)]
        path = folder / f"{hour}.json"
        report = written(path, a_run(done, ended=ENDED - timedelta(hours=hour)), None)
        os.utime(path, (1_000_000 - hour, 1_000_000 - hour))
    return report


def test_the_runs_are_told_oldest_first_and_its_own_once(tmp_path: Path) -> None:
    report = filled(tmp_path, 4)
    points, unread = history(str(tmp_path), report)
    assert [point.drift for point in points] == [3, 2, 1, 0]
    assert [point.age for point in points] == [3612] * 4
    assert [point.duration for point in points] == [12.0] * 4
    assert unread == 0
    assert points[-1].time == ENDED.timestamp()


def test_without_a_folder_there_is_its_own_run_alone(tmp_path: Path) -> None:
    report = filled(tmp_path, 2)
    assert [point.drift for point in history("", report)[0]] == [0]


def test_no_more_than_the_newest_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST", 2)
    assert [point.drift for point in history(str(tmp_path), filled(tmp_path, 5))[0]] == [1, 0]


def test_what_is_no_report_is_counted_and_what_is_no_file_passed_over(tmp_path: Path) -> None:
    report = filled(tmp_path, 1)
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text('{"version": 9, "restore": {"name": "x"}}')
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".velero_restore-1.json").write_text("{")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "link.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.json")
    points, unread = history(str(tmp_path), report)
    assert (len(points), unread) == (1, 2)


def test_another_standby_s_reports_are_passed_over_and_one_that_could_not_go_on_is_a_run(tmp_path: Path) -> None:
    report = filled(tmp_path, 1)
    written(tmp_path / "other.json", a_run(ended=ENDED - timedelta(hours=9), server="https://elsewhere:6443"), None)
    write_failure(str(tmp_path / "failed.json"), Failure("x", "Failed", ENDED - timedelta(hours=2)))
    points, unread = history(str(tmp_path), report)
    assert [(point.drift, point.is_good, point.wrote) for point in points] == [(0, True, True), (None, False, False)]
    assert unread == 0


def test_a_folder_that_is_not_there_is_named_by_its_option(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"^history_path: cannot read the folder: No such file"):
        history(str(tmp_path / "gone"), {})


def test_a_run_is_good_when_it_is_in_sync_and_wrote_when_it_was_no_check(tmp_path: Path) -> None:
    nights = [a_run(), a_run(BAD_NIGHT), a_run(check_mode=True)]
    found = [point_of(written(tmp_path / "r.json", run, None)) for run in nights]
    assert [(one.is_good, one.wrote, one.is_check) for one in found if one] == [
        (True, True, False),
        (False, False, False),
        (False, False, True),
    ]


@pytest.mark.parametrize("report", [{}, {"restore": {}}, {"restore": {"completed": "yesterday"}}, {"restore": []}])
def test_a_report_without_a_time_is_no_run(report: dict[str, Any]) -> None:
    assert point_of(json.loads(json.dumps(report))) is None
