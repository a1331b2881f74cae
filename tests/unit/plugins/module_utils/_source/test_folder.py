# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder in Velero's layout."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError, SourceError, SourceNotFound
from ansible_collections.standby.velero.plugins.module_utils._source.download import quietly
from ansible_collections.standby.velero.plugins.module_utils._source.folder import FolderStore
from ansible_collections.standby.velero.plugins.module_utils._source.places import StorePlace
from ansible_collections.standby.velero.plugins.module_utils._source.stored import StoredFile
from stores import files_of, write_store


def store(root: Path) -> FolderStore:
    return FolderStore(StorePlace("file", folder=str(root)))


def test_files_are_listed_below_their_backups_and_nothing_else(tmp_path: Path) -> None:
    write_store(tmp_path, files_of("hourly-1"), {"backups/hourly-1/deep/er": b"", "restores/r/x": b"", "loose": b""})
    (tmp_path / "backups/loose").touch()
    os.mkfifo(tmp_path / "backups/hourly-1/fifo")
    keys = [file.key for file in store(tmp_path).listed("backups")]
    assert sorted(keys) == [
        "backups/hourly-1/hourly-1.tar.gz",
        "backups/hourly-1/velero-backup.json",
        "backups/loose",
    ]
    assert sorted(file.key for file in store(tmp_path).listed("backups/hourly-1")) == sorted(keys)[:2]


def test_a_copy_that_says_it_is_old_came_here_when_it_was_copied(tmp_path: Path) -> None:
    write_store(tmp_path, files_of("hourly-1"))
    for path in (tmp_path / "backups/hourly-1").iterdir():
        os.utime(path, (0, 0))
    assert all(abs(file.modified - time.time()) < 60 for file in store(tmp_path).listed("backups"))


def test_a_file_is_read_where_it_lies_and_called_by_the_url(tmp_path: Path) -> None:
    write_store(tmp_path, {"backups/b/x": b"content"})
    with store(tmp_path).fetched(StoredFile("backups/b/x", 7, 0.0), "", quietly) as (path, where):
        assert (Path(path).read_bytes(), where) == (b"content", f"file://{tmp_path}/backups/b/x")
    assert store(tmp_path).read("backups/b/x", 7) == b"content"


@pytest.mark.parametrize(
    ("key", "error", "said"),
    [
        ("backups/none", SourceNotFound, "backups/none: is not there"),
        ("backups/b", BackupError, "backups/b: is not a regular file"),
        ("backups/b/x", BackupError, "backups/b/x: has more than the 3 bytes"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, key: str, error: type[Exception], said: str) -> None:
    write_store(tmp_path, {"backups/b/x": b"content"})
    with pytest.raises(error, match=said):
        store(tmp_path).read(key, 3)


def test_a_root_that_is_no_folder_is_refused_and_one_without_backups_has_none(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"file://{tmp_path}/none: is no folder"):
        list(store(tmp_path / "none").listed("backups"))
    assert list(store(tmp_path).listed("backups")) == []
