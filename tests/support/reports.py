# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a report as its readers may: held against the published schema first, which must know every name in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

SCHEMA_PATH = Path(__file__).resolve().parents[2] / "docs/report.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_PATH.read_text(encoding="utf-8"))


def closed(schema: Any) -> Any:
    """The schema without room for names that it does not have: a reader passes them over, a test must not."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    if made.get("type") == "object" and "properties" in made:
        made.setdefault("additionalProperties", False)
    return made


CLOSED = Draft202012Validator(closed(SCHEMA), format_checker=FormatChecker())


def problems_of(report: Any) -> list[str]:
    """What the schema, closed, has against a report."""
    return [f"{error.json_path}: {error.message}" for error in CLOSED.iter_errors(report)]


def validated(report: dict[str, Any]) -> dict[str, Any]:
    """The same report; an AssertionError when it is not as the schema says."""
    problems = problems_of(report)
    if problems:
        raise AssertionError("the report is not as docs/report.schema.json says:\n" + "\n".join(problems[:20]))
    return report


def read_report(path: Path) -> dict[str, Any]:
    return validated(json.loads(path.read_bytes()))
