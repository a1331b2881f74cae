# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role as people run it: a real ansible-playbook, which needs no cluster for it."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from outcomes import done_of
from playing import Played, Player
from reporting import BAD_NIGHT, a_run, key, written

LOOKUP = "{{ lookup('ansible.builtin.pipe', 'id') }}"
BLANK = dict.fromkeys(
    ("report_mode", "report_sections", "report_history_path", "report_cluster", "report_templates"), ""
)


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Player:
    """No cluster is needed."""
    return Player(SimpleNamespace(environment=dict(os.environ)), tmp_path_factory.mktemp("plays"))


def role(player: Player, name: str, **variables: Any) -> list[dict[str, Any]]:
    """Tasks that run the role, whatever becomes of it, and keep its result under this name."""
    include = {"ansible.builtin.include_role": {"name": "standby.velero.report"}, "vars": {**BLANK, **variables}}
    keep = player.keep(name, "ansible_failed_result | default(report_result)")
    return [{"block": [include, keep], "rescue": [keep]}]


def report_of_last_night(player: Player) -> str:
    path = player.folder / "reports" / "last-night.json"
    path.parent.mkdir()
    braces = done_of(key("ConfigMap", LOOKUP), Outcome.FAILED, Reason.REFUSED, "Forbidden")
    written(path, a_run((*BAD_NIGHT, braces)))
    return str(path)


@pytest.fixture(scope="module")
def played(player: Player) -> Played:
    """All that a user may ask for, in check mode."""
    path = report_of_last_night(player)
    views = {
        "report_html_path": str(player.folder / "page.html"),
        "report_markdown_path": str(player.folder / "summary.md"),
        "report_prometheus_path": str(player.folder / "standby.prom"),
    }
    verified = {"verification": {"passed": False, "left": ["ConfigMap shop/a: updated"]}}
    more = {"report_cluster": "east", "report_mode": "0640", "report_sections": verified}
    return player.tasks(
        *role(player, "all", report_path=path, **views),
        *role(player, "more", report_path=path, report_history_path=str(Path(path).parent), **views, **more),
        *role(player, "nothing", report_path=path),
        *role(player, "gone", report_path="/nowhere/r.json", report_html_path=views["report_html_path"]),
        *role(player, "no_report", report_html_path=views["report_html_path"]),
        arguments=("--check", "-vvv"),
    )


def test_every_view_is_written_in_check_mode_and_nothing_counts_as_changed(played: Played, player: Player) -> None:
    result = played.results["all"]
    assert played.code == 0, played.output
    assert result["changed"] is False
    assert result["verdict"]["state"] == "bad"
    assert result["verdict"]["title"] == "3 objects failed"
    assert sorted(result["paths"]) == ["html", "markdown", "prometheus"]
    modes = [stat.S_IMODE((player.folder / name).stat().st_mode) for name in ("page.html", "standby.prom")]
    assert modes == [0o640, 0o644]


def test_the_host_names_the_standby_unless_it_is_named(played: Played, player: Player) -> None:
    assert "Standby `east`" in (player.folder / "summary.md").read_text()
    assert 'cluster="east"' in (player.folder / "standby.prom").read_text()
    assert "cluster: localhost" in played.output or '"cluster": "localhost"' in played.output


def test_what_stands_in_a_report_is_never_evaluated(played: Played, player: Player) -> None:
    for name in ("page.html", "summary.md"):
        text = (player.folder / name).read_text().replace("&#39;", "'")
        assert f"ConfigMap shop/{LOOKUP}" in text
        assert "uid=" not in text
    assert "uid=" not in played.output


def test_a_section_is_put_into_the_report(played: Played, player: Player) -> None:
    assert played.results["more"]["verdict"]["state"] == "bad"
    report = json.loads((player.folder / "reports/last-night.json").read_text())
    assert report["verification"]["passed"] is False
    assert "would write again" in (player.folder / "page.html").read_text()


def test_the_collection_s_templates_are_no_noise(played: Played) -> None:
    assert "<!DOCTYPE html>" not in played.output


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nothing", "nothing is asked for: give html_path, markdown_path or prometheus_path"),
        ("gone", "cannot read /nowhere/r.json: No such file or directory"),
        ("no_report", "report_path"),
    ],
)
def test_what_cannot_be_done_is_told(played: Played, name: str, why: str) -> None:
    result = played.results[name]
    assert result["failed"]
    assert why in json.dumps(result)
