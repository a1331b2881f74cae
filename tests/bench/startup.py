# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a module takes from the start of its process to its first request: `make bench ARGS=--startup`.

What is started is the file that ansible-core makes of a module, unpacking included; what listens lets nobody in. Beside
it, in turns, a module of kubernetes.core that reads.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controlplane import private_environment
from mixed import write_backup
from raw_server import RawServer, answer

COLLECTIONS = Path(__file__).resolve().parents[2] / ".build" / "dev"
ROUNDS = 9
LONGEST = 60.0
"""Seconds after which a module that asks nothing has failed."""


class SentNothing(Exception):
    """A module ended, or waited, without a request."""


@dataclass
class Started:
    """A module, packed."""

    name: str
    file: Path
    seconds: list[float] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.file.stat().st_size

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def startup(folder: Path, rounds: int = ROUNDS) -> list[Started]:
    """Each module measured so many times, after one time that fills the caches of the machine."""
    backup = write_backup(folder / "backup.tar.gz", ())
    heard = threading.Event()

    def hear(_method: str, _path: str) -> Iterator[bytes]:
        heard.set()
        yield from answer(401, {"kind": "Status", "code": 401, "reason": "Unauthorized"})

    with RawServer(hear) as server:
        modules = [
            Started(name, packed(folder, name, {"host": server.host, "api_key": "nobody", **options}))
            for name, options in (
                ("standby.velero.velero_restore", {"backup_file": str(backup), "restore_name": "startup"}),
                ("kubernetes.core.k8s_info", {"kind": "Namespace"}),
            )
        ]
        for number in range(rounds + 1):
            for one in modules:
                seconds = _first_request(folder, one.file, heard)
                if number:
                    one.seconds.append(seconds)
    return modules


def packed(folder: Path, name: str, options: dict[str, Any]) -> Path:
    """The file that ansible-core makes of a module and its options."""
    kept = folder / name
    settings = {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TEMP": str(kept), "ANSIBLE_PIPELINING": "0"}
    ansible = str(Path(sys.executable).with_name("ansible"))
    command = [ansible, "localhost", "-c", "local", "-m", name, "-a", json.dumps(options)]
    environment = {**private_environment(folder), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), **settings}
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    files = list(kept.glob("ansible-tmp-*/AnsiballZ_*.py"))
    if len(files) != 1:
        raise SentNothing(f"{name} was not packed\n{child.stdout}\n{child.stderr}")
    return files[0]


def _first_request(folder: Path, file: Path, heard: threading.Event) -> float:
    heard.clear()
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, str(file)], env=private_environment(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as child:
        while not heard.wait(0.001):
            if child.poll() is not None or time.monotonic() - started > LONGEST:
                child.kill()
                raise SentNothing(f"{file.name} sent nothing\n{child.communicate()[0].decode()}")
        seconds = time.monotonic() - started
        child.communicate()
    return seconds


def print_startup(modules: list[Started]) -> None:
    """A line a module."""
    print("\nFrom the start of a module's process to its first request\n")
    for one in modules:
        print(f"{one.name:>32}{one.median:>8.2f} s   {min(one.seconds):.2f} to {max(one.seconds):.2f}", end="")
        print(f"{one.size / 1024:>10.0f} KiB packed")
