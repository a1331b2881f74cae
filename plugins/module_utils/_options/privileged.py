# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`privileged_rules`: further rows of the table of what gives rights, or rows that make more of what it lists only."""

from __future__ import annotations

from typing import Any

from .._decide.privileged import OPTION
from .._decide.privileged_rules import PrivilegedRule
from .._kinds import NAMESPACES
from .._match.globs import pattern_problem
from .._match.reading import Reader, placed
from .._modify.json_patch import parts_of
from .._values import Path

WHY = "the user counts it among the privileged objects"

_FIELDS = ("resource", "labels", "annotations", "path", "values", "host_access")
_NAMESPACES = (NAMESPACES, "namespace", "ns")
"""As they may be spelled."""


def compile_privileged_rules(value: Any) -> tuple[tuple[PrivilegedRule, ...], list[str]]:
    """The rows in the user's order, and every problem that they have."""
    reader = Reader()
    rules = tuple(_rule(reader, where, given) for where, given in placed(OPTION, reader.elements(OPTION, value)))
    return rules, reader.problems


def _rule(reader: Reader, where: str, value: Any) -> PrivilegedRule:
    given = reader.fields(where, value, _FIELDS)
    resource = _resource(reader, f"{where}.resource", given.get("resource"))
    labels, annotations = (_names(reader, f"{where}.{field}", given.get(field)) for field in ("labels", "annotations"))
    path = _path(reader, f"{where}.path", given.get("path"))
    host_access = _flag(reader, f"{where}.host_access", given.get("host_access"))
    named = bool(labels or annotations)
    if resource.lower() in _NAMESPACES and (not named or path or host_access):
        reader.problem(where, "of Namespaces, which others need, only labels and annotations are withheld; name them")
    if named and (path or host_access):
        reader.problem(where, "labels and annotations have a rule of their own, apart from path and host_access")
    if given.get("values") and not path:
        reader.problem(f"{where}.values", "are those at a path; give that too")
    values = tuple(reader.elements(f"{where}.values", given.get("values")))
    return PrivilegedRule(resource, WHY, labels, annotations, path, values, host_access)


def _resource(reader: Reader, where: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        reader.problem(where, "must be given, as the name of a type or a pattern for some")
        return ""
    problem = pattern_problem(value.strip())
    if problem:
        reader.problem(where, problem)
    return value.strip()


def _names(reader: Reader, where: str, value: Any) -> tuple[str, ...]:
    names = []
    for place, name in placed(where, reader.elements(where, value)):
        problem = pattern_problem(name) if isinstance(name, str) and name.strip() else "must be a name, or a pattern"
        if problem:
            reader.problem(place, problem)
        else:
            names.append(name.strip())
    return tuple(names)


def _path(reader: Reader, where: str, value: Any) -> Path:
    if value in (None, ""):
        return ()
    if not isinstance(value, str):
        reader.problem(where, "must be a JSON Pointer, with * for every element of a list")
        return ()
    return reader.made(where, parts_of, value, ())


def _flag(reader: Reader, where: str, value: Any) -> bool:
    if value not in (None, "", True, False):
        reader.problem(where, "must be true or false")
    return value is True
