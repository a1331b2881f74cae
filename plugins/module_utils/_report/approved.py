# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of the plan that was approved, read again: of each object what was to be written.

Refused as SettingsError: a file that cannot be read, that is no report of this collection, or that is another plan's.
It is read line by line, each bounded, and only as far as the plan goes in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import IO, Any

from .._decide.approval import ApprovedPlan, ApprovedWrite
from .._errors import SettingsError
from .._text import shown
from .._values import ObjectKey
from .document import PLAN

_MOST_LINE = 1 << 20
_OPTION = "approved_plan_report"


def with_report(approved: ApprovedPlan | None, path: str) -> ApprovedPlan | None:
    """The approved plan with all that its report tells; as it is, where no path is given."""
    if approved is None or not path:
        return approved
    told = read_plan(path)
    if told.hash != approved.hash:
        raise _problem(path, "is the report of another plan than approved_plan")
    return approved.with_report(told)


def read_plan(path: str) -> ApprovedPlan:
    """The plan that a report tells."""
    try:
        with open(path, encoding="ascii", opener=_opened) as file:
            return _plan(file)
    except OSError as error:
        raise _problem(path, f"cannot be read: {error.strerror or type(error).__name__}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _problem(path, "is not the report of a run with a plan") from error


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _plan(file: IO[str]) -> ApprovedPlan:
    lines = iter(lambda: file.readline(_MOST_LINE), "")
    head = next((line for line in lines if line.startswith(PLAN)), "")
    plan = json.loads(f"{head[len(PLAN) :].rstrip()}]}}")
    if not isinstance(plan["parts"], dict):
        raise TypeError("no parts")
    parts = {place: _text(digest) for place, digest in plan["parts"].items()}
    return ApprovedPlan(_text(plan["hash"]), _text(plan["backup"]), parts, dict(_objects(lines)))


def _objects(lines: Iterator[str]) -> Iterator[tuple[ObjectKey, ApprovedWrite]]:
    for line in lines:
        if line.startswith("]"):
            return
        entry = json.loads(line.rstrip().rstrip(","))
        key = ObjectKey(*(_text(entry[name]) for name in ObjectKey._fields))
        yield key, ApprovedWrite(_text(entry["action"]), _text(entry["digest"]))
    raise ValueError("it has no end")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _problem(path: str, problem: str) -> SettingsError:
    return SettingsError([f"{_OPTION}: {shown(path)} {problem}"])
