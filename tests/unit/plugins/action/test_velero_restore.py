# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
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
from ansible_collections.standby.velero.plugins.action.velero_restore import ActionModule, _followed, _waiting
from ansible_collections.standby.velero.plugins.module_utils._listener import Listener
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
    with _followed("host: ") as path:
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

    with pytest.raises(ValueError, match="x"), _followed("host: ") as path:
        fail(path)
    assert printed == ["host: failed"]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_somebody_removes_ends_nothing(printed: list[str]) -> None:
    with _followed("host: ") as path:
        os.unlink(path)
    assert printed == []


def test_without_a_prefix_nothing_is_printed(printed: list[str]) -> None:
    with _followed("") as path:
        append(path, "starting\n")
    assert printed == []


# Whether somebody waits


def is_held(path: str) -> bool:
    """As the module asks."""
    return Listener(path).is_awaited


@pytest.mark.parametrize("prefix", ["", "host: "])
@pytest.mark.usefixtures("printed")
def test_as_long_as_it_waits_the_file_is_locked(prefix: str) -> None:
    with _followed(prefix) as path:
        assert is_held(path)


@pytest.mark.usefixtures("printed")
def test_a_file_of_the_user_s_own_is_locked_too_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with _waiting(str(path)):
        assert is_held(str(path))
    wait_for("the lock to go", lambda: not is_held(str(path)), seconds=30)
    assert path.exists()


@pytest.mark.usefixtures("printed")
def test_when_the_process_that_it_works_for_is_gone_it_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    with _followed("") as path:
        monkeypatch.setattr(plugin.os, "getppid", lambda: 1)
        wait_for("the lock to go", lambda: not is_held(path), seconds=30)


def test_where_no_file_can_be_locked_the_module_runs_all_the_same(tmp_path: Path) -> None:
    with _waiting(str(tmp_path / "missing" / "lines")):
        assert list(tmp_path.iterdir()) == []


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
    ("quiet", "is_handed_a_file"),
    [
        ({"transport": "ssh"}, False),
        ({"async_val": 60}, False),
        ({"no_log": True}, True),
        ({"args": {"progress": "none"}}, True),
        ({"args": {"progress_path": "/dev/null"}}, False),
    ],
    ids=["another host", "async", "no_log", "progress: none", "a file of the user's own"],
)
def test_where_nobody_could_read_along_nothing_is_printed(
    printed: list[str], monkeypatch: pytest.MonkeyPatch, quiet: dict[str, Any], is_handed_a_file: bool
) -> None:
    args = quiet.pop("args", {})
    result, ran = run(monkeypatch, args, **quiet)
    assert printed == []
    assert bool(ran.args) is is_handed_a_file
    assert result["invocation"]["module_args"].get("progress_path") is None


def test_it_is_the_plugin_that_any_module_has_but_for_the_lines() -> None:
    assert issubclass(ActionModule, NormalAction)
    assert (ActionModule._supports_check_mode, ActionModule._supports_async) == (True, True)
