# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Label selectors, from the text form or from the structure that Kubernetes' objects have.

Velero 1.18 takes the structure in a Restore (pkg/restore/restore.go) and the text on its command line, where ` or `
parts the or-selectors (pkg/cmd/util/flag/orlabelselector.go). Kubernetes 1.36, apimachinery,
pkg/apis/meta/v1/helpers.go (LabelSelectorAsSelector).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .._errors import SettingsError
from .requirement import Operator, Requirement, requirement
from .selector_text import parse

_OR = re.compile(r"\s+or\s+")

_STRUCTURE = {"match_labels": "matchLabels", "match_expressions": "matchExpressions"}
"""Both spellings are read; messages have Kubernetes'."""

_OPERATORS = {
    operator.value: operator for operator in (Operator.IN, Operator.NOT_IN, Operator.EXISTS, Operator.DOES_NOT_EXIST)
}


@dataclass(frozen=True, slots=True)
class Selector:
    """All its requirements must match; without any it matches every object."""

    requirements: tuple[Requirement, ...] = ()

    @property
    def structure(self) -> dict[str, Any]:
        """As Kubernetes' objects have it; whatever form it was given in."""
        return {"matchExpressions": [requirement.structure for requirement in self.requirements]}

    def matches(self, labels: Mapping[str, Any]) -> bool:
        return all(requirement.matches(labels) for requirement in self.requirements)


def is_given(value: object) -> bool:
    """Whether an option says anything: None, blank text, an empty structure, and a list of such do not."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, list):
        return any(is_given(part) for part in value)
    return value is not None and value != {}


def compile_selector(value: object) -> Selector:
    """From text, or from a map with matchLabels and matchExpressions; matches everything when nothing is given.

    Raises a SettingsError with all that Kubernetes refuses, in its words.
    """
    if not is_given(value):
        return Selector()
    if isinstance(value, str):
        return Selector(parse(value))
    if isinstance(value, Mapping):
        return _compile_structure(value)
    raise SettingsError(["must be text (app=web,tier in (a,b)) or a map with matchLabels and matchExpressions"])


def compile_or_selectors(value: object) -> tuple[Selector, ...]:
    """From a list of selectors, or from text in which ` or ` stands between them; blank ones are passed over.

    Refused: an empty structure, for it would match every object and leave the others without effect.
    """
    if not is_given(value) and not isinstance(value, list):
        return ()
    parts = _OR.split(value.strip()) if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise SettingsError(["must be a list of label selectors, or text with ' or ' between them"])
    found: list[Selector] = []
    problems: list[str] = []
    for index, part in enumerate(parts):
        try:
            found += _alternative(part)
        except SettingsError as error:
            problems += [f"[{index}]: {problem}" for problem in error.problems]
    if problems:
        raise SettingsError(problems)
    return tuple(found)


def _alternative(part: object) -> list[Selector]:
    if part is None or (isinstance(part, str) and not part.strip()):
        return []
    selector = compile_selector(part)
    if not selector.requirements:
        raise SettingsError(["an empty selector matches everything"])
    return [selector]


def _compile_structure(value: Mapping[Any, Any]) -> Selector:
    fields: dict[str, Any] = {}
    problems: list[str] = []
    for name, content in value.items():
        field = _STRUCTURE.get(name, name)
        if field not in _STRUCTURE.values():
            problems.append(f'unknown field "{name}"')
        elif field in fields:
            problems.append(f'duplicate field "{field}"')
        fields[field] = content
    found: list[Requirement] = []
    for made in (*_labels(fields.get("matchLabels")), *_expressions(fields.get("matchExpressions"))):
        if isinstance(made, Requirement):
            found.append(made)
        else:
            problems += made.problems
    if problems:
        raise SettingsError(problems)
    return Selector(tuple(found))


_Made = Iterator[Requirement | SettingsError]


def _labels(content: object) -> _Made:
    if content is not None and not isinstance(content, Mapping):
        yield SettingsError(["matchLabels: must be a map of strings"])
        return
    for key, label in (content or {}).items():
        if isinstance(key, str) and isinstance(label, str):
            yield _tried(key, Operator.IN, [label], "matchLabels.")
        else:
            yield SettingsError([f"matchLabels[{key}]: key and value must be strings; put them in quotes"])


def _expressions(content: object) -> _Made:
    if content is not None and not isinstance(content, list):
        yield SettingsError(["matchExpressions: must be a list"])
        return
    for index, expression in enumerate(content or ()):
        yield _expression(expression, f"matchExpressions[{index}]")


def _expression(expression: object, where: str) -> Requirement | SettingsError:
    if not isinstance(expression, Mapping):
        return SettingsError([f"{where}: must be a map with key, operator and values"])
    problems = [f'{where}: unknown field "{name}"' for name in expression if name not in ("key", "operator", "values")]
    key, operator, values = expression.get("key"), expression.get("operator"), expression.get("values")
    if not isinstance(key, str):
        problems.append(f"{where}.key: must be a string")
    if values is not None and not (isinstance(values, list) and all(isinstance(one, str) for one in values)):
        problems.append(f"{where}.values: must be a list of strings; put them in quotes")
    if not isinstance(operator, str) or operator not in _OPERATORS:
        problems.append(f'{where}.operator: "{operator}" is not a valid label selector operator')
    if problems:
        return SettingsError(problems)
    return _tried(str(key), _OPERATORS[str(operator)], values or (), f"{where}.")


def _tried(key: str, operator: Operator, values: Iterable[str], where: str) -> Requirement | SettingsError:
    """So that one term's problems do not hide the next one's."""
    try:
        return requirement(key, operator, values, where)
    except SettingsError as error:
        return error
