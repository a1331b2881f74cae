# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_report, read once: the only file that knows how each is spelled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError

VIEWS = ("html", "markdown", "prometheus")
SECTIONS = ("verification", "readiness")

VIEWS_SPEC: dict[str, dict[str, Any]] = {
    "report_path": {"type": "path", "required": True},
    "html_path": {"type": "path"},
    "markdown_path": {"type": "path"},
    "prometheus_path": {"type": "path"},
    "history_path": {"type": "path"},
    "cluster": {"type": "str"},
    "mode": {"type": "raw"},
    "sections": {"type": "dict", "default": {}},
    "templates": {"type": "dict", "default": {}},
}
"""In the order in which the role lists its variables; the action plugin fills in `templates`."""

PRIVATE, OPEN = 0o600, 0o644


@dataclass(frozen=True)
class ViewSettings:
    """What is asked for."""

    report_path: str
    paths: Mapping[str, str]
    """By view, those that are asked for."""
    history_path: str
    """Empty when there is no folder of earlier reports."""
    cluster: str
    """Empty when the report is to say it."""
    mode: int
    """Of page and summary; metrics have no more in them than numbers, and are read by another user."""
    sections: Mapping[str, Any]
    templates: Mapping[str, str]

    def mode_of(self, view: str) -> int:
        return OPEN if view == "prometheus" else self.mode


def view_settings_of(params: Mapping[str, Any]) -> ViewSettings:
    """The settings, or a SettingsError with every problem there is."""
    mode, problems = _mode(params["mode"])
    sections, templates = params["sections"] or {}, params["templates"] or {}
    paths = {view: params[f"{view}_path"] for view in VIEWS if params[f"{view}_path"]}
    if not paths and not sections:
        problems.append("nothing is asked for: give html_path, markdown_path or prometheus_path")
    problems += [
        f"sections: {name!r} is not one of {', '.join(SECTIONS)}, or no dictionary"
        for name, section in sections.items()
        if name not in SECTIONS or not isinstance(section, dict)
    ]
    problems += [f"templates: {name!r} is no text" for name, text in templates.items() if not isinstance(text, str)]
    if problems:
        raise SettingsError(problems)
    return ViewSettings(
        report_path=params["report_path"],
        paths=paths,
        history_path=params["history_path"] or "",
        cluster=params["cluster"] or "",
        mode=mode,
        sections=sections,
        templates=templates,
    )


def _mode(value: Any) -> tuple[int, list[str]]:
    """An octal number as text, as ansible.builtin.file takes one; YAML has made an integer of one without quotes."""
    if value in (None, ""):
        return PRIVATE, []
    try:
        mode = int(str(value), 8) if isinstance(value, str) else int(value)
    except (TypeError, ValueError):
        return PRIVATE, [f"mode: {value!r} is no octal number such as '0640'"]
    return (mode, []) if 0 <= mode <= 0o777 else (PRIVATE, [f"mode: {value!r} is not between 0 and 0777"])
