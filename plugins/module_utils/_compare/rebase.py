# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The target's values in the fields that belong to it: rebase, never drop.

A merge patch replaces lists whole, so a field merely ignored in the comparison would still be written. Where the live
object has a value at a row's path, it is put into the desired one before the two are compared; where it has none, the
backup's stays. Bodies are stripped, malformed ones tolerated, none edited.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from .._unstructured import as_maps
from .._values import Body, Path
from .field_source import FieldSource, absent, answered_node_ports, node_ports, target, unset
from .rebase_rules import EVERY, REBASE_RULES, RebaseRules

_EACH = "[name]"

_ANSWERED: dict[FieldSource, FieldSource] = {unset: target, absent: target, node_ports: answered_node_ports}
"""A dry run's answer has a value in these fields too: one allocated anew, or the one that was asked for."""


def rebase(resource: str, live: Body, desired: Body, extra: RebaseRules = (), *, answered: bool = False) -> Body:
    """The desired body with the target's values in all that is the target's; `resource` is `<plural>[.<group>]`.

    `answered`: the desired body is the answer of a dry run, and the live one is what was wanted of it.
    """
    table = (*EVERY, *REBASE_RULES.get(resource, ()))
    if extra:
        table = (*(row for row in extra if not row.last), *table, *(row for row in extra if row.last))
    return by_rows(table, live, desired, answered=answered)


def by_rows(rows: RebaseRules, live: Body, desired: Body, *, answered: bool = False) -> Body:
    """The desired body with the target's values by these rows alone, in their order."""
    for row in rows:
        if row.when is None or row.when(live, desired):
            pick = _ANSWERED.get(row.pick, row.pick) if answered else row.pick
            desired = _rebase_at(live, desired, _steps(row.path), pick)
    return desired


@cache
def _steps(path: str) -> Path:
    return tuple(path.replace(_EACH, f".{_EACH}").split(".")) if path else ()


def _rebase_at(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    """The desired value itself, not a copy, when the row changes nothing in it."""
    if live is None:
        return desired
    if not path:
        return pick(live, desired)
    if path[0] == _EACH:
        return _rebase_each(live, desired, path[1:], pick)
    if not isinstance(live, dict) or not (desired is None or isinstance(desired, dict)):
        return desired
    old = None if desired is None else desired.get(path[0])
    new = _rebase_at(live.get(path[0]), old, path[1:], pick)
    return desired if new is old else {**(desired or {}), path[0]: new}


def _rebase_each(live: Any, desired: Any, path: Path, pick: FieldSource) -> Any:
    if not isinstance(desired, list):
        return desired
    namesakes = {name: element for element in as_maps(live) if isinstance(name := element.get("name"), str)}
    return [_rebase_at(_namesake(namesakes, element), element, path, pick) for element in desired]


def _namesake(namesakes: dict[str, Body], element: Any) -> Body | None:
    name = element.get("name") if isinstance(element, dict) else None
    return namesakes.get(name) if isinstance(name, str) else None
