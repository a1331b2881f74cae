# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that tell how far a run is."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils import _progress as room
from ansible_collections.standby.velero.plugins.module_utils._progress import Progress
from controlplane import wait_for


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Its last entry is the time."""
    times = [100.0]
    monkeypatch.setattr(room.time, "monotonic", lambda: times[-1])
    return times


def test_phase_number_rate_time_left_and_type_are_told(clock: list[float]) -> None:
    progress = Progress()
    assert progress.line() == "starting, 0 s in all"
    progress.phase("writing", 5000)
    assert progress.line() == "writing 0 of 5000 objects, 0 s in all"
    for _object in range(1200):
        progress.step("deployments.apps")
    clock.append(105.0)
    assert progress.line() == "writing 1200 of 5000 objects, 240/s, 16 s left: deployments.apps"


def test_bytes_are_told_in_megabytes(clock: list[float]) -> None:
    progress = Progress()
    progress.phase("fetching", unit="MB")
    clock.append(102.0)
    progress.at(3_000_000, 45_600_000)
    assert progress.line() == "fetching 3.0 of 45.6 MB, 1.5/s, 28 s left, 2 s in all"


def test_what_is_not_known_is_not_told(clock: list[float]) -> None:
    progress = Progress()
    progress.phase("fetching", unit="MB")
    clock.append(102.0)
    progress.at(3_000_000, 0)
    assert progress.line() == "fetching 3.0 MB, 1.5/s, 2 s in all"
    progress.phase("reading the backup")
    assert progress.line() == "reading the backup, 2 s in all"


def test_a_run_has_a_line_at_once_lines_meanwhile_and_a_line_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    progress = Progress(str(path), period=0.02)
    with progress:
        assert path.read_text() == "starting, 0 s in all\n"
        progress.phase("writing", 2)
        wait_for("a line", lambda: "writing 0 of 2" in path.read_text(), seconds=30)
    assert path.read_text().splitlines()[-1] == "done, 0 s in all"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_run_that_fails_ends_so(tmp_path: Path) -> None:
    path = tmp_path / "progress"
    with pytest.raises(ValueError, match="x"), Progress(str(path)):
        raise ValueError("x")
    assert path.read_text().splitlines()[-1] == "failed, 0 s in all"


def test_without_a_path_nothing_is_written_and_no_thread_runs() -> None:
    with Progress() as progress:
        progress.step("pods")
        assert not progress._thread.is_alive()


@pytest.mark.parametrize("path", ["/none/progress", "/dev", "a\0b", "/dev/full"])
def test_a_file_that_cannot_be_written_fails_no_run(path: str) -> None:
    with Progress(path) as progress:
        progress.step("pods")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with Progress(str(tmp_path / "link")):
        pass
    assert (tmp_path / "target").read_text() == ""


def test_a_fifo_that_nobody_reads_keeps_no_run_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Progress(str(tmp_path / "fifo")) as progress:
        progress.phase("writing", 1)


def test_steps_of_many_threads_are_all_counted() -> None:
    progress = Progress()
    progress.phase("writing", 8_000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _number: progress.step("pods"), range(8_000)))
    assert "writing 8000 of 8000 objects" in progress.line()


def test_nothing_in_a_line_steers_a_terminal_or_is_endless() -> None:
    progress = Progress()
    progress.phase("writing", 1)
    progress.step("\x1b[31m" + "x" * 500)
    assert "\x1b" not in progress.line()
    assert len(progress.line()) == 200


def test_a_line_is_one_write_so_that_nobody_reads_half_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[bytes] = []
    monkeypatch.setattr(room.os, "write", lambda _file, data: written.append(data) or len(data))
    with Progress(str(tmp_path / "p")):
        pass
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in written)
    assert os.path.exists(tmp_path / "p")
