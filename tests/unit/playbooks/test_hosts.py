# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A choice of hosts that means none is red: Ansible alone says that it matched nobody, and ends green."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
VARIABLES = {
    "activate": "workloads_hosts",
    "drift": "sync_hosts",
    "hold": "workloads_hosts",
    "readiness": "readiness_hosts",
    "rehearse": "rehearse_hosts",
    "sync": "sync_hosts",
}
ROLE = "TASK [standby.velero.sync : "
HOSTS = "paris ansible_connection=local\nrome ansible_connection=local\n"


def played(tmp_path: Path, playbook: str, inventory: str, *more: str) -> tuple[int, str]:
    """The end of a real ansible-playbook in an empty folder, and all that it said."""
    hosts = tmp_path / "hosts"
    hosts.write_text(inventory, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", str(hosts), f"standby.velero.{playbook}"]
    collections = str(ROOT / ".build" / "dev")
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_NOCOLOR": "1", "HOME": str(tmp_path)}
    child = subprocess.run(
        [*command, *more], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return child.returncode, child.stdout + child.stderr


@pytest.mark.parametrize("inventory", ["", HOSTS], ids=["no inventory", "two hosts"])
@pytest.mark.parametrize(("playbook", "variable"), sorted(VARIABLES.items()))
def test_a_choice_that_means_no_host_is_red(tmp_path: Path, playbook: str, variable: str, inventory: str) -> None:
    code, said = played(tmp_path, playbook, inventory, "-e", f"{variable}=nobody")
    assert code != 0
    assert f"{variable}: no host of the inventory is meant by nobody" in said


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("-l", "paris"),
        ("-e", "sync_hosts=paris"),
        ("-e", '{"sync_hosts": ["paris"]}'),
        ("-e", "sync_hosts=all:!rome"),
    ],
    ids=["", "limit", "choice", "list", "pattern"],
)
def test_what_means_a_host_is_not_refused(tmp_path: Path, more: tuple[str, ...]) -> None:
    _code, said = played(tmp_path, "sync", HOSTS, *more)
    assert "no host of the inventory" not in said
    assert ROLE in said
    assert ("rome: FAILED" in said or "[rome]" in said) is (not more)


def test_localhost_needs_no_inventory(tmp_path: Path) -> None:
    _code, said = played(tmp_path, "sync", "", "-e", "sync_hosts=localhost")
    assert ROLE in said


def test_a_folder_of_playbooks_has_playbooks_alone() -> None:
    assert [path.name for path in (ROOT / "playbooks").iterdir() if path.suffix != ".yml"] == []
