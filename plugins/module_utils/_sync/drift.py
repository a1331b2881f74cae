# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a standby is from a backup, in objects and in time, and whether that makes a job red."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._options.duration import seconds_of
from .._source.index import moment
from .._vocabulary import Outcome
from .rows import span

ANY, NEVER = "any", "never"
_DIFFERING = (Outcome.CREATED, Outcome.UPDATED, Outcome.RECREATED, Outcome.DELETED, Outcome.DELETING, Outcome.FAILED)
_SAID = {Outcome.CREATED: "missing", Outcome.UPDATED: "to update", Outcome.RECREATED: "to recreate"}


@dataclass(frozen=True)
class Limits:
    """What is red."""

    fail: str = ANY
    count: int | None = None
    """Objects that may differ."""
    age: float | None = None
    """Seconds that the standby may be behind."""


def limits_of(fail: Any, count: Any, age: Any) -> Limits:
    """Out of variables, of which a blank one is not set; a ValueError, fit for people, for what cannot be meant."""
    word = str(fail or ANY)
    if word not in (ANY, NEVER):
        raise ValueError(f"drift_fail: {word[:50]!r} is neither {ANY} nor {NEVER}")
    return Limits(word, None if count in ("", None) else _count(count), None if age in ("", None) else _seconds(age))


def _count(value: Any) -> int:
    text = str(value)
    if not text.isdecimal():
        raise ValueError(f"drift_fail_count: {text[:50]!r} is no number of objects")
    return int(text)


def _seconds(value: Any) -> float:
    try:
        return seconds_of(str(value))
    except ValueError as error:
        raise ValueError(f"drift_fail_age: {error}") from error


def drift_of(run: Mapping[str, Any], backup: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """`run` is the result of a run in check mode of that backup."""
    objects: int = run["restore"]["out_of_sync"]
    behind = _behind(run, backup)
    said = f"{_objects(run, objects)}; {_time(run, backup, behind)}"
    problems = list(_problems(objects, behind, limits))
    return {
        "objects": objects,
        "stale": _stale(run),
        "behind": behind,
        "text": said,
        "problem": f"{', '.join(problems)}: {said}" if problems else "",
    }


def _problems(objects: int, behind: int | None, limits: Limits) -> Iterator[str]:
    if limits.fail == NEVER:
        return
    if limits.count is None and limits.age is None:
        if objects:
            yield "the standby differs"
        return
    if limits.count is not None and objects > limits.count:
        yield f"more objects differ than drift_fail_count ({limits.count})"
    if limits.age is not None and (behind is None or behind > limits.age):
        yield f"the standby is further behind than drift_fail_age ({span(int(limits.age))})"


def _objects(run: Mapping[str, Any], objects: int) -> str:
    counts, stale = run["counts"], _stale(run)
    parts = [f"{counts[one.value]} {_SAID.get(one, one.value)}" for one in _DIFFERING if counts[one.value]]
    listed = f" ({', '.join(parts)})" if parts else ""
    more = f", {stale} no longer in the backup" if stale else ""
    return f"{objects} of {counts['total']} objects differ{listed}{more}"


def _stale(run: Mapping[str, Any]) -> int:
    """Objects that stay although the backup no longer has them; what would be deleted differs already."""
    counts = run["counts"]
    total: int = (run.get("delta") or {}).get("total", 0)
    deleted: int = counts[Outcome.DELETED.value] + counts[Outcome.DELETING.value]
    return total - deleted


def _behind(run: Mapping[str, Any], backup: Mapping[str, Any]) -> int | None:
    """Seconds between the backup that was restored last and this one; None when either is not known."""
    before, now = (run.get("delta") or {}).get("previous_started"), backup.get("started")
    return max(0, int(moment(now) - moment(before))) if before and now else None


def _time(run: Mapping[str, Any], backup: Mapping[str, Any], behind: int | None) -> str:
    before = (run.get("delta") or {}).get("previous_backup")
    if not before:
        return "no earlier backup of this schedule is known to have been restored"
    if behind == 0:
        return f"{before} was restored last, and there is none newer"
    return f"{before} was restored last, {'' if behind is None else f'{span(behind)} '}behind {backup['name']}"
