# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`hidden_fields`: values of any kind that are not shown, by the path that kubernetes.core's option of that name takes.

`metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]`, `spec.containers[0].env[3].value`; of our own
is `*`, which stands for every key or place. Refused is what could only be a slip, for then a value would be seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from .._values import Body, Path
from .mask import AFTER, BEFORE, mask_value

OPTION = "hidden_fields"
ANY = "*"
_PATH = re.compile(r"(?:[^.\[\]]+|\[[^\[\]]+\])(?:\.[^.\[\]]+|\.?\[[^\[\]]+\])*")
_STEP = re.compile(r"\[([^\[\]]+)\]|([^.\[\]]+)")
"""What stands in brackets may have points in it."""


@dataclass(frozen=True, slots=True)
class HiddenFields:
    """The paths whose values are not shown."""

    paths: tuple[Path, ...] = ()

    def hide(self, before: Body, after: Body) -> tuple[Body, Body]:
        """Both sides; which values are equal, which change and which are absent can still be told."""
        if not self.paths:
            return before, after
        return _map(before, after, self.paths, BEFORE), _map(after, before, self.paths, AFTER)


NOTHING_HIDDEN = HiddenFields()


def _map(body: Body, other: Any, paths: tuple[Path, ...], marker: str) -> Body:
    others = other if isinstance(other, dict) else {}
    return {key: _value(part, others.get(key), _below(paths, key), marker) for key, part in body.items()}


def _value(value: Any, other: Any, paths: tuple[Path, ...], marker: str) -> Any:
    if not paths:
        return value
    if not all(paths):
        return mask_value(value, other, marker)
    if isinstance(value, dict):
        return _map(value, other, paths, marker)
    return _list(value, other, paths, marker) if isinstance(value, list) else value


def _list(values: list[Any], other: Any, paths: tuple[Path, ...], marker: str) -> list[Any]:
    others = other if isinstance(other, list) else []
    return [
        _value(value, others[place] if place < len(others) else None, _below(paths, str(place)), marker)
        for place, value in enumerate(values)
    ]


def _below(paths: tuple[Path, ...], step: str) -> tuple[Path, ...]:
    return tuple(path[1:] for path in paths if path[0] in (step, ANY))


def compile_hidden(texts: tuple[str, ...]) -> tuple[HiddenFields, list[str]]:
    """From the option, and what is wrong with it."""
    paths = tuple(tuple(one or other for one, other in _STEP.findall(text)) for text in texts)
    return HiddenFields(paths), [
        f"{OPTION}: {text!r} is no path such as metadata.annotations[example.org/note]"
        for text in texts
        if not _PATH.fullmatch(text)
    ]
