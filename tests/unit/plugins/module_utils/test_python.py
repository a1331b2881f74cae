# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An older Python is told before anything is imported that it cannot read."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils import _python
from ansible_collections.standby.velero.plugins.module_utils._python import refuse_old_python

PLUGINS = Path(__file__).parents[4] / "plugins"
MODULES = sorted((PLUGINS / "modules").glob("*.py"))
CHECK = "..module_utils._python"


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 8, 0), (3, 9, 18)])
def test_an_old_one_ends_the_task_with_a_sentence(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(_python.sys, "version_info", version)
    with pytest.raises(SystemExit) as ended:
        refuse_old_python()
    told = json.loads(capsys.readouterr().out)
    assert (ended.value.code, told["failed"]) == (1, True)
    assert told["msg"] == (
        f"standby.velero needs Python 3.10 or newer, and {sys.executable} is Python {version[0]}.{version[1]}: "
        "set ansible_python_interpreter to a newer one, with the packages kubernetes and jsonpatch"
    )


def test_the_oldest_that_serves_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_python.sys, "version_info", (3, 10, 0))
    assert refuse_old_python() is None


@pytest.mark.parametrize("path", [*MODULES, PLUGINS / "module_utils/_python.py"], ids=lambda path: path.name)
def test_what_asks_is_read_by_the_oldest_python_that_ansible_starts_a_module_with(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert "__future__" not in imported, "annotations came with 3.7"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_asks_before_it_imports_anything_else_of_ours(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if line.startswith(("from ..module_utils", "refuse_old_python()"))]
    assert ours[:2] == ["from ..module_utils._python import refuse_old_python", "refuse_old_python()"]
    assert len(ours) > 2
