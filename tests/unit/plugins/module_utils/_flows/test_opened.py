# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup to restore and the earlier one to compare with, opened together; all else a real API server shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import Backup
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._flows import restore
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings
from ansible_collections.standby.velero.plugins.module_utils._progress import QUIET
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo
from stored import metadata_of, stored_backup

NOBODY: Any = None
"""The target: no file comes from there."""
Open = Callable[..., tuple[Backup, Backup]]


def settings(backup: Path, **options: Any) -> Settings:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": str(backup), **{name: str(path) for name, path in options.items()}}
    return settings_of(params, check_mode=False, diff_mode=False)


def both(made: Settings, tmpdir: Path) -> Any:
    """As the flow opens them."""
    return restore._opened(made, NOBODY, str(tmpdir), QUIET)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens what the options name; closed after the test."""
    with ExitStack() as stack:
        yield lambda backup, **options: stack.enter_context(
            restore._opened(settings(backup, **options), NOBODY, str(tmp_path), QUIET)
        )


def test_without_an_earlier_backup_there_is_one_alone(tmp_path: Path, opened: Open) -> None:
    this, earlier = opened(stored_backup(tmp_path, "b1", "shop/app"))
    assert (this.info.name, earlier) == ("b1", None)


def test_the_earlier_backup_is_opened_with_what_lies_beside_it(tmp_path: Path, opened: Open) -> None:
    path = stored_backup(tmp_path, "b2", phase="Completed")
    before = stored_backup(tmp_path, "b1", "shop/app", "shop/web", phase="PartiallyFailed")
    this, earlier = opened(path, previous_backup_file=before)
    assert (this.info.name, earlier.info.name) == ("b2", "b1")
    assert (earlier.info.phase, earlier.info.objects) == ("PartiallyFailed", 3)
    assert this.warnings == earlier.warnings == ()


def test_without_metadata_the_earlier_one_is_of_no_schedule(tmp_path: Path, opened: Open) -> None:
    _this, earlier = opened(stored_backup(tmp_path, "b2"), previous_backup_file=stored_backup(tmp_path, "b1"))
    assert earlier.info == BackupInfo("b1", source="c1", objects=1)


def test_two_backups_in_one_folder_have_one_metadata_file_and_it_is_said_whose(tmp_path: Path, opened: Open) -> None:
    path = stored_backup(tmp_path, "b2", phase="Completed")
    before = shutil.move(stored_backup(tmp_path, "b1"), path.parent / "b1.tar.gz")
    this, earlier = opened(path, previous_backup_file=before)
    assert (this.info.schedule, earlier.info.schedule) == ("hourly", "")
    assert this.warnings == ()
    assert earlier.warnings == (f"{path.parent}/velero-backup.json: is of backup b2, not of b1: it is not used",)


def test_named_metadata_is_of_the_backup_and_never_of_the_earlier_one(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "told.json").write_text(metadata_of("b2"))
    this, earlier = opened(
        stored_backup(tmp_path, "b2"),
        backup_metadata_file=tmp_path / "told.json",
        previous_backup_file=stored_backup(tmp_path, "b1", phase="Completed"),
    )
    assert (this.info.name, earlier.info.name) == ("b2", "b1")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def broken(path: Path) -> None:
    path.write_text("{")


@pytest.mark.parametrize(
    ("file", "break_it", "problem"),
    [
        ("b2/b2.tar.gz", cut, "is truncated"),
        ("b1/b1.tar.gz", cut, "is truncated"),
        ("b1/b1.tar.gz", broken, "is not a gzip file"),
        ("b1/b1.tar.gz", Path.unlink, "cannot be opened: No such file or directory"),
        ("b2/velero-backup.json", broken, "is damaged"),
        ("b1/velero-backup.json", broken, "is damaged"),
    ],
)
def test_what_is_damaged_of_either_is_refused(
    tmp_path: Path, opened: Open, file: str, break_it: Callable[[Path], None], problem: str
) -> None:
    this, earlier = (stored_backup(tmp_path, name, phase="Completed") for name in ("b2", "b1"))
    break_it(tmp_path / file)
    with pytest.raises(BackupError, match=f"{file}: {problem}"):
        opened(this, previous_backup_file=earlier)


def test_the_earlier_backup_has_to_be_called_after_itself(tmp_path: Path, opened: Open) -> None:
    earlier = stored_backup(tmp_path, "b1").rename(tmp_path / "earlier")
    with pytest.raises(BackupError, match=r"is not called <name>\.tar\.gz"):
        opened(stored_backup(tmp_path, "b2"), previous_backup_file=earlier)


def test_both_are_closed_with_the_restore(tmp_path: Path) -> None:
    this, before = stored_backup(tmp_path, "b2"), stored_backup(tmp_path, "b1")
    with restore._opened(settings(this, previous_backup_file=before), NOBODY, str(tmp_path), QUIET) as (
        backup,
        earlier,
    ):
        assert earlier is not None
        assert earlier.content.body(earlier.content.items[0])
    for one in (earlier, backup):
        with pytest.raises(ValueError, match="closed"):
            one.content.body(one.content.items[0])
