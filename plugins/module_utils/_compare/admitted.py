# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a patch comes to beside what the target would make of a new object: the answer to a dry-run create.

Admission, defaults of another version and other spellings make a live object differ from the backup for ever. Where a
new object would come out as the live one is, nothing has to be written; what admission would add again is not taken
away. Where it would come out as the backup says, and a patch is accepted without effect, the target ignores the change.

Only the fields of the patch are looked at: in all others the live object is what it is to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from .._merge_patch import apply, diff, field_name, leaves, project, same
from .._unstructured import as_maps, nested, without_nulls
from .._values import Body, Comparison
from .normalise import strip
from .rebase import ASKED, rebase
from .rebase_rules import RebaseRules

_MOST_PAIRS = 1_000_000
"""Of elements that are held beside each other; of longer lists nothing of the live one is known to be kept."""


class Admitted(NamedTuple):
    """One patch, judged."""

    patch: Body
    """What of it is left to be written; empty when a new object would be as the live one is."""
    arriving: tuple[str, ...]
    """Its fields that a new object would have as the backup says, labels and annotations apart: no API ignores these,
    and a policy that sets them back on updates alone ignores nothing."""


def admitted(
    resource: str, comparison: Comparison, desired: Body, answer: Body, extra: RebaseRules = (), keep: bool = True
) -> Admitted:
    """`answer` is that of a dry-run create of the desired body.

    `keep`: what only the live object has stays also where admission would give a new object another value there.
    """
    patch, live = comparison.patch, without_nulls(comparison.before)
    given = _given(resource, patch, desired, answer, extra)
    wanted = _wanted(live, apply(live, patch), given, keep) or {}
    rest = diff(live, wanted)
    return Admitted(rest, tuple(map(field_name, _arriving(rest, wanted, given))))


def _given(resource: str, patch: Body, desired: Body, answer: Body, extra: RebaseRules) -> Body:
    """The answer in the fields of the patch, without what the target allocates because nothing was asked for."""
    asked = apply(strip(desired, resource), patch)
    found: Body = without_nulls(project(rebase(resource, asked, strip(answer, resource), extra, ASKED), patch))
    return found


def _arriving(patch: Body, wanted: Body, given: Body) -> Iterator[tuple[str, ...]]:
    for path in leaves(patch):
        if path[0] != "metadata" and same(nested(wanted, *path), nested(given, *path)):
            yield path


def removes(comparison: Comparison) -> bool:
    """Whether the patch takes away what only the live object has."""
    live = without_nulls(comparison.before)
    return loses(live, apply(live, comparison.patch))


def loses(before: Any, after: Any) -> bool:
    """Whether anything that is in `before` is not in `after`, with whatever value."""
    if isinstance(before, dict) and isinstance(after, dict):
        return any(loses(value, after.get(key)) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        if _is_named(before) and _is_named(after):
            return loses(_by_name(before), _by_name(after))
        return len(before) > len(after) or any(map(loses, before, after))
    return before is not None and after is None


def _wanted(live: Any, wanted: Any, given: Any, keep: bool) -> Any:
    """What the live value is to become; None for nothing."""
    if same(live, given):
        return live
    if isinstance(given, dict) and all(value is None or isinstance(value, dict) for value in (live, wanted)):
        merged: Any = _wanted_map(live or {}, wanted or {}, given, keep)
    elif isinstance(given, list) and isinstance(live, list) and (wanted is None or isinstance(wanted, list)):
        merged = _wanted_list(live, wanted or [], given, keep)
    elif wanted is None:
        return live if keep and given is not None else None
    else:
        return wanted
    return None if wanted is None and not merged else merged


def _wanted_map(live: Body, wanted: Body, given: Body, keep: bool) -> Body:
    found = {key: _wanted(live.get(key), wanted.get(key), given.get(key), keep) for key in {**live, **wanted}}
    return {key: value for key, value in found.items() if value is not None}


def _wanted_list(live: list[Any], wanted: list[Any], given: list[Any], keep: bool) -> list[Any]:
    if all(map(_is_named, (live, wanted, given))):
        return _wanted_named(live, wanted, given, keep)
    if len(live) == len(wanted) == len(given):
        return [_wanted(*three, keep) for three in zip(live, wanted, given, strict=True)]
    if len(live) * (len(given) + len(wanted)) > _MOST_PAIRS:
        return wanted
    kept = [_has(given, element) and not _has(wanted, element) for element in live]
    return _woven(live, kept, wanted)


def _wanted_named(live: list[Any], wanted: list[Any], given: list[Any], keep: bool) -> list[Any]:
    mine, theirs, new = map(_by_name, (live, wanted, given))
    merged = [
        _wanted(mine[name], element, new[name], keep) if name in mine and name in new else element
        for name, element in theirs.items()
    ]
    kept = [name not in theirs and name in new and (keep or same(element, new[name])) for name, element in mine.items()]
    return _woven(live, kept, merged)


def _woven(live: list[Any], kept: list[bool], wanted: list[Any]) -> list[Any]:
    """The wanted elements in their order, the kept ones of the live list where they stand."""
    rest = iter(wanted)
    woven: list[Any] = []
    for element, stays in zip(live, kept, strict=True):
        woven.extend((element,) if stays else islice(rest, 1))
    return [*woven, *rest]


def _is_named(elements: list[Any]) -> bool:
    """Whether each is known by a name of its own."""
    names = [name for element in as_maps(elements) if isinstance(name := element.get("name"), str)]
    return len(elements) == len(names) == len(set(names))


def _by_name(elements: list[Any]) -> Body:
    return {element["name"]: element for element in elements}


def _has(elements: list[Any], wanted: Any) -> bool:
    return any(same(element, wanted) for element in elements)
