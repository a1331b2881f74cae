# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The places that docs/architecture.md names, each a file, a line and a name: `_decide/decide.py:50` `TABLE`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/architecture.md")

_PLACE = re.compile(r"`(?P<file>[\w/]+\.py)(?::(?P<line>\d+))?` `(?P<name>[A-Za-z_][\w.]*)`")


def with_lines(page: str) -> str:
    """The page with the line at which each name stands today; a name that is not there is an error."""
    return _PLACE.sub(_with_line, page)


def _with_line(place: re.Match[str]) -> str:
    return f"`{place['file']}:{line_of(place['file'], place['name'])}` `{place['name']}`"


def line_of(file: str, name: str) -> int:
    """Where a name of the module, or `Class.method`, is defined; a path that names no folder is below module_utils."""
    path = ROOT / file if file.startswith(("plugins/", "tests/")) else ROOT / "plugins/module_utils" / file
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found: ast.stmt | None = None
    for part in name.split("."):
        found = next((node for node in body if part in _defined(node)), None)
        if found is None:
            raise LookupError(f"{PAGE} says that {file} defines {name}, and it does not")
        body = getattr(found, "body", [])
    return found.lineno if found else 0


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
