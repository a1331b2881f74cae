# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Velero's own list of what is in a backup."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.opened import opened
from ansible_collections.standby.velero.plugins.module_utils._backup.resource_list import lacking, read_resource_list
from ansible_collections.standby.velero.plugins.module_utils._backup.unzip import Limits
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError
from ansible_collections.standby.velero.plugins.module_utils._source.files import SourceFile
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from restoring import BACKUP_02, BACKUP_03

APP = ObjectKey("", "ConfigMap", "shop", "app")
WEB = ObjectKey("apps", "Deployment", "shop", "web")
SHOP = ObjectKey("", "Namespace", "", "shop")


def listed(folder: Path, said: Any) -> SourceFile:
    path = folder / "list.json.gz"
    path.write_bytes(gzip.compress(said if isinstance(said, bytes) else json.dumps(said).encode()))
    return SourceFile(str(path), "the list")


def item(key: ObjectKey, problem: str = "") -> BackupItem:
    return BackupItem(key, "things", "v1", problem=problem)


def test_types_and_names_are_keys(tmp_path: Path) -> None:
    said = {"v1/ConfigMap": ["shop/app"], "apps/v1/Deployment": ["shop/web"], "v1/Namespace": ["shop"]}
    assert list(read_resource_list(listed(tmp_path, said))) == [APP, WEB, SHOP]


@pytest.mark.parametrize("said", [{"v1/ConfigMap": None}, {"v1/ConfigMap": [7, {}]}, {}])
def test_what_is_no_name_names_nothing(tmp_path: Path, said: Any) -> None:
    assert list(read_resource_list(listed(tmp_path, said))) == []


@pytest.mark.parametrize("said", [b"{", b"[]", b"7", b"[" * 100_000])
def test_a_damaged_list_is_refused(tmp_path: Path, said: bytes) -> None:
    with pytest.raises(BackupError, match="the list: is damaged"):
        list(read_resource_list(listed(tmp_path, said)))


def test_a_list_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="the list: holds more than 1000 bytes"):
        list(read_resource_list(listed(tmp_path, b" " * 2000), Limits(total=1000, free=1000)))


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([item(APP), item(WEB), item(SHOP)], []),
        (
            [item(SHOP)],
            [
                "the backup's own list names 2 objects that its content does not have: ConfigMap shop/app,"
                " Deployment.apps shop/web"
            ],
        ),
        # what is broken in the content is told elsewhere, and its kind may not be known
        ([item(ObjectKey("", "configmaps", "shop", "app"), "is no JSON"), item(WEB), item(SHOP)], []),
    ],
)
def test_what_the_content_lacks_of_its_list_is_warned_of(
    tmp_path: Path, items: list[BackupItem], said: list[str]
) -> None:
    file = listed(
        tmp_path, {"v1/ConfigMap": ["shop/app"], "apps/v1/Deployment": ["shop/web"], "v1/Namespace": ["shop"]}
    )
    assert list(lacking(file, items)) == said


def test_of_many_a_few_are_named_and_nothing_steers_a_terminal(tmp_path: Path) -> None:
    file = listed(tmp_path, {"v1/ConfigMap": ["shop/\x1b[31m", *(f"shop/a{number}" for number in range(9))]})
    (said,) = lacking(file, [])
    assert said.startswith("the backup's own list names 10 objects")
    assert said.endswith(", …")
    assert "\x1b" not in said
    assert said.count("ConfigMap") == 5


def test_without_a_list_there_is_nothing_to_say() -> None:
    assert list(lacking(None, [])) == []


@pytest.mark.parametrize("path", [BACKUP_02, BACKUP_03])
def test_recorded_backups_have_all_that_their_lists_name(path: Path, tmp_path: Path) -> None:
    with opened(files_of(str(path), "", ""), str(tmp_path)) as backup:
        assert backup.warnings == ()
        assert len(backup.content.items) == len(list(read_resource_list(_beside(path))))


def _beside(path: Path) -> SourceFile:
    found = files_of(str(path), "", "").resource_list
    assert found is not None
    return found
