# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_report, checked and with their defaults."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.views import (
    VIEWS_SPEC,
    ViewSettings,
    view_settings_of,
)


def settings(**options: Any) -> ViewSettings:
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()}
    return view_settings_of({**params, "report_path": "/r.json", **options})


def test_views_are_those_that_have_a_path() -> None:
    made = settings(html_path="/r.html", markdown_path="", prometheus_path="/r.prom", cluster="east")
    assert made.paths == {"html": "/r.html", "prometheus": "/r.prom"}
    assert (made.report_path, made.history_path, made.cluster) == ("/r.json", "", "east")


@pytest.mark.parametrize(
    ("mode", "meant"), [(None, 0o600), ("", 0o600), ("0640", 0o640), ("644", 0o644), (0o640, 0o640)]
)
def test_the_mode_is_that_of_page_and_summary_alone(mode: Any, meant: int) -> None:
    made = settings(html_path="/r.html", mode=mode)
    assert [made.mode_of(view) for view in ("html", "markdown", "prometheus")] == [meant, meant, 0o644]


def test_sections_alone_are_enough() -> None:
    section = {"passed": True, "left": []}
    assert settings(sections={"verification": section}).sections == {"verification": section}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "nothing is asked for: give html_path, markdown_path or prometheus_path"),
        ({"html_path": "/r", "mode": "u=rw"}, "mode: 'u=rw' is no octal number such as '0640'"),
        ({"html_path": "/r", "mode": "4755"}, "mode: '4755' is not between 0 and 0777"),
        ({"html_path": "/r", "mode": [1]}, "mode: [1] is no octal number such as '0640'"),
        ({"sections": {"objects": {}}}, "sections: 'objects' is not one of verification, readiness, or no dictionary"),
        (
            {"sections": {"readiness": "no"}},
            "sections: 'readiness' is not one of verification, readiness, or no dictionary",
        ),
        ({"html_path": "/r", "templates": {"page.css": 1}}, "templates: 'page.css' is no text"),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(SettingsError) as told:
        settings(**options)
    assert told.value.problems == [problem]
