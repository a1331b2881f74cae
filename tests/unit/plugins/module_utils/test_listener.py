# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether somebody still waits for the result: the reader of the output, the parent, the lock; and signals."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils import _listener
from ansible_collections.standby.velero.plugins.module_utils._listener import Listener, heeding, leave

ROOT = str(Path(_listener.__file__).resolve().parents[2] / ".build" / "dev")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """As the action plugin holds it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@pytest.fixture
def pipe() -> Iterator[list[int]]:
    """Read end and write end; a test may close the first and take it out."""
    ends = list(os.pipe())
    yield ends
    for end in ends:
        os.close(end)


def test_a_pipe_tells_when_nobody_can_read_the_result(pipe: list[int]) -> None:
    listener = Listener(output=pipe[1])
    assert not listener.is_gone
    os.close(pipe.pop(0))
    assert listener.reads_no_more
    assert listener.is_gone


def test_a_file_is_always_there_to_be_written(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        assert not Listener(output=file.fileno()).is_gone


def test_a_lock_that_was_held_at_the_start_and_is_no_more_tells_it(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with held(path):
        listener = Listener(str(path), output=os.open(os.devnull, os.O_WRONLY))
        assert (listener.is_awaited, listener.is_gone) == (True, False)
    assert listener.is_gone
    assert not listener.reads_no_more


@pytest.mark.parametrize("there", [False, True])
def test_a_file_that_nobody_held_tells_nothing(tmp_path: Path, there: bool) -> None:
    path = tmp_path / "lines"
    if there:
        path.touch()
    listener = Listener(str(path), output=os.open(os.devnull, os.O_WRONLY))
    assert (listener.is_awaited, listener.is_gone) == (False, False)
    path.unlink(missing_ok=True)
    assert not listener.is_gone


def test_a_file_that_is_removed_under_its_lock_tells_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    with held(path):
        listener = Listener(str(path), output=os.open(os.devnull, os.O_WRONLY))
        path.unlink()
    assert not listener.is_gone


PROGRAM = """
import os, sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.standby.velero.plugins.module_utils._listener import Listener
if os.fork():
    time.sleep(600)
listener = Listener(output=os.open(os.devnull, os.O_WRONLY))
os.write(1, b"ready")
while not listener.is_gone:
    time.sleep(0.01)
os.write(1, b" gone")
"""


def test_a_parent_that_is_killed_is_noticed() -> None:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, ROOT], stdout=subprocess.PIPE)
    assert process.stdout
    assert process.stdout.read(5) == b"ready"
    process.kill()
    assert process.stdout.read() == b" gone"
    process.wait()


SIGNALLED = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from ansible_collections.standby.velero.plugins.module_utils._listener import heeding
number, cancelled = int(sys.argv[2]), []
before = signal.getsignal(number)
with heeding(lambda: cancelled.append(1)):
    for times in (1, 2):
        os.kill(os.getpid(), number)
        while len(cancelled) < times:
            time.sleep(0.01)
print(signal.getsignal(number) == before)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_cancels_and_is_as_before_in_the_end(number: signal.Signals) -> None:
    """In a process of its own: a test need not run in the main thread."""
    command = [sys.executable, "-c", SIGNALLED, ROOT, str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip()) == (0, "True"), done.stderr


def test_in_another_thread_than_the_main_one_signals_are_left_alone() -> None:
    ended = []

    def work() -> None:
        with heeding(lambda: None):
            ended.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [signal.getsignal(signal.SIGTERM)]


def test_a_listener_that_goes_cancels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_listener, "LOOK", 0.01)
    path, cancelled = tmp_path / "lines", threading.Event()
    with held(path):
        context = heeding(cancelled.set, str(path))
        context.__enter__()
        assert not cancelled.is_set()
    assert cancelled.wait(30)
    context.__exit__(None, None, None)


# What is left to do then


@pytest.mark.parametrize(("name", "goes"), [("ansible-tmp-1-2-3", True), ("tmp", False)])
def test_what_nobody_will_remove_is_removed(tmp_path: Path, pipe: list[int], name: str, goes: bool) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "AnsiballZ_velero_restore.py").touch()
    said = os.dup(1)
    try:
        leave(Listener(output=pipe[1]), str(folder))
        assert folder.exists()
        os.close(pipe.pop(0))
        leave(Listener(output=pipe[0]), str(folder))
    finally:
        os.dup2(said, 1)
        os.close(said)
    assert folder.exists() is not goes
