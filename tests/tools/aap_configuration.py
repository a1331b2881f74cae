# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description that role awx has of its objects, as variable files for infra.aap_configuration.

Both are the same text, but for the names by which that collection knows its lists.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path("extensions/awx/aap_configuration")
NAMES = {
    "__awx_credential_types": "controller_credential_types",
    "__awx_execution_environments": "controller_execution_environments",
    "__awx_hosts": "controller_hosts",
    "__awx_inventories": "controller_inventories",
    "__awx_job_templates": "controller_templates",
    "__awx_notifications": "controller_notifications",
    "__awx_projects": "controller_projects",
    "__awx_schedules": "controller_schedules",
    "__awx_workflows": "controller_workflows",
}
"""Of the role -> of infra.aap_configuration."""
WHAT_TO_SET = "awx.yml"
"""The role's defaults: the one file that is written in."""

_NAME = re.compile("|".join(rf"\b{name}\b" for name in NAMES))
_HEAD = re.compile(r"\A---\n(# SPDX.*\n)+")


def variable_files(role: Path, command: str) -> dict[Path, str]:
    """Path below the collection -> text."""
    files = {path.name: path for path in sorted((role / "vars" / "main").glob("*.yml"))}
    files[WHAT_TO_SET] = role / "defaults" / "main.yml"
    return {FOLDER / name: _text(path, role, command) for name, path in files.items()}


def _text(path: Path, role: Path, command: str) -> str:
    text = path.read_text(encoding="utf-8")
    head = _HEAD.match(text)
    if head is None:
        raise ValueError(f"{path} does not begin with whose it is")
    made = f"# Made from {path.relative_to(role.parent.parent)} by `{command}`.\n"
    return head.group() + made + _NAME.sub(lambda found: NAMES[found.group()], text[head.end() :])
