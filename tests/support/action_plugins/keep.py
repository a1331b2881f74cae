# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what a template gives into a file, in check mode too: what a play registered, for the test that runs it.

ansible.builtin.copy does the same with three Python processes a file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """The task `keep: {dest: PATH, content: TEXT}`."""

    _VALID_ARGS = frozenset(("content", "dest"))

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """The file is the owner's alone."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        content = self._task.args["content"]
        path = Path(self._task.args["dest"])
        path.touch(mode=0o600)
        path.write_text(content, encoding="utf-8")
        return result
