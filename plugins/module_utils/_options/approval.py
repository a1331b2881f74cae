# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option approved_plan: the hash of a plan alone, or what a run returned as its plan."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._decide.approval import ApprovedPlan

_FIELDS = ("backup", "hash", "parts")
_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_PARTS, _LONGEST = 1000, 1000
"""Far more than a run returns."""


def compile_approved(value: Any, report: str) -> tuple[ApprovedPlan | None, list[str]]:
    """The approved plan, None without one, and the problems of what is given.

    An empty dictionary is no blank field of a survey: a variable that got lost on the way must not pass for a run that
    needs no approval.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None, ["approved_plan_report: means nothing without approved_plan"] if report else []
    given: Any = {"hash": value.strip()} if isinstance(value, str) else value
    if not isinstance(given, Mapping):
        return None, ["approved_plan: must be the hash of a plan, or a dictionary with it"]
    found = [f"approved_plan: {problem}" for problem in _problems(given)]
    if found:
        return None, found
    return ApprovedPlan(given["hash"], given.get("backup") or "", given.get("parts") or {}), []


def _problems(given: Mapping[Any, Any]) -> list[str]:
    found = [f"unknown field {str(name)[:60]!r}" for name in given if name not in _FIELDS]
    sha = given.get("hash")
    if not isinstance(sha, str) or not _HASH.fullmatch(sha):
        found.append("hash: is not the hash of a plan, which has 64 hexadecimal digits")
    if not isinstance(given.get("backup") or "", str):
        found.append("backup: is not the name of a backup")
    if not _are_parts(given.get("parts") or {}):
        found.append("parts: is not what a run returned as those of its plan")
    return found


def _are_parts(parts: Any) -> bool:
    if not isinstance(parts, Mapping) or len(parts) > _MOST_PARTS:
        return False
    texts = [text for pair in parts.items() for text in pair]
    return all(isinstance(text, str) and len(text) <= _LONGEST and text.isprintable() for text in texts)
