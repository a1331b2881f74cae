# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup out of its files: what is known of it, what is said of it, what is refused."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import Backup, opened
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.files import BackupFiles, SourceFile
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._source.spool import spooled
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, VolumeData
from backups import Backup as Archive
from backups import path_of
from stores import content as archive_of
from stores import metadata as backup_json

STARTED = "2026-11-24T02:00:00Z"


def a_backup(folder: Path, name: str, *objects: str, **status: Any) -> Path:
    """In a folder of its own, with its metadata when there is a status; its objects hold their backup's name."""
    path = folder / name
    path.mkdir()
    if status:
        path.joinpath("velero-backup.json").write_text(metadata(name, **status))
    backup = Archive().add("namespaces", "", "kube-system", {"metadata": {"uid": "c1"}})
    for one in objects:
        namespace, called = one.split("/")
        backup.add("configmaps", namespace, called, {"data": {"of": name}})
    return backup.write(path / f"{name}.tar.gz")


def metadata(name: str, phase: str = "Completed", started: str = STARTED) -> str:
    return json.dumps(
        {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {"name": name, "labels": {"velero.io/schedule-name": "hourly"}},
            "status": {"phase": phase, "startTimestamp": started},
        }
    )


def seen(path: Path, name: str = "b1", metadata_file: Path | str = "") -> Backup:
    """What is known of a backup, which is closed by then."""
    with opened(files_of(str(path), name, str(metadata_file)), None) as backup:
        return backup


# What is read


def test_a_backup_is_read_from_its_file(tmp_path: Path) -> None:
    path = a_backup(tmp_path, "b1", "shop/app")
    with opened(files_of(str(path), "b1", ""), str(tmp_path)) as backup:
        assert [str(item.key) for item in backup.content.items] == ["ConfigMap shop/app", "Namespace kube-system"]
        assert backup.content.body(backup.content.items[0])["data"] == {"of": "b1"}


def test_a_link_to_a_backup_is_followed(tmp_path: Path) -> None:
    (tmp_path / "latest.tar.gz").symlink_to(a_backup(tmp_path, "b1", "shop/app"))
    assert len(seen(tmp_path / "latest.tar.gz").content.items) == 2


def test_the_volumes_of_the_recorded_backup_are_known_too() -> None:
    assert seen(recorded.BACKUP, recorded.BACKUP.parent.name).volumes == {"pv-ledger": VolumeData.SKIPPED}


# What is known


def test_a_backup_alone_tells_what_its_content_tells(tmp_path: Path) -> None:
    backup = seen(a_backup(tmp_path, "b1", "shop/app"))
    assert backup.info == BackupInfo("b1", source="c1", objects=2)
    assert (backup.volumes, backup.warnings, backup.unfinished) == ({}, (), "")


def test_its_metadata_lies_beside_it(tmp_path: Path) -> None:
    backup = seen(a_backup(tmp_path, "b1", phase="Completed"))
    info = backup.info
    assert (info.schedule, info.started, info.phase) == ("hourly", STARTED, "Completed")
    assert (info.source, info.objects) == ("c1", 1)
    assert (backup.warnings, backup.unfinished) == ((), "")


@pytest.mark.parametrize("phase", ["PartiallyFailed", "InProgress", "FailedValidation", "completed", "Deleting"])
def test_a_backup_that_is_not_completed_is_told(tmp_path: Path, phase: str) -> None:
    backup = seen(a_backup(tmp_path, "b1", phase=phase))
    assert backup.unfinished == f"backup b1 is {phase}, not Completed"


def test_metadata_may_be_named_and_the_backup_too(tmp_path: Path) -> None:
    (tmp_path / "told.json").write_text(metadata("b1"))
    backup = seen(a_backup(tmp_path, "latest", "shop/app"), "b1", tmp_path / "told.json")
    assert (backup.info.name, backup.info.schedule, backup.warnings) == ("b1", "hourly", ())


def test_metadata_of_another_backup_is_not_used_and_that_is_told(tmp_path: Path) -> None:
    path = shutil.copy(a_backup(tmp_path, "b1", phase="PartiallyFailed"), tmp_path / "b1" / "b2.tar.gz")
    backup = seen(Path(path), "b2")
    assert backup.info == BackupInfo("b2", source="c1", objects=1)
    assert backup.warnings == (f"{tmp_path}/b1/velero-backup.json: is of backup b1, not of b2: it is not used",)
    assert backup.unfinished == ""


def packed_at(seconds: int, folder: Path, **status: Any) -> Path:
    """A backup whose only file has this time."""
    path = a_backup(folder, "b1", **status)
    member = tarfile.TarInfo(path_of("configmaps", "shop", "app"))
    member.mtime = seconds
    Archive().member(member, b"{}").write(path)
    return path


@pytest.mark.parametrize(
    ("seconds", "status", "taken"),
    [
        (1795489207, {"phase": "Completed"}, STARTED),
        (1795489207, {}, "2026-11-24T03:00:07Z"),
        (0, {}, ""),
    ],
)
def test_when_it_was_taken_is_told_by_its_metadata_or_else_by_its_files(
    tmp_path: Path, seconds: int, status: dict[str, Any], taken: str
) -> None:
    backup = seen(packed_at(seconds, tmp_path, **status))
    assert backup.taken == taken
    assert backup.info.started == (STARTED if status else ""), "times of files are for reporting only"


# What is refused


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def broken(path: Path) -> None:
    path.write_text("{")


def of_another_sort(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("file", "break_it", "problem"),
    [
        ("b1.tar.gz", cut, "is truncated"),
        ("b1.tar.gz", broken, "is not a gzip file"),
        ("b1.tar.gz", Path.unlink, "cannot be opened: No such file or directory"),
        ("b1.tar.gz", of_another_sort, "is not a regular file"),
        ("velero-backup.json", broken, "is damaged"),
        ("velero-backup.json", of_another_sort, "is not a regular file"),
        ("b1-volumeinfo.json.gz", broken, "is not a gzip file"),
    ],
)
def test_what_is_damaged_is_refused_the_file_is_named_and_nothing_stays_open(
    tmp_path: Path, file: str, break_it: Callable[[Path], None], problem: str
) -> None:
    path = a_backup(tmp_path, "b1", "shop/app", phase="Completed")
    break_it(tmp_path / "b1" / file)
    before = os.listdir("/proc/self/fd")
    with pytest.raises(BackupError, match=f"b1/{file}: {problem}"):
        seen(path)
    assert os.listdir("/proc/self/fd") == before


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "hourly.tar.gz"
    path.write_text("text")
    with pytest.raises(BackupError, match=f"^{path}: is not a gzip file$"):
        seen(path)


def test_a_path_in_an_error_cannot_steer_a_terminal(tmp_path: Path) -> None:
    with pytest.raises(BackupError) as caught:
        seen(tmp_path / "\x1b[31m\u202e.tar.gz")
    assert str(caught.value).isprintable()


def test_it_is_open_as_long_as_the_with_statement_lasts(tmp_path: Path) -> None:
    backup = seen(a_backup(tmp_path, "b1"))
    with pytest.raises(ValueError, match="closed"):
        backup.content.body(backup.content.items[0])


# Files of any source


def a_file(folder: Path, name: str, data: bytes) -> SourceFile:
    (folder / name).write_bytes(data)
    return SourceFile(str(folder / name), f"s3://velero/{name}")


def test_every_file_of_a_source_is_used(tmp_path: Path) -> None:
    volumes = json.dumps([{"pvName": "pv-1", "backupMethod": "NativeSnapshot"}]).encode()
    files = BackupFiles(
        "b1",
        a_file(tmp_path, "a", archive_of("app")),
        a_file(tmp_path, "b", backup_json("b1", 3, phase="PartiallyFailed")),
        a_file(tmp_path, "c", gzip.compress(volumes)),
        a_file(tmp_path, "d", gzip.compress(b'{"v1/ConfigMap": ["shop/app", "shop/lost"]}')),
        ("b2 was passed over",),
    )
    with opened(files, str(tmp_path)) as backup:
        assert (backup.info.name, backup.info.schedule, backup.info.objects) == ("b1", "hourly", 1)
        assert backup.volumes == {"pv-1": VolumeData.NATIVE_SNAPSHOT}
        assert backup.warnings == (
            "b2 was passed over",
            "the backup's own list names 1 objects that its content does not have: ConfigMap shop/lost",
        )


def test_files_without_a_name_serve_as_well(tmp_path: Path) -> None:
    with spooled(str(tmp_path)) as (spool, path):
        spool.write(archive_of("app"))
        spool.seek(0)
        with opened(BackupFiles("b1", SourceFile(path, "s3://velero/x")), str(tmp_path)) as backup:
            assert [item.key.name for item in backup.content.items] == ["app"]
            assert (backup.info.phase, backup.volumes, backup.warnings) == ("", {}, ())


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a", archive_of("app")[:-20], "s3://velero/a: is truncated: the gzip data ends too early"),
        ("a", archive_of("app")[:-8] + b"\0" * 8, "s3://velero/a: is damaged: the gzip data is corrupt"),
        ("b", b"{", "s3://velero/b: is damaged: it is not valid JSON"),
        ("b", backup_json("other"), "s3://velero/b: is of backup other, not of b1"),
        ("c", b"no gzip", "s3://velero/c: is not a gzip file"),
        ("d", gzip.compress(b"[]", mtime=0), "s3://velero/d: is damaged: it is no list of resources"),
    ],
)
def test_a_damaged_file_is_called_by_where_it_came_from(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    good = {"a": archive_of("app"), "b": backup_json("b1"), "c": gzip.compress(b"[]"), "d": gzip.compress(b"{}")}
    files = [a_file(tmp_path, one, data if one == name else fine) for one, fine in good.items()]
    with pytest.raises(BackupError, match=f"^{said}"):
        opened(BackupFiles("b1", *files), str(tmp_path)).__enter__()
