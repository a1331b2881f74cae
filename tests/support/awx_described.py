# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What role awx is about to make, as Ansible itself renders its description."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml
from playing import ROOT, Played, Player

ROLE = ROOT / "roles" / "awx"
PROJECT_URL = "https://git.example.org/platform/standby.git"
PROJECT = ROOT / "extensions" / "awx" / "project"
LISTS = (
    "credential_types",
    "execution_environments",
    "projects",
    "inventories",
    "hosts",
    "job_templates",
    "workflows",
    "schedules",
    "notifications",
)
"""The descriptions, `__awx_<name>` each."""

GIVEN: dict[str, Any] = {
    "awx_project_url": PROJECT_URL,
    "awx_ee_image": "registry.example.org/standby-ee:1",
    "awx_standbys": {"standby-berlin": None, "standby-oslo": {"restore_context": "oslo", "drift_fail_age": "5h"}},
    "awx_variables": {
        "restore_schedule_name": "hourly",
        "restore_max_backup_age": "3h",
        "restore_excluded_namespaces": ["kube-system", "monitoring"],
        "restore_workloads": "hold",
        "sync_verify": False,
        "drift_fail_count": 3,
    },
}
"""What a platform team says of its standbys."""


def player(folder: Path, **environment: str) -> Player:
    """Plays for which no cluster is needed."""
    return Player(SimpleNamespace(environment={**os.environ, **environment}), folder)


def described(folder: Path, files: Iterable[Path], prefix: str, names: Iterable[str], **given: Any) -> dict[str, Any]:
    """Variables of these files, by their names without the prefix, with what the user says."""
    plays = player(folder)
    said = folder / "given.yml"
    said.write_text(yaml.safe_dump(given), encoding="utf-8")
    arguments = [argument for path in (*files, said) for argument in ("-e", f"@{path}")]
    played: Played = plays.tasks(*(plays.keep(name, f"{prefix}{name}") for name in names), arguments=tuple(arguments))
    assert played.code == 0, played.output
    return played.results


def of_the_role(folder: Path, **given: Any) -> dict[str, Any]:
    """Each of `LISTS` as the role has it."""
    files = (ROLE / "defaults" / "main.yml", *sorted((ROLE / "vars" / "main").glob("*.yml")))
    return described(folder, files, "__awx_", LISTS, **given)
