# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier backup says of the objects of the one that is restored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup import opened as module
from ansible_collections.standby.velero.plugins.module_utils._errors import ModifierError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings
from ansible_collections.standby.velero.plugins.module_utils._plan.previous import previous_bodies, previous_items
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import DesiredState
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._source.local import files_of
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from backups import Backup
from stored import stored_backup

MAPPING = {"shop": "store"}

Open = Callable[[Path], module.Backup]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens a backup; closed after the test."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(module.opened(files_of(str(path), path.parent.name, ""), str(tmp_path)))


def settings(**options: Any) -> Settings:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return settings_of(params | {"backup_file": "b.tar.gz", "namespace_mapping": MAPPING, **options}, False, False)


def desired_of(backup: module.Backup, **more: Any) -> DesiredState:
    return DesiredState(backup.content, settings().prepare, **more)


def test_the_same_selection_is_taken_of_the_earlier_one_under_the_keys_of_the_target(
    tmp_path: Path, opened: Open
) -> None:
    this = opened(stored_backup(tmp_path, "b2", "shop/app"))
    earlier = opened(stored_backup(tmp_path, "b1", "shop/app", "shop/old", "other/x"))
    items = previous_items(earlier, settings(included_namespaces=["shop"]), desired_of(this))
    assert [str(item.key) for item in items] == ["ConfigMap store/app", "ConfigMap store/old"]
    assert [str(item.source) for item in items] == ["ConfigMap shop/app", "ConfigMap shop/old"]


def test_the_earlier_body_of_an_object_is_prepared_as_this_one_s_is(tmp_path: Path, opened: Open) -> None:
    this = opened(stored_backup(tmp_path, "b2", "shop/app"))
    body = previous_bodies(opened(stored_backup(tmp_path, "b1", "shop/app")), desired_of(this))
    item = next(mapped(one, MAPPING) for one in this.content.items if one.key.name == "app")
    earlier = body(item)
    assert earlier is not None
    assert earlier["data"] == {"of": "b1"}
    assert earlier["metadata"]["namespace"] == "store"
    assert "uid" not in earlier["metadata"]
    assert desired_of(this).body(item)["data"] == {"of": "b2"}


def test_what_this_one_holds_of_an_object_is_not_taken_for_the_earlier_body(tmp_path: Path, opened: Open) -> None:
    this = opened(stored_backup(tmp_path, "b2", "shop/app"))
    desired = desired_of(this)
    item = next(mapped(one, MAPPING) for one in this.content.items if one.key.name == "app")
    desired.hold(item, desired.body(item))
    earlier = previous_bodies(opened(stored_backup(tmp_path, "b1", "shop/app")), desired)(item)
    assert earlier is not None
    assert earlier["data"] == {"of": "b1"}


def test_what_the_earlier_one_lacks_or_holds_broken_has_no_body(tmp_path: Path, opened: Open) -> None:
    path = stored_backup(tmp_path, "b1")
    Backup().add_text("configmaps", "shop", "app", "{").write(path)
    this = opened(stored_backup(tmp_path, "b2", "shop/app", "shop/new"))
    body = previous_bodies(opened(path), desired_of(this))
    assert [body(item) for item in this.content.items if item.key.namespace] == [None, None]
    assert body(BackupItem(ObjectKey("", "Namespace", "", "made-up"), "namespaces", "v1")) is None


def test_what_a_modifier_fails_on_has_no_earlier_body(tmp_path: Path, opened: Open) -> None:
    def fail(*_arguments: object) -> NoReturn:
        raise ModifierError("rule 1 failed")

    this = opened(stored_backup(tmp_path, "b2", "shop/app"))
    body = previous_bodies(opened(stored_backup(tmp_path, "b1", "shop/app")), desired_of(this, modify=fail))
    assert body(next(item for item in this.content.items if item.key.name == "app")) is None
