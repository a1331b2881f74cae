# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in the end of each standby that was asked whether it could take over, and the table of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .rows import NOTHING, Row, age_of, aligned, count_cell, first_cells, last_cell

COLUMNS = ("host", "backup", "age", "verdict", "against", "what speaks against it")


def readiness_row_of(
    host: str, backup: Mapping[str, Any], run: Mapping[str, Any], now: float, problem: str = ""
) -> Row:
    """`backup` is an entry of velero_backup_info, `run` a result that has readiness, each {} when it came to none."""
    asked = run.get("readiness") or {}
    told = run.get("backup") or (run.get("restore") or {}).get("backup") or {}
    against = [check for check in asked.get("checks") or () if check["passed"] is not True]
    said = problem or "; ".join(check["message"] for check in against)
    return {
        "host": host,
        "backup": backup.get("name") or told.get("name") or "",
        "age": age_of(backup.get("started") or told.get("started"), now),
        "verdict": asked.get("verdict") or "unknown",
        "against": len(against) if asked else None,
        "problem": said or ("" if asked else "nothing was asked"),
    }


def readiness_table_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of one table, with a head; names in it steer no terminal."""
    return aligned([COLUMNS, *map(_cells, rows)])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *first_cells(row),
        row["verdict"].replace("_", " "),
        count_cell(row["against"]),
        last_cell(row["problem"]) or NOTHING,
    )
