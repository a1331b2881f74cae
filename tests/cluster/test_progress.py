# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress lines as people see them: real ansible-playbook, real ansible-runner, a store that takes its time."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml
from controlplane import ControlPlane
from playing import Player
from stores import S3, Proxy, Reply, content, files_of, option

MODULE = "standby.velero.velero_restore"
LINE = re.compile(r"localhost: velero_restore: (.*)")
CONNECTION = """
from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = '''
name: elsewhere
short_description: A connection that says it leads to another host
description: It does not.
author: a test
version_added: 0.0.1
'''


class Connection(Local):
    transport = "elsewhere"
"""
AGES = re.compile(r"^(started|completed|age|delta|start|end|record|hash|parts|duration)$")
"""What differs from run to run, and what stands for namespaces, which differ here."""


def slowly(reply: Reply) -> Reply:
    """All comes, after the time of a progress line."""
    return replace(reply, hold=4.0)


@pytest.fixture(scope="module")
def store() -> Iterator[dict[str, Any]]:
    """A bucket whose content takes its time."""
    data = content(*(f"app-{number}" for number in range(300)))
    with S3() as s3:
        s3.put(files_of("hourly-1", 1, data))
        with Proxy(s3.url, lambda path, _times: slowly if path.endswith(".tar.gz") else None) as proxy:
            yield option(proxy.url)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("quick") / "hourly-1.tar.gz"
    path.write_bytes(content(*(f"app-{number}" for number in range(30))))
    return path


@pytest.fixture
def player(controlplane: ControlPlane, tmp_path: Path) -> Player:
    return Player(controlplane, tmp_path)


def lines(output: str) -> list[str]:
    return LINE.findall(output)


# ansible-runner


@pytest.fixture(scope="module")
def events(controlplane: ControlPlane, store: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Of a restore that takes seconds."""
    folder = tmp_path_factory.mktemp("runner")
    task = {MODULE: {"backup_store": store, "schedule_name": "hourly", "fail_on": "never"}}
    (folder / "project").mkdir()
    (folder / "project" / "play.yml").write_text(
        yaml.safe_dump([{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}])
    )
    player = Player(controlplane, folder)
    found: list[Any] = []
    run = ansible_runner.run(
        private_data_dir=str(folder),
        playbook="play.yml",
        envvars={**player._environment(folder / "log"), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        quiet=True,
        event_handler=found.append,
    )
    assert run.status == "successful", run.stdout.read()
    return found


def told(events: list[Any]) -> list[Any]:
    return [event for event in events if LINE.search(event["stdout"])]


def test_each_line_is_an_event_of_its_own(events):
    assert {event["event"] for event in told(events)} == {"verbose"}
    assert all(len(lines(event["stdout"])) == 1 for event in told(events))


def test_the_first_line_comes_within_two_seconds_of_the_module_s_start(events):
    (result,) = [event["event_data"]["res"] for event in events if event["event"] == "runner_on_ok"]
    began = datetime.fromisoformat(result["restore"]["started"].replace("Z", "+00:00"))
    first = datetime.fromisoformat(told(events)[0]["created"])
    seconds = (first.replace(tzinfo=first.tzinfo or began.tzinfo) - began).total_seconds()
    assert -2 < seconds < 2


def test_lines_come_while_the_module_runs_and_the_last_one_before_its_result(events):
    said = [lines(event["stdout"])[0] for event in told(events)]
    assert said[0].startswith("starting")
    assert any(line.startswith("fetching") for line in said)
    assert said[-1].startswith("done")
    order = [event["event"] for event in events]
    assert events.index(told(events)[-1]) < order.index("runner_on_ok")


# ansible-playbook


def without_times(value: Any) -> Any:
    """What two runs have in common."""
    if isinstance(value, dict):
        return {name: without_times(part) for name, part in value.items() if not AGES.match(name)}
    return [without_times(part) for part in value] if isinstance(value, list) else value


KEYWORDS: dict[str, dict[str, Any]] = {
    "check": {"check_mode": True},
    "diff": {"check_mode": True, "diff": True},
    "loop": {"loop": [1, 2]},
    "until": {"until": "until_lines is success", "retries": 2, "delay": 0},
    "delegated": {"delegate_to": "127.0.0.1", "vars": {"ansible_connection": "local"}},
    "failed": {"failed_when": True},
}


@pytest.fixture(scope="module")
def behaved(controlplane: ControlPlane, quick: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The results of tasks with these keywords, each with lines and without, in namespaces that they have alone."""
    player = Player(controlplane, tmp_path_factory.mktemp("behaved"))
    tasks: list[dict[str, Any]] = []
    for name, keywords in KEYWORDS.items():
        for progress in ("lines", "none"):
            mapping = {"shop": f"{name}-{progress}"}
            options = {
                "backup_file": str(quick),
                "namespace_mapping": mapping,
                "progress": progress,
                "fail_on": "never",
            }
            call, kept = player.module(f"{name}_{progress}", **options)
            tasks += [{**call, **keywords}, kept]
    played = player.tasks(*tasks)
    assert len([line for line in lines(played.output) if line.startswith("done")]) == len(KEYWORDS) + 1
    return played.results


@pytest.mark.parametrize("name", KEYWORDS)
def test_tasks_behave_as_without_the_lines(behaved, name):
    with_lines, without = (
        json.dumps(without_times(behaved[f"{name}_{progress}"]), sort_keys=True)
        .replace(f"{name}-{progress}", name)
        .replace(f'"progress": "{progress}"', "")
        for progress in ("lines", "none")
    )
    assert with_lines == without
    assert "counts" in with_lines


@pytest.mark.parametrize(
    ("options", "keywords"),
    [
        ({"progress": "none"}, {}),
        ({}, {"no_log": True}),
        ({}, {"async": 60, "poll": 1}),
        ({}, {"vars": {"ansible_connection": "elsewhere"}}),
    ],
    ids=["progress: none", "no_log", "async", "another host"],
)
def test_it_is_quiet_where_nobody_could_read_along(player, quick, options, keywords):
    (player.folder / "connections").mkdir()
    (player.folder / "connections" / "elsewhere.py").write_text(CONNECTION)
    task = {MODULE: {"backup_file": str(quick), "fail_on": "never", **options}, **keywords}
    folders = {
        "ANSIBLE_CONNECTION_PLUGINS": str(player.folder / "connections"),
        "ANSIBLE_ASYNC_DIR": str(player.folder),
    }
    played = player.tasks(task, **folders)
    assert played.code == 0, played.output
    assert lines(played.output) == []


def test_a_file_of_the_user_s_own_has_the_lines_instead(player, quick, tmp_path):
    path = tmp_path / "lines"
    task = {MODULE: {"backup_file": str(quick), "fail_on": "never", "progress_path": str(path)}, "async": 60, "poll": 1}
    played = player.tasks(task, ANSIBLE_ASYNC_DIR=str(tmp_path))
    assert played.code == 0, played.output
    assert lines(played.output) == []
    said = path.read_text().splitlines()
    assert (said[0], said[-1][:4]) == ("starting, 0 s in all", "done")


def test_a_run_that_fails_has_its_last_line_too(player):
    (call, _kept) = player.module("x", backup_file="/none/x.tar.gz")
    played = player.tasks(call)
    assert lines(played.output)[-1].startswith("failed")


def test_no_file_is_left_behind(player, quick):
    tmp = player.folder / "tmp"
    tmp.mkdir()
    before = time.time()
    task = {MODULE: {"backup_file": str(quick), "fail_on": "never"}}
    assert player.tasks(task, ANSIBLE_LOCAL_TEMP=str(tmp)).code == 0
    assert [path for path in tmp.rglob("velero_restore-*") if path.stat().st_mtime >= before] == []
