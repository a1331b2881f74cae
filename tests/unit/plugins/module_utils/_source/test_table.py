# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which source is meant, which backup of it, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SourceError
from ansible_collections.standby.velero.plugins.module_utils._source.download import quietly
from ansible_collections.standby.velero.plugins.module_utils._source.local import LocalBackup
from ansible_collections.standby.velero.plugins.module_utils._source.location import LocationBackups
from ansible_collections.standby.velero.plugins.module_utils._source.places import (
    LocationPlace,
    SourceSettings,
    StorePlace,
)
from ansible_collections.standby.velero.plugins.module_utils._source.stored import StoredBackups
from ansible_collections.standby.velero.plugins.module_utils._source.table import backups_of, chosen, fetched
from stores import content, files_of, write_store


def nobody() -> Any:
    raise AssertionError("no source here needs the target")


def in_folder(root: Path, **said: Any) -> SourceSettings:
    return SourceSettings(store=StorePlace("file", folder=str(root)), **said)


def test_a_source_is_found_by_what_is_named():
    assert isinstance(backups_of(SourceSettings(file="/b/x.tar.gz"), nobody), LocalBackup)
    assert isinstance(backups_of(in_folder(Path("/b")), nobody), StoredBackups)
    client: Any = object()
    assert isinstance(backups_of(SourceSettings(location=LocationPlace("default")), lambda: client), LocationBackups)


def test_a_bucket_takes_the_package_only_then():
    store = StorePlace("s3", bucket="velero", access_key="a", secret_key="s")
    assert backups_of(SourceSettings(store=store), nobody).where == "s3://velero"


def test_the_backup_that_is_named_is_taken_whatever_its_phase(tmp_path):
    write_store(tmp_path, files_of("hourly-1", 1, phase="PartiallyFailed"), files_of("hourly-2", 2))
    with fetched(in_folder(tmp_path, backup_name="hourly-1"), nobody, "", quietly) as files:
        assert (files.name, files.warnings) == ("hourly-1", ())
        assert Path(files.content.path).read_bytes() == content()


def test_the_newest_good_one_of_a_schedule_is_taken_and_those_passed_over_are_told(tmp_path):
    write_store(
        tmp_path,
        files_of("z-oldest", 1),
        files_of("a-good", 2),
        files_of("running", 3, phase="InProgress"),
        files_of("half", 4, b""),
        files_of("daily", 5, schedule="daily"),
    )
    with fetched(in_folder(tmp_path, schedule_name="hourly"), nobody, "", quietly) as files:
        assert files.name == "a-good"
        assert files.warnings == (
            "backup half has no content: it is being stored still, or deleted: it was passed over",
            "backup running is InProgress, not Completed: it was passed over",
        )


def test_a_partially_failed_one_is_taken_when_that_is_allowed(tmp_path):
    write_store(tmp_path, files_of("good", 2), files_of("part", 3, phase="PartiallyFailed"))
    backups = backups_of(in_folder(tmp_path), nobody)
    assert chosen(backups, in_folder(tmp_path, schedule_name="hourly"))[0] == "good"
    allowed = in_folder(tmp_path, schedule_name="hourly", allow_partially_failed=True)
    assert chosen(backups, allowed) == ("part", ())


def test_a_file_tells_its_name_itself(tmp_path):
    (tmp_path / "hourly-1.tar.gz").write_bytes(content())
    named = SourceSettings(file=str(tmp_path / "hourly-1.tar.gz"))
    assert chosen(backups_of(named, nobody), named) == ("hourly-1", ())


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        ([], "has no Completed backup of schedule hourly; schedules that it has backups of: none"),
        (
            [files_of("d", 1, schedule="daily"), files_of("w", 2, schedule="weekly")],
            "has no Completed backup of schedule hourly; schedules that it has backups of: daily, weekly",
        ),
        (
            [files_of("failed", 1, phase="Failed")],
            "has no Completed backup of schedule hourly; backup failed is Failed, not Completed: it was passed over",
        ),
    ],
)
def test_where_there_is_none_it_is_said_what_there_is(tmp_path, backups, said):
    write_store(tmp_path, *backups)
    with pytest.raises(SourceError) as caught:
        fetched(in_folder(tmp_path, schedule_name="hourly"), nobody, "", quietly).__enter__()
    assert str(caught.value) == f"file://{tmp_path}: {said}"
