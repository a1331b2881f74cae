# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in the end of each standby that was asked whether it could take over, and the table of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._source.index import moment
from .._text import cut, printable
from .rows import Row, aligned, span

COLUMNS = ("host", "backup", "age", "verdict", "against", "what speaks against it")
_LONGEST = 160
"""Characters of the last column; the task that asked has said all of it."""
_UNKNOWN = "-"


def readiness_row_of(
    host: str, backup: Mapping[str, Any], run: Mapping[str, Any], now: float, problem: str = ""
) -> Row:
    """`backup` is an entry of velero_backup_info, `run` a result that has readiness, each {} when it came to none."""
    asked = run.get("readiness") or {}
    told = run.get("backup") or (run.get("restore") or {}).get("backup") or {}
    against = [check for check in asked.get("checks") or () if check["passed"] is not True]
    started = backup.get("started") or told.get("started")
    said = problem or "; ".join(check["message"] for check in against)
    return {
        "host": host,
        "backup": backup.get("name") or told.get("name") or "",
        "age": int(now - moment(started)) if started else None,
        "verdict": asked.get("verdict") or "unknown",
        "against": len(against) if asked else None,
        "problem": said or ("" if asked else "nothing was asked"),
    }


def readiness_table_of(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lines of one table, with a head; names in it steer no terminal."""
    return aligned([COLUMNS, *map(_cells, rows)])


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        printable(row["host"]),
        printable(row["backup"]) or _UNKNOWN,
        span(row["age"]),
        row["verdict"].replace("_", " "),
        _UNKNOWN if row["against"] is None else str(row["against"]),
        printable(cut(" ".join(row["problem"].split()), _LONGEST)) or "nothing",
    )
