# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups from files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.local import name_of, open_backup
from backups import Backup


def test_a_backup_is_read_from_its_file(tmp_path: Path) -> None:
    path = Backup().add("configmaps", "shop", "app").write(tmp_path / "hourly.tar.gz")
    with open_backup(str(path), str(tmp_path)) as catalogue:
        assert [str(item.key) for item in catalogue.items] == ["ConfigMap shop/app"]


def test_a_link_to_a_backup_is_followed(tmp_path: Path) -> None:
    path = Backup().add("configmaps", "shop", "app").write(tmp_path / "hourly.tar.gz")
    (tmp_path / "latest.tar.gz").symlink_to(path)
    with open_backup(str(tmp_path / "latest.tar.gz")) as catalogue:
        assert len(catalogue.items) == 1


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hourly.tar.gz"
    path.write_text("text")
    with pytest.raises(BackupError, match=f"^{path}: is not a gzip file$"):
        open_backup(str(path))


def fifo(path: Path) -> Path:
    os.mkfifo(path)
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
    ],
    ids=["missing", "missing folder", "directory", "fifo", "device", "no path", "too long"],
)
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: object, problem: str) -> None:
    with pytest.raises(BackupError, match=problem):
        open_backup(str(make(tmp_path)))  # type: ignore[operator]


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
