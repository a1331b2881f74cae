# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Without collection kubernetes.core a task says what to install, whatever else is wrong with its options."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.executor.module_common import ModuleDepFinder

ROOT = Path(__file__).parents[4] / "plugins" / "module_utils"
MODULES = "ansible_collections.standby.velero.plugins.modules"
HIDE = "sys.modules['ansible_collections.kubernetes.core.plugins.module_utils'] = None"
SENTENCE = (
    "collection kubernetes.core is not installed, which standby.velero takes its connection options from: "
    "ansible-galaxy collection install 'kubernetes.core:>=6.0.0'"
)
PASSWORD = "Hunter2-at-night"


@pytest.mark.parametrize(
    "module", ["velero_restore", "velero_backup_info", "velero_readiness_info", "velero_workloads"]
)
@pytest.mark.parametrize("options", [{}, {"api_key": PASSWORD}, {"backup_file": "/b.tar.gz", "no_such": PASSWORD}])
def test_a_missing_collection_is_told_and_nothing_else(module: str, options: dict[str, Any]) -> None:
    code = f"import runpy, sys; {HIDE}; runpy.run_module('{MODULES}.{module}', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps({"ANSIBLE_MODULE_ARGS": options})],
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (json.loads(done.stdout)["failed"], json.loads(done.stdout)["msg"]) == (True, SENTENCE)
    assert PASSWORD not in done.stdout + done.stderr


def test_ansible_packs_a_module_without_the_collection() -> None:
    """It looks for what a module imports, and takes only what is imported within something for dispensable."""
    name = "ansible_collections.standby.velero.plugins.module_utils._kubernetes_core"
    finder = ModuleDepFinder(name, ast.parse((ROOT / "_kubernetes_core.py").read_text(encoding="utf-8")))
    theirs = {found for found in finder.submodules if found[1] == "kubernetes"}
    assert theirs
    assert theirs <= finder.optional_imports


def test_no_other_file_imports_of_it() -> None:
    users = [path.name for path in ROOT.rglob("*.py") if "ansible_collections.kubernetes" in path.read_text("utf-8")]
    assert users == ["_kubernetes_core.py"]
