# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module velero_restore as any module is run, and prints how far it is while it waits.

The module adds its lines to a file that is made here; what is new in it is printed as it comes, the last line included.
Where nobody could read along (another host, async, no_log, progress: none, a file of the user's own) nothing is done.
"""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import suppress
from typing import Any

from ansible import constants
from ansible.plugins.action.normal import ActionModule as NormalAction
from ansible.utils.display import Display

LOOK = 0.5
"""Seconds between two looks into the file."""
_MOST = 64 << 10
"""Bytes that one look takes: a line is short, and seconds lie between two."""


class ActionModule(NormalAction):
    """Ansible looks for this name."""

    def _execute_module(self, module_name: Any = None, module_args: Any = None, **how: Any) -> Any:
        args = self._task.args if module_args is None else module_args
        if not self._is_watched(args):
            return super()._execute_module(module_name, module_args, **how)
        host = str((how.get("task_vars") or {}).get("inventory_hostname", ""))
        with _Followed(f"{host}: {self._task.action.rpartition('.')[2]}: ") as path:
            result = super()._execute_module(module_name, {**args, "progress_path": path}, **how)
        told = (result.get("invocation") or {}).get("module_args") or {}
        if "progress_path" in told:
            told["progress_path"] = None  # as without this plugin: the user has named none
        return result

    def _is_watched(self, args: Any) -> bool:
        return (
            self._connection.transport == "local"
            and not self._task.async_val
            and not self._task.no_log
            and not args.get("progress_path")
            and args.get("progress") != "none"
        )


class _Followed:
    """A file for a `with` statement, whose new lines are printed."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._display = Display()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._read = 0
        self._rest = b""

    def __enter__(self) -> str:
        file, self._path = tempfile.mkstemp(prefix="velero_restore-", dir=constants.DEFAULT_LOCAL_TMP)
        os.close(file)
        self._thread.start()
        return self._path

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()
        self._print_new()
        with suppress(OSError):
            os.unlink(self._path)

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
