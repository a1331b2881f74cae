# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a run, and when one was last good."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._views.history import point_of
from ansible_collections.standby.velero.plugins.module_utils._views.metrics import (
    LAST_SUCCESS,
    last_success,
    metrics_of,
)
from reporting import BAD_NIGHT, ENDED, a_delta, a_run, written


def test_they_are_those_of_the_report(tmp_path: Path) -> None:
    found = metrics_of(written(tmp_path / "r.json", a_run(BAD_NIGHT, delta=a_delta())), (), None)
    assert (found.completed, found.succeeded) == (ENDED.timestamp(), None)
    assert (found.phase_completed, found.in_sync, found.is_check) == (False, False, False)
    assert (found.drift, found.out_of_sync, found.stale) == (7, 3, 2)
    assert (found.duration, found.age, found.taken) == (12.0, 3612, ENDED.timestamp() - 3612)
    assert found.counts is not None
    assert {name: count for name, count in found.counts.items() if count} == {
        "created": 1,
        "updated": 2,
        "recreated": 1,
        "unchanged": 151,
        "skipped": 1,
        "failed": 2,
    }


def test_the_newest_good_run_counts_wherever_it_is_known_from(tmp_path: Path) -> None:
    good = point_of(written(tmp_path / "r.json", a_run()))
    assert good is not None
    bad = replace(good, wrote=False, time=good.time + 9)
    assert metrics_of({}, (good, bad), None).succeeded == good.time
    assert metrics_of({}, (good,), good.time + 5).succeeded == good.time + 5
    assert metrics_of({}, (good,), good.time - 5).succeeded == good.time
    assert metrics_of({}, (bad,), None).succeeded is None


def test_what_a_report_does_not_say_is_not_known() -> None:
    found = metrics_of({"restore": {"phase": "Failed"}, "error": "x"}, (), None)
    assert (found.completed, found.counts, found.drift, found.stale, found.taken, found.age) == (None,) * 6


@pytest.mark.parametrize("cluster", ["east", 'a"b\\c', "a\nb", "[.*]"])
def test_the_last_success_is_read_from_the_file_that_is_replaced(tmp_path: Path, cluster: str) -> None:
    path = tmp_path / "s.prom"
    assert last_success(str(path), cluster) is None
    label = cluster.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\\n")
    lines = (f'{LAST_SUCCESS}{{cluster="{name}"}} {value}\n' for name, value in (("other", 5), (label, 1795492812.0)))
    path.write_text(f"# TYPE {LAST_SUCCESS} gauge\n{''.join(lines)}")
    assert last_success(str(path), cluster) == 1795492812.0
    assert last_success(str(path), "west") is None


@pytest.mark.parametrize("text", ["", "\xff", f"{LAST_SUCCESS} 1", f'{LAST_SUCCESS}{{cluster="east"}} x'])
def test_a_file_that_says_nothing_of_it_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "s.prom"
    path.write_bytes(text.encode("latin-1"))
    assert last_success(str(path), "east") is None
    assert last_success(str(tmp_path), "east") is None
