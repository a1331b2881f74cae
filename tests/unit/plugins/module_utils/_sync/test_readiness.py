# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The row of a standby that was asked whether it could take over, and the table of all of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._sync.readiness import (
    readiness_row_of,
    readiness_table_of,
)

NOW = 1_764_000_000.0
STARTED = "2025-11-24T15:00:00Z"
"""An hour before."""
BACKUP = {"name": "hourly-3", "started": STARTED}


def asked(verdict: str, **checks: bool | None) -> dict[str, Any]:
    found = [
        {"name": name, "passed": passed, "message": "" if passed else f"{name} speaks"}
        for name, passed in checks.items()
    ]
    return {"readiness": {"verdict": verdict, "checks": found}}


@pytest.mark.parametrize(
    ("backup", "run", "problem", "row"),
    [
        (BACKUP, asked("ready", types=True), "", ("hourly-3", 3600, "ready", 0, "")),
        (
            BACKUP,
            asked("not_ready", types=False, mounts=None, quotas=True),
            "",
            ("hourly-3", 3600, "not_ready", 2, "types speaks; mounts speaks"),
        ),
        ({}, {}, "no usable backup", ("", None, "unknown", None, "no usable backup")),
        (BACKUP, {}, "", ("hourly-3", 3600, "unknown", None, "nothing was asked")),
        ({}, {**asked("ready"), "backup": BACKUP}, "", ("hourly-3", 3600, "ready", 0, "")),
        ({}, {**asked("ready"), "restore": {"backup": BACKUP}}, "", ("hourly-3", 3600, "ready", 0, "")),
        ({"name": "b", "started": ""}, asked("ready"), "", ("b", None, "ready", 0, "")),
    ],
)
def test_what_is_said_of_one_standby(
    backup: dict[str, Any], run: dict[str, Any], problem: str, row: tuple[Any, ...]
) -> None:
    assert tuple(readiness_row_of("berlin", backup, run, NOW, problem).values()) == ("berlin", *row)


def test_the_table_has_a_line_for_each_and_its_last_column_an_end() -> None:
    rows = [
        readiness_row_of("berlin", BACKUP, asked("ready", types=True), NOW),
        readiness_row_of("oslo\x1b", {}, {}, NOW, "the API server\ndid not answer " + "x" * 200),
    ]
    head, one, other = readiness_table_of(rows)
    assert head.split() == ["host", "backup", "age", "verdict", "against", "what", "speaks", "against", "it"]
    assert one == "berlin    hourly-3  1h   ready    0        nothing"
    assert other.startswith("oslo\\x1b  -         -    unknown  -        the API server did not answer x")
    assert other.endswith("…")
