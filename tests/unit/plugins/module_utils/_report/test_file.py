# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report file: whole, private, replaced in one step."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import RestoreError, SettingsError
from ansible_collections.standby.velero.plugins.module_utils._report.file import (
    check_room,
    check_writable,
    write,
)
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from outcomes import done_of
from reports import read_report

NOW = datetime(2026, 11, 24, 2, tzinfo=timezone.utc)
DETAIL = "m" * 2_000
MISSPELT = "included_namespaces: 'shopp' matches nothing in the backup"


def a_run(number_of_results: int, **more: Any) -> Run:
    keys = [ObjectKey("", "ConfigMap", "shop", f"c-{number:05}") for number in range(number_of_results)]
    done = [done_of(key, Outcome.FAILED, Reason.REFUSED, DETAIL) for key in keys]
    return Run("restore", "hourly", "update", done, NOW, NOW, **more)


@pytest.mark.parametrize("path", ["report.json", "reports/report.json", "./report.json"])
def test_a_relative_path_in_a_folder_of_the_collection_is_refused(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There a playbook of the collection runs its modules, and the user, who started it elsewhere, would not look."""
    folder = tmp_path / "ansible_collections" / "standby" / "velero" / "playbooks"
    (folder / "reports").mkdir(parents=True)
    monkeypatch.chdir(folder)
    with pytest.raises(SettingsError, match=r"report_path: .*report.json is relative.*give an absolute path"):
        check_writable(path)
    check_writable(str(folder / path))
    monkeypatch.chdir(tmp_path)
    check_writable("report.json")


def test_the_file_has_every_object_every_warning_and_every_diff_entry(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    named = {"group": "", "kind": "ConfigMap", "namespace": "shop", "outcome": "updated"}
    entries = ({**named, "name": "c", "before": str(number), "after": "é\ud800"} for number in range(3_000))
    privileged = ({**named, "reason": "", "name": str(number), "new": ["User alice"] * 9} for number in range(1_000))
    run = a_run(
        2_000,
        check_mode=True,
        warnings=("TLS is not verified",),
        unmatched=(MISSPELT,),
        privileged=({},),
        privileged_total=1_000,
    )
    write(str(path), run, entries, privileged)
    report = read_report(path)
    assert list(report) == [
        "version",
        "check_mode",
        "changed",
        "restore",
        "target",
        "cluster",
        "counts",
        "skips",
        "kinds",
        "warnings",
        "unmatched",
        "velero_results",
        "privileged",
        "diff",
        "objects",
    ]
    assert report["restore"]["backup_name"] == "hourly"
    assert report["check_mode"] is True
    assert report["unmatched"] == [MISSPELT]
    assert report["counts"]["failed"] == len(report["objects"]) == 2_000
    assert report["objects"][1_999]["name"] == "c-01999"
    assert report["objects"][0]["message"] == f"ConfigMap shop/c-00000 was refused by the target: {DETAIL}"
    assert report["velero_results"]["warnings"]["namespaces"]["shop"] == [DETAIL] * 2_000
    assert len(report["diff"]) == 3_000
    assert [entry["name"] for entry in report["privileged"]] == [str(number) for number in range(1_000)]
    assert report["privileged"][999]["new"] == ["User alice"] * 9


def test_an_empty_run_is_valid_json_and_has_no_diff_when_none_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write(str(path), a_run(0))
    report = read_report(path)
    assert report["objects"] == report["privileged"] == []
    assert "diff" not in report
    write(str(path), a_run(0), [])
    assert read_report(path)["diff"] == []


def test_only_the_owner_may_read_it_even_where_an_open_file_was_before(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o666)
    write(str(path), a_run(1))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_write_that_breaks_off_leaves_the_old_report_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def broken() -> Iterator[dict[str, Any]]:
        yield {}
        raise OSError(28, "No space left on device")

    with pytest.raises(RestoreError, match=r"^report_path: cannot write .*report\.json: No space left on device$"):
        write(str(path), a_run(1), broken())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


def test_a_link_that_appears_meanwhile_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("not ours")
    path = tmp_path / "report.json"
    check_writable(str(path))
    path.symlink_to(other)
    with pytest.raises(RestoreError, match=r"^report_path: .* is a link"):
        write(str(path), a_run(1))
    assert other.read_text() == "not ours"
    assert path.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["other", "report.json"]


def test_a_link_among_the_folders_is_fine(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    path = tmp_path / "link" / "report.json"
    check_writable(str(path))
    write(str(path), a_run(1))
    assert read_report(tmp_path / "real" / "report.json")["counts"]["total"] == 1


def test_a_path_that_can_be_written_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_writable(str(tmp_path / "report.json"))
    monkeypatch.chdir(tmp_path)
    check_writable("report.json")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing/report.json", "No such file or directory"),
        ("file/report.json", "Not a directory"),
        ("folder", "exists and is not a file"),
        ("dangling", "is a link"),
        ("link", "is a link"),
        ("/dev/stdout", "is a link"),
        ("pipe", "exists and is not a file"),
        ("later/", "is a folder's name"),
        ("a\0b", r"a\\x00b has a NUL in it"),
        ("x" * 300, "File name too long"),
        ("/dev/null", "exists and is not a file"),
    ],
)
def test_a_path_that_cannot_take_a_report_is_refused_by_the_option_s_name(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match=f"^report_path: .*{why}"):
        check_writable(os.path.join(tmp_path, name))
    assert sorted(os.listdir(tmp_path)) == ["dangling", "file", "folder", "link", "pipe"]


def test_a_folder_that_went_away_meanwhile_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(RestoreError, match=r"^report_path: cannot write .*No such file or directory"):
        write(str(tmp_path / "gone" / "report.json"), a_run(1))


def changes(size: int, action: Action = Action.CREATE) -> list[Change]:
    return [Change(BackupItem(ObjectKey("", "ConfigMap", "shop", "c"), "configmaps", "v1", size=size), action)]


def test_a_report_for_which_there_is_no_room_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path, much = str(tmp_path / "report.json"), 1 << 60
    with pytest.raises(
        SettingsError, match=r"^report_path: .*report\.json: the report may take \d+\.\d MB, and .* free$"
    ):
        check_room(path, changes(much), True)
    check_room(path, changes(much), False)
    check_room(path, changes(much, Action.NOOP), True)
    check_room("", changes(much), True)
    with pytest.raises(SettingsError, match="No such file or directory"):
        check_room(str(tmp_path / "gone" / "report.json"), [], False)


def test_a_disk_that_takes_no_byte_is_seen_beforehand(tmp_path: Path) -> None:
    """A process that may not write a single byte more stands for it."""
    text = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "from ansible_collections.standby.velero.plugins.module_utils._report.file import check_writable;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); check_writable(sys.argv[1])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", text, str(tmp_path / "report.json")],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stderr.rstrip().endswith("report.json: File too large")
    assert os.listdir(tmp_path) == []
