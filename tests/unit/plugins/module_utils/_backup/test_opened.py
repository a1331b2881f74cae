# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is known of a backup once it is opened: by its content, and by what the files beside it say."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup import opened as module
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import VolumeData
from backups import Backup, path_of
from stored import STARTED, metadata_of, stored_backup

Open = Callable[..., module.Backup]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens a file as the backup that its name tells, or another; closed after the test."""
    with ExitStack() as stack:

        def one(path: Path, name: str = "", metadata_file: Path | str = "") -> module.Backup:
            name = name or path.name.removesuffix(".tar.gz")
            return stack.enter_context(module.opened(str(path), name, str(metadata_file), str(tmp_path)))

        yield one


def test_a_backup_alone_tells_what_its_content_tells(tmp_path: Path, opened: Open) -> None:
    found = opened(stored_backup(tmp_path, "b1", "shop/app"))
    assert found.info == BackupInfo("b1", source="c1", objects=2)
    assert (found.warnings, found.not_completed) == ((), "")


def test_its_metadata_lies_beside_it(tmp_path: Path, opened: Open) -> None:
    found = opened(stored_backup(tmp_path, "b1", phase="Completed"))
    assert (found.info.schedule, found.info.started, found.info.phase) == ("hourly", STARTED, "Completed")
    assert (found.info.source, found.info.objects) == ("c1", 1)
    assert (found.warnings, found.not_completed) == ((), "")


@pytest.mark.parametrize("phase", ["PartiallyFailed", "InProgress", "FailedValidation", "completed", "Deleting"])
def test_a_backup_that_is_not_completed_is_told(tmp_path: Path, opened: Open, phase: str) -> None:
    found = opened(stored_backup(tmp_path, "b1", phase=phase))
    assert (found.warnings, found.not_completed) == ((), f"backup b1 is {phase}, not Completed")


def test_metadata_may_be_named_and_the_backup_too(tmp_path: Path, opened: Open) -> None:
    told = tmp_path / "told.json"
    told.write_text(metadata_of("b1"))
    found = opened(stored_backup(tmp_path, "latest", "shop/app"), "b1", told)
    assert (found.info.name, found.info.schedule, found.warnings) == ("b1", "hourly", ())


def test_metadata_of_another_backup_is_not_used(tmp_path: Path, opened: Open) -> None:
    path = shutil.copy(stored_backup(tmp_path, "b1", phase="Completed"), tmp_path / "b1" / "b2.tar.gz")
    found = opened(path)
    assert found.info == BackupInfo("b2", source="c1", objects=1)
    assert found.warnings == (f"{tmp_path}/b1/velero-backup.json: is of backup b1, not of b2: it is not used",)


def test_how_volumes_were_saved_lies_beside_it(tmp_path: Path, opened: Open) -> None:
    path = stored_backup(tmp_path, "b1")
    assert opened(path).volumes == {}
    entries = [{"pvName": "pv-1", "backupMethod": "CSISnapshot"}]
    (tmp_path / "b1" / "b1-volumeinfo.json.gz").write_bytes(gzip.compress(json.dumps(entries).encode()))
    assert opened(path).volumes == {"pv-1": VolumeData.CSI_SNAPSHOT}


def changed_at(path: Path, seconds: int) -> Path:
    info = tarfile.TarInfo(path_of("configmaps", "shop", "app"))
    info.mtime = seconds
    return Backup().member(info, b"{}").write(path)


def test_when_it_was_taken_its_files_tell_where_its_metadata_does_not(tmp_path: Path, opened: Open) -> None:
    assert opened(changed_at(tmp_path / "b1.tar.gz", 1795487400)).taken == "2026-11-24T02:30:00Z"
    assert opened(changed_at(tmp_path / "b2.tar.gz", 0)).taken == ""
    (tmp_path / "velero-backup.json").write_text(metadata_of("b3"))
    assert opened(changed_at(tmp_path / "b3.tar.gz", 1795487400)).taken == STARTED


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def broken(path: Path) -> None:
    path.write_text("{")


@pytest.mark.parametrize(
    ("file", "break_it", "problem"),
    [
        ("b1/b1.tar.gz", cut, "is truncated"),
        ("b1/b1.tar.gz", broken, "is not a gzip file"),
        ("b1/b1.tar.gz", Path.unlink, "cannot be opened: No such file or directory"),
        ("b1/velero-backup.json", broken, "is damaged"),
    ],
)
def test_what_is_damaged_is_refused(
    tmp_path: Path, opened: Open, file: str, break_it: Callable[[Path], None], problem: str
) -> None:
    path = stored_backup(tmp_path, "b1", phase="Completed")
    break_it(tmp_path / file)
    with pytest.raises(BackupError, match=f"{file}: {problem}"):
        opened(path)


def test_its_bodies_can_be_read_until_it_is_closed(tmp_path: Path) -> None:
    path = stored_backup(tmp_path, "b1", "shop/app")
    with module.opened(str(path), "b1", "", str(tmp_path)) as found:
        item = next(item for item in found.content.items if item.key.name == "app")
        assert found.content.body(item)["data"] == {"of": "b1"}
    with pytest.raises(ValueError, match="closed"):
        found.content.body(item)
