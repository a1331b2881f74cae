# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action plugin: who is watched, and that every line is printed once."""

from __future__ import annotations

import os
from functools import partialmethod
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible_collections.standby.velero.plugins.action import velero_restore as plugin
from ansible_collections.standby.velero.plugins.action.velero_restore import ActionModule, _Followed
from controlplane import wait_for

MODULE = "standby.velero.velero_restore"


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What is displayed; files are made in a folder of the test's."""
    lines: list[str] = []
    monkeypatch.setattr(plugin, "Display", lambda: SimpleNamespace(display=lines.append))
    monkeypatch.setattr(plugin.constants, "DEFAULT_LOCAL_TMP", str(tmp_path))
    monkeypatch.setattr(plugin, "LOOK", 0.01)
    return lines


def append(path: str, text: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


def test_lines_are_printed_as_they_come_and_the_last_one_is_drained(printed: list[str], tmp_path: Path) -> None:
    with _Followed("host: ") as path:
        append(path, "starting\n")
        wait_for("a line", lambda: bool(printed), seconds=30)
        append(path, "writ")
        append(path, "ing\ndone\n")
    assert printed == ["host: starting", "host: writing", "host: done"]
    assert list(tmp_path.iterdir()) == []


def test_a_task_that_fails_has_its_lines_too(printed: list[str], tmp_path: Path) -> None:
    def fail(path: str) -> None:
        append(path, "failed\n")
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"), _Followed("") as path:
        fail(path)
    assert printed == ["failed"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_somebody_removes_ends_nothing(printed: list[str]) -> None:
    with _Followed("") as path:
        os.unlink(path)
    assert printed == []


class Ran:
    """NormalAction's way to run a module, and what it was given."""

    def __init__(self) -> None:
        self.args: dict[str, Any] = {}

    def __call__(self, _action: Any, _name: Any = None, args: Any = None, **_how: Any) -> dict[str, Any]:
        self.args = dict(args or {})
        if self.args.get("progress_path"):
            append(self.args["progress_path"], "starting, 0 s in all\n")
        return {"changed": False, "invocation": {"module_args": dict(self.args)}}


def run(monkeypatch: pytest.MonkeyPatch, args: dict[str, Any], **task: Any) -> tuple[dict[str, Any], Ran]:
    ran = Ran()
    monkeypatch.setattr(NormalAction, "_execute_module", partialmethod(ran))
    transport = task.pop("transport", "local")
    given = SimpleNamespace(**{"async_val": 0, "no_log": False, "args": args, "action": MODULE, **task})
    action = ActionModule.__new__(ActionModule)
    action._task, action._connection = given, SimpleNamespace(transport=transport)
    return action._execute_module(task_vars={"inventory_hostname": "standby"}), ran


def test_a_local_run_is_watched_and_its_result_does_not_tell(
    printed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    args = {"backup_file": "/b/x.tar.gz"}
    result, ran = run(monkeypatch, args)
    assert printed == ["standby: velero_restore: starting, 0 s in all"]
    assert "progress_path" in ran.args
    assert result["invocation"]["module_args"]["progress_path"] is None
    assert args == {"backup_file": "/b/x.tar.gz"}


@pytest.mark.parametrize(
    "quiet",
    [
        {"transport": "ssh"},
        {"async_val": 60},
        {"no_log": True},
        {"args": {"progress": "none"}},
        {"args": {"progress_path": "/dev/null"}},
    ],
    ids=["another host", "async", "no_log", "progress: none", "a file of the user's own"],
)
def test_where_nobody_could_read_along_nothing_is_done(
    printed: list[str], monkeypatch: pytest.MonkeyPatch, quiet: dict[str, Any]
) -> None:
    args = quiet.pop("args", {})
    _result, ran = run(monkeypatch, args, **quiet)
    assert printed == []
    assert ran.args == {}


def test_it_is_the_plugin_that_any_module_has_but_for_the_lines() -> None:
    assert issubclass(ActionModule, NormalAction)
    assert (ActionModule._supports_check_mode, ActionModule._supports_async) == (True, True)
