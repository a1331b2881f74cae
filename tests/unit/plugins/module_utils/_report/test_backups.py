# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What velero_backup_info says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.contents import contents_of
from ansible_collections.standby.velero.plugins.module_utils._report.backups import (
    BackupList,
    build_backups,
    write_backups,
)
from ansible_collections.standby.velero.plugins.module_utils._source.index import BackupEntry, moment
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey

ENTRY = BackupEntry(
    "hourly-3", "hourly", "Completed", "2026-11-24T03:00:00Z", "2026-11-24T03:00:41Z", objects=2, size=7
)
KUBE_SYSTEM = ObjectKey("", "Namespace", "", "kube-system")


def told(*entries: BackupEntry, total: int | None = None, limit: int = 100) -> BackupList:
    return BackupList(
        "s3://velero",
        entries,
        total=len(entries) if total is None else total,
        phases=tuple(entry.phase for entry in entries),
        now=moment("2026-11-24T04:00:00Z"),
        limit=limit,
    )


def test_an_entry_has_its_age_and_nothing_is_made_up_where_that_is_not_known():
    result = build_backups(told(ENTRY, BackupEntry("damaged", problem="is \x1b damaged")))
    first, second = result["backups"]
    assert (first["name"], first["age"], first["size"], first["has_content"]) == ("hourly-3", 3600, 7, True)
    assert (second["age"], second["size"], second["problem"]) == (None, None, "is \\x1b damaged")


@pytest.mark.parametrize(
    ("found", "shown", "truncated"),
    [
        (told(ENTRY, ENTRY), 2, False),
        (told(ENTRY, ENTRY, limit=1), 1, True),
        (told(ENTRY, total=10_000), 1, True),
        (told(), 0, False),
    ],
)
def test_the_newest_are_shown_and_it_is_said_when_there_may_be_more(found, shown, truncated):
    result = build_backups(found)
    assert (len(result["backups"]), result["backups_truncated"]) == (shown, truncated)


def test_counts_are_over_all_that_was_looked_at():
    found = replace(told(ENTRY, total=10_000), phases=("Completed", "Failed", "Completed"))
    assert build_backups(found)["counts"] == {
        "total": 10_000,
        "read": 3,
        "matching": 1,
        "phases": {"Completed": 2, "Failed": 1},
    }


def test_the_file_has_all_of_it(tmp_path: Path):
    path = tmp_path / "report.json"
    write_backups(str(path), told(*[ENTRY] * 300, limit=100))
    assert len(json.loads(path.read_text())["backups"]) == 300
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("entry", "keys", "reasons"),
    [
        (ENTRY, [KUBE_SYSTEM], []),
        (ENTRY, [ObjectKey("", "Namespace", "", "shop")], ["unknown_source"]),
        (replace(ENTRY, phase="PartiallyFailed", errors=1), [KUBE_SYSTEM], ["not_completed", "errors"]),
        (replace(ENTRY, schedule=""), [KUBE_SYSTEM], ["no_schedule"]),
        (BackupEntry("b"), [], ["no_metadata", "no_schedule", "unknown_source", "nothing_selected"]),
    ],
)
def test_whether_a_prune_can_go_by_it_is_told_with_the_reasons(entry, keys, reasons):
    found = build_backups(replace(told(entry), contents=contents_of(entry, keys)))["contents"]
    assert (found["prunable"], [stop["reason"] for stop in found["not_prunable"]]) == (not reasons, reasons)


def test_numbers_of_many_types_are_cut_in_the_result_and_not_in_the_file(tmp_path: Path):
    keys = [ObjectKey("", f"Kind{number:04}", "shop", "x") for number in range(1_500)]
    found = replace(told(ENTRY), contents=contents_of(ENTRY, keys))
    assert len(build_backups(found)["contents"]["types"]) == 1_000
    write_backups(str(tmp_path / "r"), found)
    assert len(json.loads((tmp_path / "r").read_text())["contents"]["types"]) == 1_500
