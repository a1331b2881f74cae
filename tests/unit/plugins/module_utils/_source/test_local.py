# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a backup on this machine: which are opened, what their names tell."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError, SourceError
from ansible_collections.standby.velero.plugins.module_utils._source.download import quietly
from ansible_collections.standby.velero.plugins.module_utils._source.local import (
    LocalBackup,
    beside,
    files_of,
    name_of,
    open_regular,
)
from backups import Backup
from stores import metadata


def content_of(path: Path | str) -> bytes:
    with open(open_regular(str(path), "b.tar.gz"), "rb") as file:
        return file.read()


def test_a_file_is_opened_for_reading(tmp_path: Path) -> None:
    path = tmp_path / "hourly.tar.gz"
    path.write_bytes(b"content")
    path.chmod(0o400)
    assert content_of(path) == b"content"


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "hourly.tar.gz").write_bytes(b"content")
    (tmp_path / "latest.tar.gz").symlink_to("hourly.tar.gz")
    assert content_of(tmp_path / "latest.tar.gz") == b"content"


def fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def loop(path: Path) -> Path:
    path.symlink_to(path.name)
    return path


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda folder: folder / "missing.tar.gz", "cannot be opened: No such file or directory"),
        (lambda folder: folder / "missing" / "a.tar.gz", "cannot be opened: No such file or directory"),
        (lambda folder: folder, "is not a regular file"),
        (lambda folder: fifo(folder / "fifo"), "is not a regular file"),
        (lambda _: Path("/dev/zero"), "is not a regular file"),
        (lambda folder: f"{folder}/a\0b", "cannot be opened: it is no path"),
        (lambda folder: folder / ("a" * 300), "cannot be opened: File name too long"),
        (lambda folder: loop(folder / "loop"), "cannot be opened: Too many levels of symbolic links"),
    ],
    ids=["missing", "missing folder", "directory", "fifo", "device", "no path", "too long", "a link to itself"],
)
def test_what_is_no_file_is_refused_at_once_and_left_closed(
    tmp_path: Path, make: Callable[[Path], Path | str], problem: str
) -> None:
    path = str(make(tmp_path))
    before = os.listdir("/proc/self/fd")
    with pytest.raises(BackupError, match=f"^the backup: {problem}$"):
        open_regular(path, "the backup")
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("x/y/hourly-2026.tar.gz", "hourly-2026"),
        ("hourly-20261124020000.tgz", "hourly-20261124020000"),
        ("/a.tar.gz/b.c.tar.gz", "b.c"),
        ("a.tgz.tar.gz", "a.tgz"),
    ],
)
def test_the_backups_name_is_that_of_its_file(path: str, name: str) -> None:
    assert name_of(path) == name


@pytest.mark.parametrize(
    "path", ["", "hourly", "hourly.tar", "hourly.gz", "hourly.zip", ".tar.gz", "x/.tgz", "a.tar.gz/"]
)
def test_a_file_that_does_not_tell_the_name_asks_for_backup_name(path: str) -> None:
    with pytest.raises(BackupError, match="set backup_name"):
        name_of(path)


def test_a_name_that_is_refused_cannot_steer_a_terminal() -> None:
    with pytest.raises(BackupError) as caught:
        name_of("x/a\x1b[2J\u202e")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("x/y/hourly-1.tar.gz", "x/y/hourly-1-volumeinfo.json.gz"),
        ("hourly-1.tgz", "hourly-1-volumeinfo.json.gz"),
        ("/a.tar.gz/b.tar.gz", "/a.tar.gz/b-volumeinfo.json.gz"),
        ("latest", ""),
        ("x/latest.zip", ""),
        ("", ""),
        (".tar.gz", ""),
        ("x/.tar.gz", ""),
    ],
)
def test_the_files_of_a_backup_lie_beside_its_content_under_its_name(path: str, found: str) -> None:
    assert beside(path, "volumeinfo.json.gz") == found


def test_the_list_beside_it_is_used_and_metadata_only_where_they_are_named(tmp_path: Path) -> None:
    path = tmp_path / "hourly.tar.gz"
    (tmp_path / "hourly-resource-list.json.gz").touch()
    (tmp_path / "velero-backup.json").touch()
    found = files_of(str(path), "", "")
    assert found.resource_list is not None
    assert (found.name, found.content.path, found.metadata) == ("hourly", str(path), None)
    named = files_of(str(path), "other", "/b/told.json")
    assert (named.name, named.metadata and named.metadata.path) == ("other", "/b/told.json")


# As a source


def local(folder: Path, **files: bytes) -> LocalBackup:
    path = Backup().add("configmaps", "shop", "app").write(folder / "hourly-1.tar.gz")
    for name, data in files.items():
        (folder / name.replace("__", "-").replace("_", ".")).write_bytes(data)
    return LocalBackup(str(path), "", "")


def test_it_is_a_source_of_one_backup(tmp_path: Path) -> None:
    source = local(tmp_path, velero__backup_json=metadata("hourly-1", 3))
    (listed,) = source.listed()
    entry = source.entry(listed)
    assert (entry.name, entry.schedule, entry.started) == ("hourly-1", "hourly", "2026-11-24T03:00:00Z")
    assert entry.size == (tmp_path / "hourly-1.tar.gz").stat().st_size
    assert source.one("hourly-1") == listed
    with source.fetched("hourly-1", "", quietly) as files:
        assert files.content.path == str(tmp_path / "hourly-1.tar.gz")
    with source.resource_list("hourly-1", "") as found:
        assert found is None


def test_without_metadata_nothing_is_known_of_it_and_that_is_no_problem(tmp_path: Path) -> None:
    source = local(tmp_path)
    entry = source.entry(source.one("hourly-1"))
    assert (entry.phase, entry.problem, entry.size is None) == ("", "", False)


def test_damaged_metadata_are_a_problem_of_it(tmp_path: Path) -> None:
    source = local(tmp_path, velero__backup_json=b"{")
    assert "velero-backup.json: is damaged: it is not valid JSON" in source.entry(source.one("hourly-1")).problem


def test_another_name_is_not_it(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is backup hourly-1, not other"):
        local(tmp_path).one("other")


def test_one_that_is_not_there_is_refused_when_it_is_listed(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="No such file"):
        list(LocalBackup(str(tmp_path / "none.tar.gz"), "", "").listed())


@pytest.mark.parametrize(
    ("told", "given", "name"),
    [
        (None, "", "nightly"),
        ("nightly", "", "nightly"),
        ("nightly-data", "", "nightly-data"),
        ("broken", "", "nightly"),
        (None, "mine", "mine"),
    ],
)
def test_what_velero_downloaded_is_called_as_the_backup_is(
    tmp_path: Path, told: str | None, given: str, name: str
) -> None:
    """A backup that is really called NAME-data keeps its name where its metadata say so."""
    path = tmp_path / "nightly-data.tar.gz"
    path.touch()
    metadata = {"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": told}}
    if told:
        text = "broken" if told == "broken" else json.dumps(metadata)
        (tmp_path / "velero-backup.json").write_text(text, encoding="utf-8")
    assert files_of(str(path), given, "").name == name


def test_a_folder_and_a_file_that_is_not_there_say_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="is a folder; give the path of the <name>"):
        next(LocalBackup(str(tmp_path), "b", "").listed())
    with pytest.raises(BackupError, match="is a folder; give the path of the <name>"):
        LocalBackup(str(tmp_path), "", "")
    missing = LocalBackup(str(tmp_path / "none.tar.gz"), "", "").fetched("", "", quietly)
    with pytest.raises(BackupError, match="`velero backup download NAME` writes the backup's file"), missing:
        pass


def test_a_relative_path_that_leads_nowhere_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackupError, match=re.escape(f"No such file or directory in {tmp_path}; give the whole path")):
        list(LocalBackup("none.tar.gz", "", "").listed())
