# SPDX-FileCopyrightText: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module velero_report with the templates of role report: they lie on the controller, the report need not.

The module renders them, where the report lies and without Ansible's templating: what a report says is never evaluated.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action.normal import ActionModule as NormalAction

TEMPLATES = Path(__file__).parents[2] / "roles/report/templates"


class ActionModule(NormalAction):
    """Ansible looks for this name."""

    def _execute_module(self, module_name: Any = None, module_args: Any = None, **how: Any) -> Any:
        args = dict(self._task.args if module_args is None else module_args)
        given = args.get("templates") or {}
        host = (how.get("task_vars") or {}).get("inventory_hostname", "")
        args |= {"templates": {**_templates(), **given}, "cluster": args.get("cluster") or host}
        result = super()._execute_module(module_name, args, **how)
        told = (result.get("invocation") or {}).get("module_args") or {}
        if "templates" in told:
            told["templates"] = given  # those of the collection are no news
        return result


def _templates() -> dict[str, str]:
    """Their texts, by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(TEMPLATES.iterdir())}
