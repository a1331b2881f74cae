# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore refuses before it asks the target anything, and what it opens until then."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._decide.preflight import Limits
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    RestoreError,
    SettingsError,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._flows.restore import refuse, restore
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo
from backups import Backup
from options import settings


@dataclass
class Away:
    """A target that does not answer, and what it was asked."""

    verifies_tls: bool = True
    asked: list[str] = field(default_factory=list)
    server: str = ""

    def until(self, *_how: object) -> Away:
        return self

    def send(self, method: str, path: str, *_arguments: Any, **_more: Any) -> None:
        self.asked.append(f"{method} {path}")
        raise Unreachable("no answer")


def metadata(name: str) -> str:
    status = {"phase": "Completed"}
    return json.dumps({"apiVersion": "velero.io/v1", "kind": "Backup", "metadata": {"name": name}, "status": status})


def a_backup(folder: Path, name: str) -> str:
    """In a folder of its own, with its metadata."""
    (folder / name).mkdir()
    (folder / name / "velero-backup.json").write_text(metadata(name))
    return str(Backup().add("configmaps", "shop", "app").write(folder / name / f"{name}.tar.gz"))


def refused(folder: Path, check: bool, **options: Any) -> tuple[RestoreError, list[str]]:
    """Why a restore of b2 ended, with b1 as the earlier one, and what the target was asked."""
    target = Away()
    made = settings(**{"backup_file": str(folder / "b2/b2.tar.gz"), **options})
    with pytest.raises(RestoreError) as caught:
        restore(replace(made, dry_run=check), Client(target), str(folder))
    return caught.value, target.asked


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def broken(path: Path) -> None:
    path.write_text("{")


@pytest.mark.parametrize("check", [False, True])
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
def test_what_is_damaged_of_either_backup_is_refused_before_the_target_is_asked(
    tmp_path: Path, file: str, break_it: Callable[[Path], None], problem: str, check: bool
) -> None:
    a_backup(tmp_path, "b2")
    earlier = a_backup(tmp_path, "b1")
    break_it(tmp_path / file)
    error, asked = refused(tmp_path, check, previous_backup_file=earlier)
    assert isinstance(error, BackupError)
    assert f"{file}: {problem}" in str(error)
    assert asked == []


@pytest.mark.parametrize("check", [False, True])
def test_a_report_that_cannot_be_left_is_refused_before_anything_is_read(tmp_path: Path, check: bool) -> None:
    error, asked = refused(tmp_path, check, report_path=str(tmp_path / "gone" / "report.json"))
    assert isinstance(error, SettingsError)
    assert asked == []


@pytest.mark.parametrize(
    "options", [{}, {"backup_metadata_file": True}, {"previous_backup_file": True, "backup_metadata_file": True}]
)
def test_named_metadata_is_of_the_backup_and_never_of_the_earlier_one(tmp_path: Path, options: dict[str, bool]) -> None:
    """With nothing to refuse, the target is asked."""
    a_backup(tmp_path, "b2")
    (tmp_path / "told.json").write_text(metadata("b2"))
    given = {"previous_backup_file": a_backup(tmp_path, "b1"), "backup_metadata_file": str(tmp_path / "told.json")}
    error, asked = refused(tmp_path, True, **{name: given[name] for name in options})
    assert isinstance(error, Unreachable)
    assert len(asked) == 1


def test_the_server_s_clock_is_asked_only_where_an_age_is_refused() -> None:
    info = BackupInfo("b2", phase="Completed", started="2026-11-24T03:00:00Z", source="c1")
    target = Away()
    refuse(info, (), Client(target), Limits())
    assert target.asked == []
    with pytest.raises(Unreachable):
        refuse(info, (), Client(target), Limits(max_age=60.0))
    assert target.asked == ["GET /version"]
