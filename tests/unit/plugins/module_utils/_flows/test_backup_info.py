# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups of a source, asked for as a user does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError, SourceError
from ansible_collections.standby.velero.plugins.module_utils._flows import backup_info as room
from ansible_collections.standby.velero.plugins.module_utils._flows.backup_info import backup_info
from ansible_collections.standby.velero.plugins.module_utils._options.info import INFO_SPEC, info_settings_of
from ansible_collections.standby.velero.plugins.module_utils._report.backups import BackupList
from moto.s3.models import s3_backends
from stores import BUCKET, FIRST_HOUR, PREFIX, S3, Proxy, content, files_of, metadata, option, write_store

DAYS = 86_400.0
HOUR = timedelta(hours=1)


def nobody() -> Any:
    raise AssertionError("no source here needs a cluster")


def ask(store: Any, **options: Any) -> BackupList:
    params = {name: spec.get("default") for name, spec in INFO_SPEC.items()}
    return backup_info(info_settings_of({**params, "backup_store": store, **options}), nobody, "")


@pytest.fixture(autouse=True)
def noon_of_the_first_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room.time, "time", lambda: FIRST_HOUR.timestamp() + DAYS / 2)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """Of five backups, the last but one with damaged metadata."""
    return write_store(
        tmp_path / "store",
        files_of("hourly-3", 3),
        files_of("hourly-1", 1, phase="Failed"),
        files_of("daily-2", 2, schedule="daily"),
        files_of("by-hand", 4, schedule=""),
        {"backups/damaged/velero-backup.json": b"{"},
    )


def names(found: BackupList) -> list[str]:
    return [entry.name for entry in found.entries]


def test_all_backups_come_newest_first_and_damaged_ones_with_their_problem(folder: str) -> None:
    found = ask(folder)
    assert names(found)[1:] == ["by-hand", "hourly-3", "daily-2", "hourly-1"]
    assert "is damaged" in found.entries[0].problem
    assert (found.total, found.where, found.warnings, found.contents) == (5, folder, (), None)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"schedule_name": "hourly"}, ["hourly-3", "hourly-1"]),
        ({"phases": ["Failed"]}, ["hourly-1"]),
        ({"max_age": "9h30m"}, ["damaged", "by-hand", "hourly-3"]),
        ({"schedule_name": "hourly", "phases": ["Completed"], "max_age": "24h"}, ["hourly-3"]),
        ({"schedule_name": "weekly"}, []),
        ({"backup_name": "daily-2"}, ["daily-2"]),
        ({"limit": 2}, ["damaged", "by-hand"]),
    ],
)
def test_filters_take_what_they_say(folder: str, options: dict[str, Any], expected: list[str]) -> None:
    assert names(ask(folder, **options)) == expected


def test_a_backup_that_is_not_there_is_told(folder: str) -> None:
    with pytest.raises(SourceError, match="has no backup none"):
        ask(folder, backup_name="none")


def test_a_report_has_everything_that_matches(folder: str, tmp_path: Path) -> None:
    found = ask(folder, limit=1, report_path=str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert len(report["backups"]) == 5
    assert report["counts"]["read"] == 5
    assert found.limit == 1


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="report_path"):
        ask("file:///nowhere", report_path=str(tmp_path / "none" / "report.json"))


@pytest.mark.parametrize("listed", [True, False])
def test_contents_are_those_of_the_list_and_else_of_the_content(tmp_path: Path, listed: bool) -> None:
    beside = {"backups/hourly-3/hourly-3-resource-list.json.gz": gzip.compress(b'{"v1/ConfigMap": ["shop/app"]}')}
    data = b"not read" if listed else content("app")
    folder = write_store(tmp_path, files_of("hourly-3", 3, data), beside if listed else {})
    found = ask(folder, schedule_name="hourly", contents=True)
    assert found.contents is not None
    assert (found.contents.entry.name, found.contents.types) == ("hourly-3", {"ConfigMap": 1})


def test_contents_by_schedule_are_those_of_the_newest_good_one(folder: str) -> None:
    found = ask(folder, schedule_name="hourly", contents=True)
    assert found.contents is not None
    assert found.contents.entry.name == "hourly-3"


# Ten thousand


MANY = 10_000


@pytest.fixture(scope="module")
def bucket() -> Iterator[S3]:
    """An hourly backup for more than a year; put where moto keeps them, for a request each would take minutes."""
    with S3() as s3:
        (backend,) = [backends["aws"] for backends in s3_backends.values() if BUCKET in backends["aws"].buckets]
        for hour in range(MANY):
            name = f"b{hour * 7919 % MANY:05}"  # names say nothing of the order
            for file, data in (("velero-backup.json", metadata(name, hour)), (f"{name}.tar.gz", b"x")):
                stored = backend.put_object(BUCKET, f"{PREFIX}/backups/{name}/{file}", data)
                stored.last_modified = FIRST_HOUR.replace(tzinfo=None) + (hour + 0.02) * HOUR
        yield s3


def test_ten_thousand_backups_of_a_bucket_are_listed_with_few_reads(bucket: S3) -> None:
    with Proxy(bucket.url) as proxy:
        found = ask(option(proxy.url), limit=10)
    assert found.total == MANY
    assert [entry.started for entry in found.entries] == sorted((e.started for e in found.entries), reverse=True)
    assert found.entries[0].name == f"b{(MANY - 1) * 7919 % MANY:05}"
    assert len(proxy.asked_for("velero-backup.json")) <= 10 + 2 * room._AHEAD
    assert len(proxy.requests) <= 20 + 10 + 2 * room._AHEAD


def test_ten_thousand_backups_of_a_folder_are_all_counted_in_a_report(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "store", *({**files_of(f"b{hour:05}", hour, b"")} for hour in range(MANY)))
    found = ask(folder, report_path=str(tmp_path / "report.json"))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["counts"] == {"total": MANY, "read": MANY, "matching": MANY, "phases": {"Completed": MANY}}
    assert len(found.entries) == MANY
