# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One term of a label selector: a key, an operator, and values.

Kubernetes 1.36, apimachinery, pkg/labels/selector.go (NewRequirement, Matches).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .._errors import SettingsError
from .validation import label_key_problems, label_value_problems


class Operator(str, Enum):
    """`=` and `==` are In with one value, `!=` is NotIn with one."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"
    GREATER = "Gt"
    LESS = "Lt"


_INTEGER = re.compile(r"[+-]?[0-9]+")
_INT64 = range(-(2**63), 2**63)


_BY_VALUE = {Operator.IN: True, Operator.NOT_IN: False}
_BY_KEY = {Operator.EXISTS: True, Operator.DOES_NOT_EXIST: False}
"""Whether the object's value must be among the term's, and whether the object must have the label."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """Made by `requirement`, which refuses what can never be meant."""

    key: str
    operator: Operator
    values: frozenset[str] = frozenset()

    @property
    def structure(self) -> dict[str, Any]:
        """As an entry of `matchExpressions`, which knows neither Gt nor Lt."""
        values = {"values": sorted(self.values)} if self.values else {}
        return {"key": self.key, "operator": self.operator.value, **values}

    def matches(self, labels: Mapping[str, Any]) -> bool:
        """An object without the label matches DoesNotExist and NotIn, and no other operator."""
        value = labels.get(self.key)
        if self.operator in _BY_VALUE:
            return (value in self.values) is _BY_VALUE[self.operator]
        if self.operator in _BY_KEY:
            return (self.key in labels) is _BY_KEY[self.operator]
        return self._compares(value)

    def _compares(self, value: Any) -> bool:
        """A label that is no integer matches neither Gt nor Lt."""
        label, (bound,) = _integer(value), map(_integer, self.values)
        if label is None or bound is None:
            return False
        return label > bound if self.operator is Operator.GREATER else label < bound


def requirement(key: str, operator: Operator, values: Iterable[str] = (), where: str = "") -> Requirement:
    """The term, or a SettingsError with all that is wrong with it; `where` is its place, ending in a dot."""
    given = list(values)
    found = [_invalid(f"{where}key", key, problem) for problem in label_key_problems(key)]
    found += _number_of_values(operator, given, where)
    for index, value in enumerate(given):
        if operator in (Operator.GREATER, Operator.LESS) and _integer(value) is None:
            problem = "for 'Gt', 'Lt' operators, the value must be an integer"
            found.append(_invalid(f"{where}values[{index}]", value, problem))
        problems = label_value_problems(value)
        found += [_invalid(f"{where}values[{index}][{key}]", value, problem) for problem in problems]
    if found:
        raise SettingsError(found)
    return Requirement(key, operator, frozenset(given))


def _number_of_values(operator: Operator, values: list[str], where: str) -> list[str]:
    match operator:
        case Operator.IN | Operator.NOT_IN:
            problem = "" if values else "for 'in', 'notin' operators, values set can't be empty"
        case Operator.EXISTS | Operator.DOES_NOT_EXIST:
            problem = "values set must be empty for exists and does not exist" if values else ""
        case _:
            problem = "" if len(values) == 1 else "for 'Gt', 'Lt' operators, exactly one value is required"
    return [_invalid(f"{where}values", values, problem)] if problem else []


def _invalid(field: str, value: object, problem: str) -> str:
    return f"{field}: Invalid value: {json.dumps(value, ensure_ascii=False)}: {problem}"


def _integer(value: Any) -> int | None:
    """A signed 64-bit integer, as Go reads it."""
    if not isinstance(value, str) or len(value) > 64 or not _INTEGER.fullmatch(value):
        return None
    number = int(value)
    return number if number in _INT64 else None
