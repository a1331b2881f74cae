# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a structure that a user has written, so that one slip does not hide the next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from .._errors import SettingsError

_T = TypeVar("_T")


class Reader:
    """Collects problems and gives a blank value in place of what is wrong, so that the next thing is looked at too."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def problem(self, where: str, text: str) -> None:
        self.problems.append(f"{where}: {text}")

    def fields(self, where: str, value: Any, known: Collection[str]) -> Mapping[str, Any]:
        if value is not None and not isinstance(value, Mapping):
            self.problem(where, "must be a map")
            return {}
        for name in value or ():
            if name not in known:
                self.problem(where, f'unknown field "{name}"')
        return value or {}

    def elements(self, where: str, value: Any) -> list[Any]:
        if value is not None and not isinstance(value, list):
            self.problem(where, "must be a list")
            return []
        return value or []

    def made(self, where: str, make: Callable[[Any], _T], value: Any, blank: _T) -> _T:
        try:
            return make(value)
        except SettingsError as error:
            self.problems += [f"{where}: {problem}" for problem in error.problems]
        except ValueError as error:
            self.problem(where, str(error))
        return blank


def placed(where: str, values: list[Any]) -> Iterator[tuple[str, Any]]:
    """Each element with its place, as messages name it: `rules[2]`."""
    return ((f"{where}[{index}]", value) for index, value in enumerate(values))
