# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Report and views as people make them: restore, then role report, by ansible-playbook on a real control plane."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.mask import AFTER, BEFORE
from backups import Backup, complete
from controlplane import ControlPlane
from playing import Played, Player
from reports import read_report

HIDDEN, SECRET = "hidden-canary", "c2VjcmV0LWNhbmFyeQ=="
HOSTILE = "<script>alert(1)</script> {{ 7000*7001 }} `x` \x1b[2J"
OLD_REPORT = '{"version": 1, "restore": {"phase": "Completed"}}'


def config_map(name: str, **data: str) -> dict[str, Any]:
    return complete("configmaps", "shop", name, {"data": data})


@pytest.fixture(scope="module")
def player(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Player:
    controlplane.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    return Player(controlplane, tmp_path_factory.mktemp("plays"))


def backup(path: Path, token: str) -> Path:
    made = Backup()
    made.add("configmaps", "shop", "prices", config_map("prices", text=HOSTILE, token=token, vat=token[-1]))
    made.add("secrets", "shop", "creds", complete("secrets", "shop", "creds", {"data": {"password": SECRET}}))
    return made.write(path)


def night(player: Player, name: str, path: Path) -> list[dict[str, Any]]:
    """Tasks of one night, told whatever comes of it, with all views of its report."""
    options = {"restore_backup_file": str(path), "restore_existing_resource_policy": "update"}
    options |= {"restore_kubeconfig": str(player._target.kubeconfig), "restore_hidden_fields": ["data.token"]}
    report = str(player.folder / "reports" / f"{name}.json")
    restore = {
        "ansible.builtin.include_role": {"name": "standby.velero.restore", "apply": {"diff": True}},
        "vars": {**options, "restore_report_path": report},
    }
    views = {f"report_{one}_path": str(player.folder / f"{name}.{one}") for one in ("html", "markdown", "prometheus")}
    more = {"report_cluster": "east", "report_history_path": str(player.folder / "reports"), "report_path": report}
    tell = {"ansible.builtin.include_role": {"name": "standby.velero.report"}, "vars": {**views, **more}}
    failed = {"ansible.builtin.set_fact": {f"failed_{name}": True}}
    return [{"block": [restore], "rescue": [failed], "always": [tell]}]


@pytest.fixture(scope="module")
def nights(player: Player) -> Played:
    """A first one, one with a change, a check, and one whose backup is gone while an earlier report lies there."""
    (player.folder / "reports").mkdir()
    (player.folder / "reports/gone.json").write_text(OLD_REPORT)
    first, second = (backup(player.folder / f"hourly-{number}.tar.gz", f"{HIDDEN}-{number}") for number in (1, 2))
    return player.tasks(
        *night(player, "first", first),
        *night(player, "second", second),
        *[{**task, "check_mode": True} for task in night(player, "check", first)],
        *night(player, "gone", player.folder / "nowhere.tar.gz"),
    )


def view(player: Player, name: str) -> str:
    return (player.folder / name).read_text(encoding="utf-8")


def test_every_night_leaves_a_report_and_its_views_in_check_mode_too(nights: Played, player: Player) -> None:
    assert nights.code == 0, nights.output
    for name in ("first", "second", "check", "gone"):
        report = player.folder / "reports" / f"{name}.json"
        assert read_report(report)["check_mode"] is (name == "check")
        assert stat.S_IMODE(report.stat().st_mode) == 0o600
        assert view(player, f"{name}.html").startswith("<!DOCTYPE html>")


@pytest.mark.usefixtures("nights")
def test_the_document_has_target_drift_and_kinds(player: Player) -> None:
    report = read_report(player.folder / "reports/second.json")
    assert report["target"]["server"].startswith("https://")
    assert (report["restore"]["drift"], report["restore"]["out_of_sync"]) == (1, 0)
    assert report["kinds"][0] == {"group": "", "kind": "ConfigMap", "counts": {"updated": 1}}
    check = read_report(player.folder / "reports/check.json")
    assert (check["restore"]["drift"], check["restore"]["out_of_sync"]) == (1, 1)


def test_what_is_hidden_is_nowhere_and_neither_are_values_of_secrets(nights: Played, player: Player) -> None:
    kept = [path for path in player.folder.rglob("*") if path.suffix in (".json", ".html", ".markdown", ".prometheus")]
    everywhere = [nights.everything, *(path.read_text(encoding="utf-8") for path in kept)]
    assert len(kept) >= 16
    assert not [text for text in everywhere if HIDDEN in text or SECRET in text or "secret-canary" in text]
    (diff,) = (one for one in read_report(player.folder / "reports/second.json")["diff"] if one["name"] == "prices")
    assert (f"token: '{BEFORE}'" in diff["before"], f"token: '{AFTER}'" in diff["after"]) == (True, True)
    assert "vat: '2'" in diff["after"]


def test_what_the_backup_says_is_text_on_the_page(nights: Played, player: Player) -> None:
    page = view(player, "first.html")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; {{ 7000*7001 }} `x`" in page
    assert "<script" not in page
    assert "49007000" not in page + nights.output
    assert "\x1b" not in page


@pytest.mark.usefixtures("nights")
def test_a_night_without_a_backup_is_told_and_the_earlier_report_is_gone(player: Player) -> None:
    report = read_report(player.folder / "reports/gone.json")
    assert "nowhere.tar.gz" in report["error"]
    assert report["restore"]["phase"] in ("Failed", "FailedValidation")
    assert "The restore did not run to its end" in view(player, "gone.html")
    assert 'standby_velero_last_run_completed{cluster="east"} 0' in view(player, "gone.prometheus")
    assert 'standby_velero_last_success_timestamp_seconds{cluster="east"} ' in view(player, "gone.prometheus")


@pytest.mark.usefixtures("nights")
def test_the_page_has_the_nights_before_as_plots(player: Player) -> None:
    assert view(player, "gone.html").count("<polyline") >= 2
    assert "<polyline" not in view(player, "first.html")
    assert json.loads((player.folder / "reports/first.json").read_text())["restore"]["in_sync"] is True
