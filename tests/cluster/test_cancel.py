# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cancel means cancel: however a job is ended, its run writes no further object, gives its lock back and is gone.

Real ansible-playbook and ansible-runner processes on a real API server, ended by real signals.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ansible_runner
import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._errors import RunStopped
from controlplane import wait_for
from nightly import Corner, failed
from playing import Player

MODULE = "standby.velero.velero_restore"
MANY = 4000
"""Objects that one connection writes for many seconds."""


class Job:
    """A playbook of one task in a folder of its own, whose run takes its time."""

    def __init__(self, corner: Corner, folder: Path, **keywords: Any) -> None:
        self.corner = corner
        self.folder = folder
        self.temporary = folder / "tmp"
        self.report = folder / "report.json"
        self.temporary.mkdir(parents=True)
        (folder / "project").mkdir()
        options = {
            "backup_file": str(corner.backup(2, *(corner.config_map(f"c-{number:04}") for number in range(MANY)))),
            "kubeconfig": str(corner.target.kubeconfig),
            "state_namespace": corner.state_namespace,
            "report_path": str(self.report),
            "concurrency": 1,
            "lock_duration": 600,
            **keywords.pop("options", {}),
        }
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False}
        play["tasks"] = [{MODULE: options, **keywords}]
        self.play = folder / "project" / "play.yml"
        self.play.write_text(yaml.safe_dump([play]), encoding="utf-8")
        self.environment = Player(corner.target, folder)._environment(folder / "log") | {
            "ANSIBLE_REMOTE_TMP": str(self.temporary),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def written(self) -> int:
        path = f"/api/v1/namespaces/{self.corner.namespace}/configmaps?limit=1"
        answer = self.corner.target.api("GET", path)[1]
        return len(answer.get("items") or []) + (answer.get("metadata") or {}).get("remainingItemCount", 0)

    def processes(self) -> list[int]:
        """The module's own, by the folder in which it was put."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes()
            except OSError:  # it has ended meanwhile
                continue
            if str(self.temporary).encode() in words and b"AnsiballZ" in words:
                found.append(int(path.parent.name))
        return found

    def is_at_it(self) -> bool:
        return self.written() > 20

    def holder(self) -> str:
        path = f"/apis/coordination.k8s.io/v1/namespaces/{self.corner.state_namespace}/leases/restore"
        return str(self.corner.target.api("GET", path)[1]["spec"].get("holderIdentity") or "")

    def check_that_it_has_ended(self) -> None:
        """It wrote a part, told it in its report, left nothing, and the next run begins at once and completes it."""
        wait_for("the module to be gone", lambda: not self.processes(), 60)
        assert self.holder() == ""
        number = self.written()
        assert 20 < number < MANY
        report = json.loads(self.report.read_text(encoding="utf-8"))
        assert report["counts"]["created"] == number + 1, "with the namespace"
        assert {one["reason"] for one in report["objects"] if one["outcome"] == "failed"} == {"cancelled"}
        wait_for("its files to be gone", lambda: list(self.temporary.iterdir()) == [], 30)
        again = self.corner.restore(self.corner.backup(3, self.corner.config_map("c-0000")), allow_shrunk=True)
        assert failed(again) == []
        assert self.corner.recorded()[f"ConfigMap {self.corner.namespace}/c-0000"]


@contextmanager
def playing(job: Job) -> Iterator[subprocess.Popen[bytes]]:
    """An ansible-playbook in a session of its own, whose module is writing."""
    # what is started in the background, these tests perhaps, does not listen to SIGINT, nor do its children
    command = ["env", "--default-signal=INT", str(Path(sys.executable).with_name("ansible-playbook")), str(job.play)]
    log = (job.folder / "output").open("wb")
    process = subprocess.Popen(
        command, env=job.environment, cwd=job.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        start_new_session=True,
    )  # fmt: skip
    try:
        wait_for("the module to write", lambda: process.poll() is not None or job.is_at_it(), 120)
        assert process.poll() is None, (job.folder / "output").read_text()
        yield process
    finally:
        for number in job.processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


@pytest.fixture
def job(corner: Corner, tmp_path: Path) -> Job:
    return Job(corner, tmp_path / "job")


def killpg(process: subprocess.Popen[bytes], _job: Job) -> None:
    """As ansible-runner does it."""
    os.killpg(process.pid, signal.SIGKILL)


def kill(process: subprocess.Popen[bytes], _job: Job) -> None:
    """As the kernel does it that is out of memory."""
    process.kill()


def terminate(process: subprocess.Popen[bytes], _job: Job) -> None:
    """As systemd and `kill` do it."""
    process.terminate()


def interrupt(process: subprocess.Popen[bytes], _job: Job) -> None:
    """As somebody does it at a terminal."""
    os.killpg(process.pid, signal.SIGINT)


def kill_all_but_the_module(_process: subprocess.Popen[bytes], job: Job) -> None:
    """Its worker too, which would have told it."""
    there = job.processes()
    (module,) = set(there) - set(map(parent_of, there))
    above = [parent_of(module)]
    while above[-1] != os.getpid():
        above.append(parent_of(above[-1]))
    for number in above[:-1]:
        os.kill(number, signal.SIGKILL)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


@pytest.mark.parametrize("end", [killpg, kill, terminate, interrupt, kill_all_but_the_module])
def test_a_playbook_that_is_ended_ends_its_run(job: Job, end: Callable[[Any, Job], None]) -> None:
    with playing(job) as process:
        end(process, job)
        job.check_that_it_has_ended()


def test_without_lines_too(corner: Corner, tmp_path: Path) -> None:
    job = Job(corner, tmp_path / "job", options={"progress": "none"})
    with playing(job) as process:
        killpg(process, job)
        job.check_that_it_has_ended()


def test_a_module_that_is_told_to_end_reports_what_it_did_as_its_result(job: Job) -> None:
    with playing(job) as process:
        for number in job.processes():
            os.kill(number, signal.SIGTERM)
        assert process.wait(60) == 2
        output = (job.folder / "output").read_text(encoding="utf-8")
    assert "cancelled" in output
    assert "objects failed" in output
    job.check_that_it_has_ended()


def test_a_cancelled_job_of_ansible_runner_ends_its_run(job: Job) -> None:
    cancelled = threading.Event()
    thread, runner = ansible_runner.run_async(
        private_data_dir=str(job.folder),
        playbook="play.yml",
        envvars=job.environment,
        quiet=True,
        cancel_callback=cancelled.is_set,
    )
    wait_for("the module to write", lambda: not thread.is_alive() or job.is_at_it(), 120)
    assert thread.is_alive()
    cancelled.set()
    thread.join(60)
    assert runner.status == "canceled"
    job.check_that_it_has_ended()


def test_a_run_whose_time_is_up_before_it_writes_says_so_and_leaves_no_lock(corner: Corner) -> None:
    backup = corner.backup(2, corner.config_map("a"))
    with pytest.raises(RunStopped, match="the time of run_timeout is up; nothing was written"):
        corner.restore(backup, run_timeout="1ns")
    assert failed(corner.restore(backup)) == []
