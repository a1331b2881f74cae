# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lies beside a backup and tells how the data of its volumes was saved."""

from __future__ import annotations

import gzip
import json
import os
import shutil

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._backup.unzip import Limits
from ansible_collections.standby.velero.plugins.module_utils._backup.volumes import read_volume_info
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._values import VolumeData


def beside(folder, data: bytes):
    (folder / "b-volumeinfo.json.gz").write_bytes(data)
    return str(folder / "b.tar.gz")


def with_entries(folder, value):
    return beside(folder, gzip.compress(json.dumps(value).encode()))


def test_the_recorded_backup_has_saved_no_data():
    assert read_volume_info(str(recorded.BACKUP)) == {"pv-ledger": VolumeData.SKIPPED}


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        ({"backupMethod": "PodVolumeBackup", "snapshotDataMoved": False}, VolumeData.FILE_SYSTEM_BACKUP),
        ({"backupMethod": "CSISnapshot", "snapshotDataMoved": False}, VolumeData.CSI_SNAPSHOT),
        ({"backupMethod": "CSISnapshot"}, VolumeData.CSI_SNAPSHOT),
        ({"backupMethod": "CSISnapshot", "snapshotDataMoved": True}, VolumeData.DATA_UPLOAD),
        ({"backupMethod": "NativeSnapshot", "snapshotDataMoved": False}, VolumeData.NATIVE_SNAPSHOT),
        ({"skipped": True, "skippedReason": "policy"}, VolumeData.SKIPPED),
        ({"backupMethod": "Telepathy"}, VolumeData.SKIPPED),
        ({"backupMethod": ["CSISnapshot"]}, VolumeData.SKIPPED),
        ({}, VolumeData.SKIPPED),
    ],
)
def test_an_entry_tells_how_the_data_was_saved(tmp_path, entry, data):
    assert read_volume_info(with_entries(tmp_path, [{"pvName": "pv", **entry}])) == {"pv": data}


def test_the_last_entry_for_a_volume_counts_and_those_without_a_volume_do_not(tmp_path):
    found = [
        {"pvName": "pv", "skipped": True},
        {"backupMethod": "PodVolumeBackup"},
        {"pvName": ["pv"]},
        "x",
        {"pvName": "pv", "backupMethod": "PodVolumeBackup"},
    ]
    assert read_volume_info(with_entries(tmp_path, found)) == {"pv": VolumeData.FILE_SYSTEM_BACKUP}


@pytest.mark.parametrize("value", [None, [], {}, "x", 5])
def test_a_file_without_entries_says_nothing(tmp_path, value):
    assert read_volume_info(with_entries(tmp_path, value)) == {}


@pytest.mark.parametrize("name", ["b.tar.gz", "c.tar.gz", "b.tgz", "b.tar", ".tar.gz", "", "b\0.tar.gz"])
def test_without_the_file_nothing_is_known(tmp_path, name):
    assert read_volume_info(str(tmp_path / name)) == {}


def test_the_other_suffix_of_a_backup_has_the_file_beside_it_too(tmp_path):
    path = with_entries(tmp_path, [{"pvName": "pv"}])
    assert read_volume_info(path.replace(".tar.gz", ".tgz")) == {"pv": VolumeData.SKIPPED}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"[]", "is not a gzip file"),
        (gzip.compress(b'[{"pvName":"pv"}]', mtime=0)[:-9], "is truncated: the gzip data ends too early"),
        (gzip.compress(b'[{"pvName":', mtime=0), "is damaged: it is not valid JSON, or has an entry that is too long"),
        (gzip.compress(b"\xff\xfe", mtime=0), "is damaged: it is not valid JSON, or has an entry that is too long"),
        (gzip.compress(b"[" * 100_000, mtime=0), "is damaged: it is not valid JSON, or has an entry that is too long"),
    ],
)
def test_a_damaged_file_is_refused_and_named(tmp_path, data, problem):
    with pytest.raises(BackupError) as caught:
        read_volume_info(beside(tmp_path, data))
    assert str(caught.value) == f"{tmp_path / 'b-volumeinfo.json.gz'}: {problem}"


def test_a_bomb_is_refused(tmp_path):
    path = beside(tmp_path, gzip.compress(b" " * 1001))
    with pytest.raises(BackupError, match="holds more than 1000 bytes"):
        read_volume_info(path, Limits(total=1000, free=1000))


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "b-volumeinfo.json.gz")
    with pytest.raises(BackupError, match="is not a regular file"):
        read_volume_info(str(tmp_path / "b.tar.gz"))


def test_a_backup_that_was_moved_alone_is_read_without(tmp_path):
    assert read_volume_info(shutil.copy(recorded.BACKUP, tmp_path)) == {}
