# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of README and docs/getting-started.md, by bash, beside a backup and a kubeconfig of a standby."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from controlplane import ControlPlane

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/getting-started.md").read_text(encoding="utf-8")
STORE = ROOT / "tests/golden/store"
NEWEST = "hourly-20261124030000"
ELSEWHERE = re.compile(r"s3://[\w/-]+|/var/log/standby|: 3h$", re.MULTILINE)


def blocks(language: str, holding: str) -> list[str]:
    return [text for text in re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL) if holding in text]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """What the page begins with: a standby, its kubeconfig, and the file that `velero backup download` leaves."""
    with ControlPlane() as standby:
        home = standby.folder / "home"
        (home / ".kube").mkdir(parents=True)
        shutil.copy(standby.kubeconfig, home / ".kube/standby")
        shutil.copy(STORE / f"backups/{NEWEST}/{NEWEST}.tar.gz", home / f"{NEWEST}-data.tar.gz")
        yield home


def shell(home: Path, command: str) -> str:
    """What it prints; it has to end well."""
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_", "KUBE"))}
    ours = {"PATH": programs, "HOME": str(home), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build/dev"), "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-c", command], cwd=home, env=kept | ours, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return re.sub(r"https://127\.0\.0\.1:\d+", "https://standby.example.org:6443", done.stdout)


def test_a_backup_gets_here_by_the_commands_of_the_readme(home: Path) -> None:
    """But for the one through Velero, which test_location has, and with a folder for the bucket."""
    (block,) = [text for text in re.findall(r"```shell\n(.*?)```", README, re.DOTALL) if "# by hand" in text]
    bucket, _velero, by_hand = re.findall(r"(?m)^ansible-playbook (?:.*\\\n)*.*$", block)
    for command in (ELSEWHERE.sub(f"file://{STORE}", bucket), by_hand):
        said = shell(home, command)
        assert f"Restore {NEWEST} of backup {NEWEST} onto" in said
        assert "check mode: nothing was written" in said


def test_check_mode_restore_page_and_hourly_job_come_out_as_the_page_says(home: Path) -> None:
    check, restore = blocks("shell", "standby.velero.restore")
    (summary,) = blocks("text", "check mode: nothing was written")
    said = shell(home, check)
    assert [line for line in summary.splitlines() if line not in said] == [], said[-9000:]

    said = shell(home, restore)
    assert "Completed, in sync" in said
    assert "changed=1 " in said
    assert "changed=0 " in shell(home, restore)

    (page,) = blocks("shell", "velero_report")
    shell(home, "\n".join(line for line in page.splitlines() if not line.startswith("kubectl")))
    assert "<html" in (home / "report.html").read_text(encoding="utf-8")

    (inventory,) = blocks("yaml", "standbys:")
    here = {"s3": f"file://{STORE}", "/v": str(home), ": ": ": 1000000h"}
    (home / "inventory.yml").write_text(ELSEWHERE.sub(lambda found: here[found[0][:2]], inventory), encoding="utf-8")
    (sync,) = blocks("shell", "standby.velero.sync")
    assert re.search(rf"standby-berlin +{NEWEST} .* yes ", shell(home, sync))
