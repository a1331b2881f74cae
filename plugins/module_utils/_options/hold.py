# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`workloads`, `hold_rules`, `hold_except`, `hold_existing`: what is restored asleep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._hold.hold import Hold
from .._hold.production import ANNOTATION
from .._hold.rules import HoldRule
from .._match.globs import pattern_problem
from .._match.reading import Reader, placed
from .._modify.json_patch import parts_of
from .._unstructured import IDENTITY
from .._values import BACKUP_LABEL, RESTORE_LABEL, Path
from .texts import texts_of

HOLD = "hold"
WHEN_READY = "when_ready"
OPTION = "hold_rules"

_FIELDS = ("resource", "path", "value")
_NAMED = (("metadata", "labels"), ("metadata", "annotations"))
_OURS = (
    ("metadata", "annotations", ANNOTATION),
    ("metadata", "labels", BACKUP_LABEL),
    ("metadata", "labels", RESTORE_LABEL),
)


HOLD_SPEC: dict[str, dict[str, Any]] = {
    "workloads": {"type": "str", "choices": ["restore", HOLD], "default": "restore"},
    "webhooks": {"type": "str", "choices": ["restore", WHEN_READY], "default": "restore"},
    "hold_rules": {"type": "list", "elements": "dict", "default": []},
    "hold_except": {"type": "list", "elements": "str", "default": []},
    "hold_existing": {"type": "list", "elements": "str", "default": []},
    "allow_active": {"type": "str"},
}


def hold_of(params: Mapping[str, Any]) -> Hold:
    """What sleeps, with every problem of the rules; entries of names are looked at with all others."""
    reader = Reader()
    rules = tuple(_rule(reader, where, given) for where, given in placed(OPTION, params["hold_rules"] or []))
    return Hold(
        on=params["workloads"] == HOLD,
        webhooks=params.get("webhooks") == WHEN_READY,
        rules=rules,
        exceptions=texts_of(params["hold_except"]),
        existing=texts_of(params["hold_existing"]),
        protect_except=texts_of(params["protect_except"]),
        allow_active=params.get("allow_active") or "",
        problems=tuple(reader.problems),
    )


def _rule(reader: Reader, where: str, value: Any) -> HoldRule:
    given = reader.fields(where, value, _FIELDS)
    resource = given.get("resource")
    if not isinstance(resource, str) or not resource.strip():
        reader.problem(f"{where}.resource", "must be given, as the name of a type")
        resource = ""
    elif "*" in resource or pattern_problem(resource.strip()):
        reader.problem(f"{where}.resource", "must be one type: what makes it sleep holds for no other")
    path = _path(reader, f"{where}.path", given.get("path"))
    if "value" not in given:
        reader.problem(f"{where}.value", "must be given: what the field is in sleep, null for no such field")
    elif path[:2] in _NAMED and len(path) == 3 and not isinstance(given["value"], (str, type(None))):
        reader.problem(f"{where}.value", "must be a text, as labels and annotations are")
    return HoldRule(resource.strip(), path, given.get("value"))


def _path(reader: Reader, where: str, value: Any) -> Path:
    if not isinstance(value, str) or not value:
        reader.problem(where, "must be given, as a JSON Pointer such as /spec/replicas")
        return ("spec",)
    blank: Path = ("spec",)
    path = reader.made(where, parts_of, value, blank)
    problem = _path_problem(path)
    if problem:
        reader.problem(where, f"{value!r} {problem}")
    return path


def _path_problem(path: Path) -> str:
    """Why the field cannot make an object sleep; empty when it can."""
    if path[:1] in IDENTITY or path[:2] in IDENTITY or path == ("metadata",):
        return "is part of what the object is"
    if path[0] == "status":
        return "is what a controller says of the object, and makes nothing sleep"
    if path[0] == "metadata" and (len(path) != 3 or path[:2] not in _NAMED):
        return "is not compared: of metadata only one label or one annotation can be named"
    if any(step.isdigit() for step in path):
        return "leads through a list, of which a part cannot be remembered"
    if path in _OURS:
        return "is what this collection itself writes"
    return ""
