# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options about time: how old a backup may be, beside what else the guards let through, and how long a run may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._decide.preflight import Limits
from .duration import seconds_of, timeout_of


def times_of(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings, and the problems of their options."""
    limits, found = _limits(params)
    run_timeout, more = timeout_of("run_timeout", params["run_timeout"])
    return {"limits": limits, "run_timeout": run_timeout}, [*found, *more]


def _limits(params: Mapping[str, Any]) -> tuple[Limits, list[str]]:
    """How far the guards let a backup through, and the problems of those options."""
    limits = Limits(
        allow_older=params["allow_older"],
        allow_other_source=params["allow_other_source"],
        allow_shrunk=params["allow_shrunk"],
    )
    if not params["max_backup_age"]:
        return limits, []
    try:
        age = seconds_of(params["max_backup_age"])
    except ValueError as error:
        return limits, [f"max_backup_age: {error}"]
    if age <= 0:
        return limits, [f"max_backup_age: {params['max_backup_age']} is not more than 0"]
    return limits._replace(max_age=age), []
