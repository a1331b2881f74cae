# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A field that is the target's altogether: the desired body gets the live value, or loses what the live object lacks.

The path is that of a JSON Pointer (RFC 6901). In a list a number is a place, as there; of our own is `key=value`, the
first map with that value, such as `name=web`, since places move. Elements are taken as pairs: what lies in an element
that only one side has is as the backup has it, as in an object that is created. An element that is named itself
(`…/initContainers/name=proxy`) comes and goes with the target's; one by its place is only ever replaced, since others
would move. Nothing is edited in place.
"""

from __future__ import annotations

import re
from typing import Any

from .._values import Body, Path
from .field_source import FieldSource

_PLACE = re.compile(r"0|[1-9][0-9]{0,8}")


def copy_live(path: Path) -> FieldSource:
    """A pick for whole bodies."""

    def pick(live: Any, desired: Any) -> Any:
        return copied_live(live, desired, path)

    return pick


def may_enter_list(path: Path) -> bool:
    return any(_PLACE.fullmatch(step) or "=" in step for step in path)


def copied_live(live: Any, desired: Any, path: Path) -> Any:
    """The desired value with the live one at the path; itself when that changes nothing. None is absent."""
    if not path:
        return live
    shape = live if desired is None else desired
    if isinstance(shape, dict):
        return _in_map(live if isinstance(live, dict) else None, desired, path)
    if isinstance(shape, list):
        return _in_list(live if isinstance(live, list) else None, desired, path)
    return desired


def _in_map(live: Body | None, desired: Body | None, path: Path) -> Body | None:
    """A map that the live object lacks is not made for a field that was taken out of it."""
    step = path[0]
    old = None if desired is None else desired.get(step)
    new = copied_live(None if live is None else live.get(step), old, path[1:])
    if new is old:
        return desired
    if new is not None:
        return {**(desired or {}), step: new}
    rest = {key: value for key, value in (desired or {}).items() if key != step}
    return rest if rest or live is not None else None


def _in_list(live: list[Any] | None, desired: list[Any] | None, path: Path) -> list[Any] | None:
    mine, place = _place(live, path[0]), _place(desired, path[0])
    if live is not None and mine is not None and desired is not None and place is not None:
        new = copied_live(live[mine], desired[place], path[1:])
        if new is None or new is desired[place]:
            return desired
        return [*desired[:place], new, *desired[place + 1 :]]
    if len(path) > 1 or _PLACE.fullmatch(path[0]):
        return desired
    if desired is not None and place is not None:
        rest = [*desired[:place], *desired[place + 1 :]]
        return rest if rest or live is not None else None
    if live is not None and mine is not None:
        return [*(desired or ())[:mine], live[mine], *(desired or ())[mine:]]
    return desired


def _place(elements: list[Any] | None, step: str) -> int | None:
    """Where in the list the step leads."""
    if elements is None:
        return None
    if _PLACE.fullmatch(step):
        place = int(step)
        return place if place < len(elements) and elements[place] is not None else None
    key, equals, value = step.partition("=")
    if not equals:
        return None
    return next((place for place, element in enumerate(elements) if _says(element, key, value)), None)


def _says(element: Any, key: str, value: str) -> bool:
    found = element.get(key) if isinstance(element, dict) else None
    return found == value or (isinstance(found, int) and not isinstance(found, bool) and str(found) == value)
