# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a real ansible-playbook beside a control plane, as a user would, and keeps all that it says anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ansible_runner
import yaml
from controlplane import ControlPlane
from reports import read_report

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 180


@dataclass(frozen=True)
class Played:
    """What one ansible-playbook left behind."""

    code: int
    output: str
    """stdout and stderr."""
    log: str
    """Of ANSIBLE_LOG_PATH."""
    arguments: frozenset[str]
    """The argument lists of the play's processes, as `ps` shows them to anybody."""
    results: dict[str, Any]
    """What `keeping` registered, by name."""
    report: dict[str, Any] | None
    """The report, when the play was told the path `report.json` in its folder."""

    @property
    def everything(self) -> str:
        """Wherever somebody else could read along; not the report, which is the owner's alone."""
        return "\n".join((self.output, self.log, *self.arguments))


@dataclass(frozen=True)
class Job:
    """What one job of ansible-runner left behind."""

    code: int
    output: str
    artifacts: dict[str, Any]
    """What set_stats said, which AWX hands on to the next job of a workflow as extra variables."""


class Player:
    """Plays in a folder of its own, on one control plane."""

    def __init__(self, target: ControlPlane, folder: Path) -> None:
        self._target = target
        self.folder = folder
        self.collections = [ROOT / ".build" / "dev", Path(sysconfig.get_path("purelib"))]
        """Where Ansible finds them."""
        self.seconds = SECONDS
        """That one play may take."""
        self.credentials: dict[str, str] = {}
        """What the environment has beside, as AWX injects it into a job."""
        self.report_path = folder / "report.json"

    def role(self, variables: dict[str, Any], *arguments: str, **environment: str) -> Played:
        """The collection's playbook, with these variables."""
        return self._run(["standby.velero.restore", "-e", json.dumps(variables), *arguments], environment)

    def book(self, name: str, inventory: dict[str, Any], *arguments: str, **variables: Any) -> Played:
        """One of the collection's playbooks over an inventory, with these extra variables."""
        path = self.inventory(inventory)
        extra = ("-e", json.dumps(variables)) if variables else ()
        return self._run([f"standby.velero.{name}", "-i", str(path), *extra, *arguments], {})

    def inventory(self, inventory: dict[str, Any]) -> Path:
        """An inventory file, which may hold secrets."""
        path = self.folder / "inventory.yml"
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
        return path

    def job(self, name: str, inventory: dict[str, Any], **variables: Any) -> Job:
        """The same as AWX runs it: by ansible-runner, out of a project with a playbook of one line."""
        project = self.folder / "project"
        project.mkdir(exist_ok=True)
        (project / f"{name}.yml").write_text(f"- import_playbook: standby.velero.{name}\n", encoding="utf-8")
        log = self.folder / "ansible.log"
        with TemporaryDirectory(dir=self.folder) as folder:
            ran = ansible_runner.run(
                private_data_dir=folder,
                project_dir=str(project),
                playbook=f"{name}.yml",
                inventory=str(self.inventory(inventory)),
                extravars=variables,
                envvars=self._environment(log)
                | self.credentials
                | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
                quiet=True,
                timeout=self.seconds,
            )
            stats = [event for event in ran.events if event["event"] == "playbook_on_stats"]
            artifacts = stats[-1]["event_data"].get("artifact_data", {}) if stats else {}
            return Job(ran.rc, Path(ran.config.artifact_dir, "stdout").read_text(encoding="utf-8"), artifacts)

    def tasks(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = (), **environment: str) -> Played:
        """A play of these tasks."""
        path = self.folder / "play.yml"
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": list(tasks)}
        path.write_text(yaml.safe_dump([play]), encoding="utf-8")
        return self._run([str(path), *arguments], environment)

    def playbook(self, text: str, *arguments: str) -> Played:
        """A playbook, word for word."""
        path = self.folder / "playbook.yml"
        path.write_text(text, encoding="utf-8")
        return self._run([str(path), *arguments], {})

    def module(self, name: str, **options: Any) -> list[dict[str, Any]]:
        """Tasks that call the module, whatever becomes of it, and keep its result under this name."""
        call = {"standby.velero.velero_restore": options, "register": name, "ignore_errors": True}
        return [call, {**self.keep(name, name), "no_log": True}]

    def keep(self, name: str, variable: str) -> dict[str, Any]:
        """A task that keeps the value of an expression among the results, under this name."""
        return {
            "keep": {"dest": str(self.folder / f"{name}.result.json"), "content": f"{{{{ ({variable}) | to_json }}}}"}
        }

    def _run(self, arguments: list[str], environment: dict[str, str]) -> Played:
        log = self.folder / "ansible.log"
        for stale in (log, self.report_path, *self.folder.glob("*.result.json")):
            stale.unlink(missing_ok=True)
        command = [str(Path(sys.executable).with_name("ansible-playbook")), *arguments]
        with Watch() as watch:
            done = subprocess.run(
                command,
                env=self._environment(log) | environment | watch.mark,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=self.seconds,
            )
        return Played(
            code=done.returncode,
            output=done.stdout + done.stderr,
            log=log.read_text(encoding="utf-8") if log.exists() else "",
            arguments=frozenset(watch.seen),
            results={path.name.partition(".")[0]: _json(path) for path in self.folder.glob("*.result.json")},
            report=read_report(self.report_path) if self.report_path.exists() else None,
        )

    def _environment(self, log: Path) -> dict[str, str]:
        """No cluster but the control plane, and nothing of the user's Ansible settings."""
        kept = {name: value for name, value in self._target.environment.items() if not name.startswith("ANSIBLE_")}
        config = self.folder / "ansible.cfg"
        config.write_text("[defaults]\n", encoding="utf-8")
        return kept | {
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).with_name("action_plugins")),
            "ANSIBLE_CONFIG": str(config),
            "ANSIBLE_COLLECTIONS_PATH": os.pathsep.join(map(str, self.collections)),
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_LOG_PATH": str(log),
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_NOCOWS": "true",
        }


class Watch:
    """Notes the argument list of every process with its mark, for a `with` statement (Linux; elsewhere none).

    Other tests run beside this one, with secrets of their own; an environment goes on to whatever a process starts.
    """

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.mark = {"STANDBY_VELERO_WATCHED": uuid.uuid4().hex}
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.is_set():
            self.seen.update(_argument_lists("".join(self.mark.values()).encode()))
            time.sleep(0.05)


def _argument_lists(mark: bytes) -> Iterator[str]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if mark in path.joinpath("environ").read_bytes():
                yield path.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
