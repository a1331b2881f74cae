# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module velero_restore as any module is run, and prints how far it is while it waits.

The module adds its lines to a file that is made here; what is new in it is printed as it comes, the last line included.
Where nobody could read along (another host, async, no_log, progress: none, a file of the user's) nothing is printed.

As long as somebody waits for the result a shared lock is held on that file, by which the module knows. A cancelled job
kills ansible-playbook alone: the process that this runs in and the module live on, and would write to the end.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display
from ansible_collections.standby.velero.plugins.module_utils._deaf import start_deaf

LOOK = 0.5
"""Seconds between two looks into the file."""
_MOST = 64 << 10
"""Bytes that one look takes: a line is short, and seconds lie between two."""


class ActionModule(NormalAction):
    """Ansible looks for this name."""

    def _execute_module(self, module_name: Any = None, module_args: Any = None, **how: Any) -> Any:
        args = self._task.args if module_args is None else module_args
        if self._connection.transport != "local" or self._task.async_val:
            return super()._execute_module(module_name, module_args, **how)
        if args.get("progress_path"):
            with _waiting(os.path.expanduser(os.path.expandvars(str(args["progress_path"])))):
                return super()._execute_module(module_name, module_args, **how)
        host = str((how.get("task_vars") or {}).get("inventory_hostname", ""))
        prefix = f"{host}: {self._task.action.rpartition('.')[2]}: "
        with _followed(prefix if self._is_printed(args) else "") as path:
            result = super()._execute_module(module_name, {**args, "progress_path": path}, **how)
        told = (result.get("invocation") or {}).get("module_args") or {}
        if "progress_path" in told:
            told["progress_path"] = None  # as without this plugin: the user has named none
        return result

    def _is_printed(self, args: Any) -> bool:
        return not self._task.no_log and args.get("progress") != "none"


@contextmanager
def _followed(prefix: str) -> Iterator[str]:
    """A file whose new lines are printed, unless there is no prefix for them."""
    file, path = tempfile.mkstemp(prefix="velero_restore-", dir=constants.DEFAULT_LOCAL_TMP)
    os.close(file)
    try:
        with ExitStack() as stack:
            stack.enter_context(_waiting(path))
            if prefix:
                stack.enter_context(_Printed(path, prefix))
            yield path
    finally:
        with suppress(OSError):
            os.unlink(path)


@contextmanager
def _waiting(path: str) -> Iterator[None]:
    """Holds the lock for as long as this process and the one that it works for live; without one where it cannot be."""
    held, ended = _locked(path), threading.Event()
    if held is None:
        yield
        return
    watching = threading.Thread(target=_let_go_of, args=(held, os.getppid(), ended), daemon=True)
    start_deaf(watching)
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _locked(path: str) -> int | None:
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        return None
    return file


def _let_go_of(held: int, parent: int, ended: threading.Event) -> None:
    """When there is nobody left to hand the result to."""
    while not ended.wait(LOOK) and os.getppid() == parent:
        pass
    os.close(held)


class _Printed:
    """For a `with` statement: prints what is new in a file."""

    def __init__(self, path: str, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        self._display = Display()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._read = 0
        self._rest = b""

    def __enter__(self) -> None:
        start_deaf(self._thread)

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._print_new()

    def _follow(self) -> None:
        while not self._ended.wait(LOOK):
            self._print_new()

    def _print_new(self) -> None:
        """Whole lines only; what is no line yet is printed by the next look."""
        with suppress(OSError):
            with open(self._path, "rb") as file:
                file.seek(self._read)
                new = file.read(_MOST)
            self._read += len(new)
            *lines, self._rest = (self._rest + new).split(b"\n")
            for line in lines:
                self._display.display(self._prefix + line.decode("utf-8", "replace"))
