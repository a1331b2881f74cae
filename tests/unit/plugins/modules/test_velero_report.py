# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a process of its own, as it runs where the report lies."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.standby.velero.plugins.modules import velero_report
from reporting import BAD_NIGHT, TEMPLATES, a_run, written

MODULE = "ansible_collections.standby.velero.plugins.modules.velero_report"
CODE = f"import runpy, sys; sys.argv = ['x']; runpy.run_module('{MODULE}', run_name='__main__')"


def returned(folder: Path, code: str = CODE, **options: Any) -> dict[str, Any]:
    paths = {"report_path": str(folder / "r.json"), "html_path": str(folder / "r.html")}
    args = {**paths, "templates": TEMPLATES, **options, "_ansible_remote_tmp": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps({"ANSIBLE_MODULE_ARGS": args}),
        env={**os.environ, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_it_returns_what_it_documents(tmp_path: Path) -> None:
    written(tmp_path / "r.json", a_run(BAD_NIGHT))
    result = returned(tmp_path)
    documented = yaml.safe_load(velero_report.RETURN)
    assert set(result) - {"changed", "invocation"} == set(documented)
    assert set(result["verdict"]) == set(documented["verdict"]["contains"])
    assert (result["changed"], result["verdict"]["state"]) == (True, "bad")
    assert result["verdict"]["title"] == "2 objects failed"
    assert len(result["verdict"]["todo"]) == 3
    assert returned(tmp_path)["changed"] is False


def test_check_mode_writes_and_returns_the_same(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    result = returned(tmp_path, _ansible_check_mode=True)
    assert (result["changed"], result["verdict"]) == (True, returned(tmp_path)["verdict"])
    assert (tmp_path / "r.html").exists()


def test_without_the_action_plugin_the_template_that_is_missing_is_named(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    result = returned(tmp_path, templates={})
    assert result["msg"] == "template page.html.j2: TemplateNotFound: page.html.j2"


def test_without_jinja_the_package_is_named(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    result = returned(tmp_path, code=f"import sys; sys.modules['jinja2'] = None; {CODE}")
    assert "jinja2" in result["msg"]


def test_a_fault_of_ours_quotes_nothing_of_the_report(tmp_path: Path) -> None:
    written(tmp_path / "r.json")
    room = f"{MODULE.rpartition('.plugins.')[0]}.plugins.module_utils._flows.report"
    broken = f"import {room} as room\ndef page_of(*_a): raise TypeError('canary')\nroom.page_of = page_of\n{CODE}"
    result = returned(tmp_path, code=broken)
    assert result["msg"].startswith("fault in velero_report: ")
    assert "canary" not in json.dumps(result)
