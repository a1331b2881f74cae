# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said in the end of each standby, and the table of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._source.index import moment
from .._text import cut, printable
from .._vocabulary import CHANGED

Row = dict[str, Any]

COLUMNS = ("host", "backup", "age", "in sync", "changed", "failed", "what to do")
_LONGEST = 160
"""Characters of the last column; the task before has said all of it."""
UNKNOWN = "-"
NOTHING = "nothing"
ACTIVE_SINCE = "nothing: active since"


def row_of(
    host: str,
    backup: Mapping[str, Any],
    run: Mapping[str, Any],
    now: float,
    *,
    problem: str = "",
    left: Sequence[str] = (),
    stage: str = "",
    drift: Mapping[str, Any] | None = None,
) -> Row:
    """`backup` is an entry of velero_backup_info, `run` a result of velero_restore, each {} when it came to none."""
    told = run.get("restore") or {}
    counts = run.get("counts")
    return {
        "host": host,
        "backup": backup.get("name") or told.get("backup_name") or "",
        "age": age_of(backup.get("started") or _taken(told), now),
        "in_sync": bool(told["in_sync"] and not left) if counts else None,
        "changed": sum(counts[outcome.value] for outcome in CHANGED) if counts else None,
        "failed": counts["failed"] if counts else None,
        "problem": problem,
        "todo": problem or (drift or {}).get("text") or _todo(run, stage),
    }


def _taken(told: Mapping[str, Any]) -> str:
    taken: str = (told.get("backup") or {}).get("taken") or ""
    return taken


def age_of(started: str | None, now: float) -> int | None:
    """Seconds since then; None where that is not known."""
    return int(now - moment(started)) if started else None


def _todo(run: Mapping[str, Any], stage: str) -> str:
    """What a run asks of a person that took place and is not red."""
    if run.get("active_since"):
        return f"{ACTIVE_SINCE} {run['active_since']}: it serves as production, and nothing was written"
    stops = (run.get("delta") or {}).get("stopped_by") or []
    if (run.get("delta") or {}).get("mode") == "prune" and stops:
        return f"look at what stops the deletions: {stops[0]['message']}"
    awake = (run.get("guards") or {}).get("awake") or []
    if awake:
        return f"find out why nobody answers for a webhook that is awake: {awake[0]}"
    if not (run.get("restore") or {}).get("check_mode") or not run.get("changed"):
        return NOTHING
    return "look at the plan, and approve it" if stage == "plan" else "run it without check mode"


def table_of(rows: Sequence[Row]) -> list[str]:
    """Lines of one table, with a head; names in it steer no terminal."""
    return aligned([COLUMNS, *(_cells(row) for row in rows)])


def aligned(cells: Sequence[tuple[str, ...]]) -> list[str]:
    """A line for each, its columns as wide as they have to be."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cells(row: Row) -> tuple[str, ...]:
    in_sync = UNKNOWN if row["in_sync"] is None else "yes" if row["in_sync"] else "no"
    return (*first_cells(row), in_sync, count_cell(row["changed"]), count_cell(row["failed"]), last_cell(row["todo"]))


def first_cells(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Host, backup and age; names in it steer no terminal."""
    return printable(row["host"]), printable(row["backup"]) or UNKNOWN, span(row["age"])


def count_cell(count: int | None) -> str:
    return UNKNOWN if count is None else str(count)


def last_cell(text: str) -> str:
    """On one line, and no longer than a line has room for."""
    return printable(cut(" ".join(text.split()), _LONGEST))


def span(seconds: int | None) -> str:
    """`1d2h`, `1h30m`, `5m`, `41s`: two units at most; `-` when it is not known."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0:
        return f"-{span(-seconds)}"
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    units = [(days, "d"), (hours, "h"), (minutes, "m"), (rest, "s")]
    first = next((place for place, (number, _unit) in enumerate(units) if number), len(units) - 1)
    return "".join(f"{number}{unit}" for number, unit in units[first : first + 2] if number) or "0s"
