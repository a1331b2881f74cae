# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups of a store, folder or bucket alike."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceError
from ansible_collections.standby.velero.plugins.module_utils._source.download import quietly
from ansible_collections.standby.velero.plugins.module_utils._source.folder import FolderStore
from ansible_collections.standby.velero.plugins.module_utils._source.places import StorePlace
from ansible_collections.standby.velero.plugins.module_utils._source.stored import StoredBackups
from stores import content, files_of, metadata, write_store


def backups(root: Path, *files: dict[str, bytes]) -> StoredBackups:
    write_store(root, *files)
    return StoredBackups(FolderStore(StorePlace("file", folder=str(root))))


def test_backups_are_listed_with_the_size_of_their_content(tmp_path: Path) -> None:
    found = backups(tmp_path, files_of("hourly-1", 1), files_of("hourly-2", 2, b""))
    by_name = {listed.name: listed for listed in found.listed()}
    assert {name: (one.size, one.has_content) for name, one in by_name.items()} == {
        "hourly-1": (len(content()), True),
        "hourly-2": (None, False),
    }


def test_what_is_not_named_as_velero_names_its_backups_is_none(tmp_path: Path) -> None:
    others = {"backups/UPPER/velero-backup.json": b"", "backups/-x/velero-backup.json": b"", "backups/x/y.tar.gz": b""}
    assert [one.name for one in backups(tmp_path, files_of("hourly-1"), others).listed()] == ["hourly-1"]


def test_an_entry_has_what_the_metadata_say(tmp_path: Path) -> None:
    found = backups(tmp_path, files_of("hourly-1", 1))
    entry = found.entry(found.one("hourly-1"))
    assert (entry.schedule, entry.phase, entry.started, entry.size) == (
        "hourly",
        "Completed",
        "2026-11-24T01:00:00Z",
        len(content()),
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "is damaged: it is not valid JSON"),
        (b"[]", "is no Backup of Velero's"),
        (metadata("other"), "its metadata are of backup other"),
        (b" " * ((4 << 20) + 2), "has more than the"),
    ],
)
def test_damaged_metadata_are_a_problem_of_one_backup(tmp_path: Path, data: bytes, said: str) -> None:
    found = backups(tmp_path, files_of("hourly-1"), {"backups/hourly-1/velero-backup.json": data})
    assert said in found.entry(found.one("hourly-1")).problem


def test_metadata_that_are_gone_since_the_listing_are_a_problem_of_one_backup(tmp_path: Path) -> None:
    found = backups(tmp_path, files_of("hourly-1"))
    listed = found.one("hourly-1")
    (tmp_path / "backups/hourly-1/velero-backup.json").unlink()
    assert found.entry(listed).problem.endswith("velero-backup.json: is not there")


def test_all_files_that_are_of_use_come_along(tmp_path: Path) -> None:
    more = {
        "backups/hourly-1/hourly-1-volumeinfo.json.gz": gzip.compress(b"[]"),
        "backups/hourly-1/hourly-1-resource-list.json.gz": gzip.compress(b"{}"),
        "backups/hourly-1/hourly-1-logs.gz": b"",
    }
    with backups(tmp_path, files_of("hourly-1"), more).fetched("hourly-1", "", quietly) as files:
        assert files.name == "hourly-1"
        assert Path(files.content.path).read_bytes() == content()
        assert files.metadata is not None
        assert json.loads(Path(files.metadata.path).read_bytes())["metadata"]["name"] == "hourly-1"
        assert files.volume_info is not None
        assert files.volume_info.where == f"file://{tmp_path}/backups/hourly-1/hourly-1-volumeinfo.json.gz"
        assert files.resource_list is not None
    with backups(tmp_path).resource_list("hourly-1", "") as listed:
        assert listed == files.resource_list


def test_what_the_source_does_not_have_is_none(tmp_path: Path) -> None:
    found = backups(tmp_path, {"backups/hourly-1/hourly-1.tar.gz": content()})
    with found.fetched("hourly-1", "", quietly) as files:
        assert (files.metadata, files.volume_info, files.resource_list) == (None, None, None)
    with found.resource_list("hourly-1", "") as listed:
        assert listed is None


def test_a_backup_that_is_not_there_is_named_with_the_store(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"file://{tmp_path}: has no backup hourly-9; velero_backup_info lists"):
        backups(tmp_path, files_of("hourly-1")).one("hourly-9")


def test_a_backup_without_content_is_refused_with_the_key(tmp_path: Path) -> None:
    found = backups(tmp_path, files_of("hourly-1", data=b""))
    with pytest.raises(
        SourceError, match=r"backups/hourly-1/hourly-1\.tar\.gz: is not there: the backup is being stored"
    ):
        found.fetched("hourly-1", "", quietly).__enter__()
