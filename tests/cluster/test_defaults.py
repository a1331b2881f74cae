# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's own modifiers and filter policies in group_vars: they hold for every run, and one of a run's own replaces
them whole, as Velero's server does with its default."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from backups import Backup, complete
from controlplane import ControlPlane
from playing import Player

Body = dict[str, Any]


def rules(*names: str) -> Body:
    """Rules that write a key of each of these names into ConfigMaps."""
    made = [
        {
            "conditions": {"groupResource": "configmaps"},
            "mergePatches": [{"patchData": json.dumps({"data": {name: "1"}})}],
        }
        for name in names
    ]
    return {"version": "v1", "resourceModifierRules": made}


def policies(*names: str) -> Body:
    """An allow-list of ConfigMaps by name, for all namespaces."""
    rows = [{"kinds": ["ConfigMap"], "names": list(names)}]
    return {"version": "v1", "namespacedFilterPolicies": [{"namespaces": ["*"], "resourceFilters": rows}]}


DEFAULTS = {"restore_resource_modifiers": rules("site", "safe"), "restore_resource_policies": policies("app", "db")}
RUNS: dict[str, tuple[Body, dict[str, set[str]]]] = {
    "none-given": ({}, {"app": {"site", "safe"}, "db": {"site", "safe"}}),
    "own-modifiers": ({"restore_resource_modifiers": rules("own")}, {"app": {"own"}, "db": {"own"}}),
    "own-policies": ({"restore_resource_policies": policies("web")}, {"web": {"site", "safe"}}),
    "own-as-text": (
        {name: yaml.safe_dump(value) for name, value in zip(DEFAULTS, (rules("own"), policies("web")), strict=True)},
        {"web": {"own"}},
    ),
    "blank": (dict.fromkeys(DEFAULTS, ""), {"app": set(), "db": set(), "web": set()}),
}


@pytest.fixture(scope="module")
def player(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """With an inventory whose group `standby` has the defaults."""
    folder = tmp_path_factory.mktemp("site")
    host = {"ansible_python_interpreter": sys.executable}
    (folder / "hosts.yml").write_text(yaml.safe_dump({"standby": {"hosts": {"keeper": host}}}))
    (folder / "group_vars").mkdir()
    (folder / "group_vars/standby.yml").write_text(yaml.safe_dump(DEFAULTS))
    return Player(controlplane, folder)


def config_maps(target: ControlPlane, namespace: str) -> dict[str, set[str]]:
    status, answer = target.api("GET", f"/api/v1/namespaces/{namespace}/configmaps")
    assert status == 200, answer
    return {body["metadata"]["name"]: set(body.get("data", {})) for body in answer["items"]}


@pytest.mark.parametrize("namespace", RUNS)
def test_what_is_given_for_a_run_replaces_the_default_whole(
    player: Player, controlplane: ControlPlane, tmp_path: Path, namespace: str
) -> None:
    given, expected = RUNS[namespace]
    backup = Backup()
    for name in ("app", "db", "web"):
        backup.add("configmaps", namespace, name, complete("configmaps", namespace, name, {}))
    variables = {"restore_backup_file": str(backup.write(tmp_path / "b.tar.gz")), "restore_run_on": "standby"}
    played = player.role({**variables, **given}, "-i", str(player.folder / "hosts.yml"))
    assert played.code == 0, played.output
    assert config_maps(controlplane, namespace) == expected
