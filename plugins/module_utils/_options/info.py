# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_backup_info, read once: the only file that knows how each is spelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from .._kubernetes_core import AUTH_ARG_SPEC
from .._source.places import SourceSettings
from .duration import seconds_of
from .source import SOURCE_SPEC, one_backup_problems, source_of
from .texts import texts_of

MOST_SHOWN = 1000

INFO_SPEC: dict[str, dict[str, Any]] = {
    **AUTH_ARG_SPEC,
    **SOURCE_SPEC,
    "phases": {"type": "list", "elements": "str", "default": []},
    "max_age": {"type": "str"},
    "contents": {"type": "bool", "default": False},
    "limit": {"type": "int", "default": 100},
    "report_path": {"type": "path"},
}


@dataclass(frozen=True)
class InfoSettings:
    """What is asked for."""

    source: SourceSettings
    phases: tuple[str, ...] = ()
    """Any when there is none."""
    max_age: float | None = None
    """Seconds."""
    contents: bool = False
    limit: int = 100
    report_path: str = ""
    """Empty when no report is asked for."""


def info_settings_of(params: Mapping[str, Any]) -> InfoSettings:
    """The settings, or a SettingsError with every problem there is."""
    source, problems = source_of(params)
    max_age, age_problems = _max_age(params["max_age"] or "")
    settings = InfoSettings(
        source=source,
        phases=texts_of(params["phases"]),
        max_age=max_age,
        contents=params["contents"],
        limit=params["limit"],
        report_path=params["report_path"] or "",
    )
    problems += age_problems
    if settings.contents and not problems:
        problems += one_backup_problems(source)
    if not 1 <= settings.limit <= MOST_SHOWN:
        problems.append(f"limit: {settings.limit} is not between 1 and {MOST_SHOWN}")
    if problems:
        raise SettingsError(problems)
    return settings


def _max_age(text: str) -> tuple[float | None, list[str]]:
    if not text:
        return None, []
    try:
        age = seconds_of(text)
    except ValueError as error:
        return None, [f"max_age: {error}"]
    return (age, []) if age > 0 else (None, [f"max_age: {text} is not more than 0"])
