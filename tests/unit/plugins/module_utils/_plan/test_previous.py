# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup to restore and the earlier one: what is opened, what is known of them, and what is said of it."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError, ModifierError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import (
    ARGUMENT_SPEC,
    Settings,
    settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._plan.previous import Source, opened
from ansible_collections.standby.velero.plugins.module_utils._prepare.desired import DesiredState
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import mapped
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, BackupItem, ObjectKey
from backups import Backup

STARTED = "2026-11-24T02:00:00Z"
MAPPING = {"shop": "store"}


def settings(backup: Path, **options: Any) -> Settings:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"backup_file": str(backup), **{name: _text(value) for name, value in options.items()}}
    return settings_of(params, check_mode=False, diff_mode=False)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


@pytest.fixture
def source(tmp_path):
    """Opens what the options name; closed after the test."""
    with ExitStack() as stack:
        yield lambda backup, **options: opened(settings(backup, **options), str(tmp_path), stack)


def a_backup(folder: Path, name: str, *objects: str, **status: Any) -> Path:
    """In a folder of its own, with its metadata when there is a status; its objects hold their backup's name."""
    path = folder / name
    path.mkdir()
    if status:
        path.joinpath("velero-backup.json").write_text(json.dumps(metadata(name, **status)))
    backup = Backup().add("namespaces", "", "kube-system", {"metadata": {"uid": "c1"}})
    for one in objects:
        namespace, called = one.split("/")
        backup.add("configmaps", namespace, called, {"data": {"of": name}})
    return backup.write(path / f"{name}.tar.gz")


def metadata(name: str, phase: str = "Completed", started: str = STARTED) -> dict[str, Any]:
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": name, "labels": {"velero.io/schedule-name": "hourly"}},
        "status": {"phase": phase, "startTimestamp": started},
    }


def preparation(found: Source, **more: Any) -> DesiredState:
    facts = settings(Path("b.tar.gz"), namespace_mapping=MAPPING).facts
    return DesiredState(found.backup, facts, **more)


# What is known


def test_a_backup_alone_tells_what_its_content_tells(tmp_path, source):
    found = source(a_backup(tmp_path, "b1", "shop/app"))
    assert found.facts == BackupInfo("b1", source="c1", objects=2)
    assert (found.previous, found.warnings) == (None, ())


def test_its_metadata_lies_beside_it(tmp_path, source):
    found = source(a_backup(tmp_path, "b1", phase="Completed"))
    assert (found.facts.schedule, found.facts.started, found.facts.phase) == ("hourly", STARTED, "Completed")
    assert (found.facts.source, found.facts.objects) == ("c1", 1)
    assert found.warnings == ()


@pytest.mark.parametrize("phase", ["PartiallyFailed", "InProgress", "FailedValidation", "completed", "Deleting"])
def test_a_backup_that_is_not_completed_is_told(tmp_path, source, phase):
    found = source(a_backup(tmp_path, "b1", phase=phase))
    assert found.warnings == (f"backup b1 is {phase}, not Completed",)


def test_metadata_may_be_named_and_the_backup_too(tmp_path, source):
    (tmp_path / "told.json").write_text(json.dumps(metadata("b1")))
    path = a_backup(tmp_path, "latest", "shop/app")
    found = source(path, backup_name="b1", backup_metadata_file=tmp_path / "told.json")
    assert (found.facts.name, found.facts.schedule, found.warnings) == ("b1", "hourly", ())


def test_metadata_of_another_backup_is_not_used(tmp_path, source):
    path = shutil.copy(a_backup(tmp_path, "b1", phase="Completed"), tmp_path / "b1" / "b2.tar.gz")
    found = source(Path(path))
    assert found.facts == BackupInfo("b2", source="c1", objects=1)
    assert found.warnings == (f"{tmp_path}/b1/velero-backup.json: is of backup b1, not of b2: it is not used",)


# The earlier one


def test_the_earlier_backup_is_opened_with_what_lies_beside_it(tmp_path, source):
    this = a_backup(tmp_path, "b2", phase="Completed")
    earlier = a_backup(tmp_path, "b1", "shop/app", "shop/web", phase="PartiallyFailed")
    found = source(this, previous_backup_file=earlier)
    assert (found.facts.name, found.previous.facts.name) == ("b2", "b1")
    assert (found.previous.facts.phase, found.previous.facts.objects) == ("PartiallyFailed", 3)
    assert found.warnings == ()  # how the earlier one ended is for a prune to say


def test_without_metadata_the_earlier_one_is_of_no_schedule(tmp_path, source):
    found = source(a_backup(tmp_path, "b2"), previous_backup_file=a_backup(tmp_path, "b1"))
    assert found.previous.facts == BackupInfo("b1", source="c1", objects=1)


def test_two_backups_in_one_folder_have_one_metadata_file_and_it_is_said_whose(tmp_path, source):
    this = a_backup(tmp_path, "b2", phase="Completed")
    earlier = shutil.move(a_backup(tmp_path, "b1"), this.parent / "b1.tar.gz")
    found = source(this, previous_backup_file=Path(earlier))
    assert (found.facts.schedule, found.previous.facts.schedule) == ("hourly", "")
    assert found.warnings == (f"{this.parent}/velero-backup.json: is of backup b2, not of b1: it is not used",)


def test_named_metadata_is_of_the_backup_and_never_of_the_earlier_one(tmp_path, source):
    (tmp_path / "told.json").write_text(json.dumps(metadata("b2")))
    found = source(
        a_backup(tmp_path, "b2"),
        backup_metadata_file=tmp_path / "told.json",
        previous_backup_file=a_backup(tmp_path, "b1", phase="Completed"),
    )
    assert (found.facts.name, found.previous.facts.name) == ("b2", "b1")


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
def test_what_is_damaged_of_either_is_refused(tmp_path, source, file, break_it, problem):
    this, earlier = a_backup(tmp_path, "b2", phase="Completed"), a_backup(tmp_path, "b1", phase="Completed")
    break_it(tmp_path / file)
    with pytest.raises(BackupError, match=f"{file}: {problem}"):
        source(this, previous_backup_file=earlier)


def test_the_earlier_backup_has_to_be_called_after_itself(tmp_path, source):
    earlier = a_backup(tmp_path, "b1").rename(tmp_path / "earlier")
    with pytest.raises(BackupError, match=r"is not called <name>\.tar\.gz"):
        source(a_backup(tmp_path, "b2"), previous_backup_file=earlier)


def test_both_are_closed_with_the_stack(tmp_path):
    this, earlier = a_backup(tmp_path, "b2"), a_backup(tmp_path, "b1")
    with ExitStack() as stack:
        found = opened(settings(this, previous_backup_file=earlier), str(tmp_path), stack)
        item = found.previous.backup.items[0]
        assert found.previous.backup.body(item)
    with pytest.raises(ValueError, match="closed"):
        found.previous.backup.body(item)
    with pytest.raises(ValueError, match="closed"):
        found.backup.body(found.backup.items[0])


# What the earlier one says of the objects


def test_the_same_selection_is_taken_of_the_earlier_one_under_the_keys_of_the_target(tmp_path, source):
    this = a_backup(tmp_path, "b2", "shop/app")
    earlier = a_backup(tmp_path, "b1", "shop/app", "shop/old", "other/x")
    found = source(this, previous_backup_file=earlier)
    chosen = settings(this, included_namespaces=["shop"], namespace_mapping=MAPPING)
    items = found.previous.items(chosen, preparation(found))
    assert [str(item.key) for item in items] == ["ConfigMap store/app", "ConfigMap store/old"]
    assert [str(item.source) for item in items] == ["ConfigMap shop/app", "ConfigMap shop/old"]


def test_the_earlier_body_of_an_object_is_prepared_as_this_one_s_is(tmp_path, source):
    found = source(a_backup(tmp_path, "b2", "shop/app"), previous_backup_file=a_backup(tmp_path, "b1", "shop/app"))
    body = found.previous.bodies(preparation(found))
    item = next(mapped(one, MAPPING) for one in found.backup.items if one.key.name == "app")
    earlier = body(item)
    assert earlier["data"] == {"of": "b1"}
    assert earlier["metadata"]["namespace"] == "store"
    assert "uid" not in earlier["metadata"]
    assert preparation(found)(item)["data"] == {"of": "b2"}


def test_what_the_earlier_one_lacks_or_holds_broken_has_no_body(tmp_path, source):
    earlier = a_backup(tmp_path, "b1")
    Backup().add_text("configmaps", "shop", "app", "{").write(earlier)
    found = source(a_backup(tmp_path, "b2", "shop/app", "shop/new"), previous_backup_file=earlier)
    body = found.previous.bodies(preparation(found))
    assert [body(item) for item in found.backup.items if item.key.namespace] == [None, None]
    assert body(BackupItem(ObjectKey("", "Namespace", "", "made-up"), "namespaces", "v1")) is None


def test_what_a_modifier_fails_on_has_no_earlier_body(tmp_path, source):
    def fail(*_arguments):
        raise ModifierError("rule 1 failed")

    found = source(a_backup(tmp_path, "b2", "shop/app"), previous_backup_file=a_backup(tmp_path, "b1", "shop/app"))
    body = found.previous.bodies(preparation(found, modify=fail))
    assert body(next(item for item in found.backup.items if item.key.name == "app")) is None
