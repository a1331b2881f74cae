# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a backup on this machine: which are opened, what their names tell."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.local import beside, name_of, open_regular


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
