# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The target's values in the fields that belong to it: rebase, never drop.

A merge patch replaces lists whole, so a field merely ignored in the comparison would still be written. The live value
at a row's path is put into the desired body before the two are compared; where the live object has none, a row that
says target takes the backup's away. Bodies are stripped, malformed ones tolerated, none edited.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from .._unstructured import as_maps
from .._values import Body, Path
from .field_source import (
    FieldSource,
    absent,
    asked_node_ports,
    following,
    node_ports,
    target,
    trust_anchor,
    unset,
)
from .rebase_rules import EVERY, REBASE_RULES, RebaseRules

_EACH = "[name]"

Swap = Mapping[FieldSource, FieldSource]
"""Other sources for some rows."""

ASKED: Swap = {unset: target, absent: target, node_ports: asked_node_ports}
"""For a dry run's answer, in which the target allocates anew what was left open: there only what was asked for counts.
Then the desired body is the answer, and the live one is what was asked."""

TRUSTING: Swap = {trust_anchor: following}
"""For certificate authorities that follow the backup's."""


def rebase(resource: str, live: Body, desired: Body, extra: RebaseRules = (), swap: Swap | None = None) -> Body:
    """The desired body with the target's values in all that is the target's; `resource` is `<plural>[.<group>]`."""
    table = (*EVERY, *REBASE_RULES.get(resource, ()))
    if extra:
        table = (*(row for row in extra if not row.last), *table, *(row for row in extra if row.last))
    return by_rows(table, live, desired, swap)


def by_rows(rows: RebaseRules, live: Body, desired: Body, swap: Swap | None = None) -> Body:
    """The desired body with the target's values by these rows alone, in their order."""
    swapped = swap or {}
    for row in rows:
        if row.when is None or row.when(live, desired):
            desired = _rebase_at(live, desired, _steps(row.path), swapped.get(row.pick, row.pick))
    return desired


@cache
def _steps(path: str) -> Path:
    return tuple(path.replace(_EACH, f".{_EACH}").split(".")) if path else ()


def _rebase_at(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    """The desired value itself, not a copy, when the row changes nothing in it; None when it is to be absent."""
    if not path:
        return pick(live, desired)
    if path[0] == _EACH:
        return _rebase_each(live, desired, path[1:], pick)
    if not all(value is None or isinstance(value, dict) for value in (live, desired)):
        return desired
    old = None if desired is None else desired.get(path[0])
    new = _rebase_at(None if live is None else live.get(path[0]), old, path[1:], pick)
    if new is old:
        return desired
    if new is None:
        return {name: value for name, value in (desired or {}).items() if name != path[0]}
    return {**(desired or {}), path[0]: new}


def _rebase_each(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    """What only the backup has in a list is as the backup has it."""
    if not isinstance(desired, list):
        return desired
    namesakes = {name: element for element in as_maps(live) if isinstance(name := element.get("name"), str)}
    rebased = [
        element if (found := _namesake(namesakes, element)) is None else _rebase_at(found, element, path, pick)
        for element in desired
    ]
    return desired if all(new is old for new, old in zip(rebased, desired, strict=True)) else rebased


def _namesake(namesakes: dict[str, Body], element: Any) -> Body | None:
    name = element.get("name") if isinstance(element, dict) else None
    return namesakes.get(name) if isinstance(name, str) else None
