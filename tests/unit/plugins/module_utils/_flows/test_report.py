# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Views of a report, start to end: written once, replaced in one step, private, and the same again."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import RestoreError
from ansible_collections.standby.velero.plugins.module_utils._flows.report import Viewed, make_views
from ansible_collections.standby.velero.plugins.module_utils._options.views import VIEWS_SPEC, view_settings_of
from reporting import BAD_NIGHT, ENDED, TEMPLATES, a_run, written
from reports import read_report

NAMES = {"html": "r.html", "markdown": "r.md", "prometheus": "r.prom"}


def made(folder: Path, **options: Any) -> Viewed:
    params = {name: spec.get("default") for name, spec in VIEWS_SPEC.items()}
    params |= {f"{view}_path": str(folder / name) for view, name in NAMES.items()}
    params |= {"report_path": str(folder / "r.json"), "cluster": "east", "templates": TEMPLATES}
    return make_views(view_settings_of(params | options))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_all_views_are_there_and_private_but_for_the_metrics(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    found = made(tmp_path)
    assert found.changed
    assert [mode(tmp_path / name) for name in NAMES.values()] == [0o600, 0o600, 0o644]
    assert sorted(os.listdir(tmp_path)) == ["r.html", "r.json", "r.md", "r.prom"]
    assert "UTC" in found.page.completed


def test_again_nothing_changes(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    section = {"verification": {"passed": True, "left": []}}
    assert [made(tmp_path, sections=section).changed for _time in range(3)] == [True, False, False]


def test_sections_are_put_into_the_report_and_shown(tmp_path: Path) -> None:
    before = written(tmp_path / "r.json")
    section = {"verification": {"passed": False, "left": ["ConfigMap shop/a: updated"]}}
    found = made(tmp_path, sections=section)
    assert read_report(tmp_path / "r.json") == before | section
    assert found.page.verified is False
    assert mode(tmp_path / "r.json") == 0o600
    assert made(tmp_path).page.verified is False


def test_the_last_success_outlives_the_runs_that_are_none(tmp_path: Path) -> None:
    for name, night in (("r.json", ()), ("r.json", BAD_NIGHT)):
        written(tmp_path / name, a_run(night or a_run().done))
        made(tmp_path)
    assert f'last_success_timestamp_seconds{{cluster="east"}} {ENDED.timestamp()}' in (tmp_path / "r.prom").read_text()
    assert 'in_sync{cluster="east"} 0' in (tmp_path / "r.prom").read_text()


@pytest.mark.parametrize("view", NAMES)
def test_a_view_that_cannot_be_written_is_named_by_its_option(tmp_path: Path, view: str) -> None:
    written(tmp_path / "r.json")
    with pytest.raises(RestoreError, match=rf"^{view}_path: cannot write .*No such file or directory"):
        made(tmp_path, **{f"{view}_path": str(tmp_path / "gone" / "x")})
    (tmp_path / "link").symlink_to(tmp_path / "r.json")
    with pytest.raises(RestoreError, match=rf"^{view}_path: .* is a link"):
        made(tmp_path, **{f"{view}_path": str(tmp_path / "link")})


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% if %}", "template page.html.j2, line 1: TemplateSyntaxError"),
        ("{{ pgae.cluster }}", "template page.html.j2: UndefinedError: 'pgae' is undefined"),
        ("{{ page.__class__.__mro__ }}", "template page.html.j2: SecurityError"),
        ("{% include 'nothing' %}", "template page.html.j2: TemplateNotFound"),
    ],
)
def test_a_template_that_is_wrong_is_named(tmp_path: Path, template: str, why: str) -> None:
    written(tmp_path / "r.json")
    with pytest.raises(RestoreError, match=f"^{why}"):
        made(tmp_path, templates={**TEMPLATES, "page.html.j2": template})
    assert not (tmp_path / "r.html").exists()


def test_a_template_of_the_user_s_escapes_too(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    made(tmp_path, cluster="<b>", templates={**TEMPLATES, "page.html.j2": "{{ page.cluster }}"})
    assert (tmp_path / "r.html").read_text() == "&lt;b&gt;"
