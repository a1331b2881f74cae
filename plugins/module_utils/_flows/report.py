# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of a report on one screen: further sections into the document, then read, arranged, rendered, written."""

from __future__ import annotations

from dataclasses import dataclass

from .._options.views import ViewSettings
from .._report.file import write_document
from .._views.build import MEMBERS, Lists, page_of
from .._views.history import history
from .._views.metrics import last_success, metrics_of
from .._views.page import Page
from .._views.reading import read_report, with_sections
from .._views.rendering import rendered


@dataclass(frozen=True)
class Viewed:
    """What was made."""

    page: Page
    changed: bool
    """Whether any file is other than it was."""


def make_views(settings: ViewSettings) -> Viewed:
    """Raises a RestoreError when the report cannot be read or a view not be written."""
    lists = Lists()
    report = read_report(settings.report_path, MEMBERS, lists.by_name)
    changed = any(report.get(name) != section for name, section in settings.sections.items())
    if changed:
        write_document(settings.report_path, with_sections(settings.report_path, settings.sections))
    report |= settings.sections
    points, unread = history(settings.history_path, report)
    page = page_of(report, lists, points, unread, settings.cluster)
    metrics = metrics_of(report, points, last_success(settings.paths.get("prometheus", ""), page.cluster))
    values = {"page": page, "metrics": metrics}
    for view, path in settings.paths.items():
        text = rendered(view, values, settings.templates)
        if not _is_there(path, text):
            write_document(path, [text], f"{view}_path", settings.mode_of(view))
            changed = True
    return Viewed(page, changed)


def _is_there(path: str, text: str) -> bool:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read(len(text) + 1) == text
    except (OSError, ValueError):
        return False
