# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that a target of another version, or its admission, does not keep or fills in, told once a type.

An API server drops without a word what a feature gate of its own switches off, and sets what newer ones default. What
an object still differs in once it is stored, or for good, is just that. Labels, annotations and the keys of data are
left out: they are no fields of a version's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from .._merge_patch import field_name
from .._unstructured import as_map, as_maps
from .._values import Body, Comparison, Path

_NO_FIELDS = frozenset(("binaryData", "data", "metadata", "stringData"))
_NOTHING: tuple[Any, ...] = (None, {}, [])
_EACH = "[]"


class TargetFields:
    """What was noted of each type. Fit for many threads: a set takes an element at once."""

    def __init__(self) -> None:
        self.dropped: dict[str, set[str]] = {}
        """Of the backup, and not on the target."""
        self.filled: dict[str, set[str]] = {}
        """On the target, and not of the backup."""

    def note(self, resource: str, comparison: Comparison) -> None:
        """Notes what an object that was just written, or that nothing can be written to, still differs in."""
        patch = {name: value for name, value in comparison.patch.items() if name not in _NO_FIELDS}
        for path, is_dropped in _patched(comparison.before, patch, ()):
            found = self.dropped if is_dropped else self.filled
            found.setdefault(resource, set()).add(_spelled(path))

    def unknown(self, told: dict[str, set[str]]) -> dict[str, list[str]]:
        """What was dropped of each type, without what the API server itself tells of and what lies in that."""
        found = {
            resource: sorted(field for field in fields if not _is_told(field, told.get(resource, ())))
            for resource, fields in sorted(self.dropped.items())
        }
        return {resource: fields for resource, fields in found.items() if fields}


_Found = Iterator[tuple[Path, bool]]


def _patched(before: Body, patch: Body, above: Path) -> _Found:
    """What a merge patch would add (dropped) and take away (filled in); `before` has no more than the patch names."""
    for name, value in patch.items():
        path, old = (*above, name), before.get(name)
        if value is None:
            yield path, False
        elif isinstance(value, dict) and value:
            yield from _patched(as_map(old), value, path)
        else:
            yield from _beside(old, value, path)


def _beside(mine: Any, theirs: Any, path: Path) -> _Found:
    """Whole values: the target's beside the backup's."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for name in (*theirs, *(name for name in mine if name not in theirs)):
            yield from _beside(mine.get(name), theirs.get(name), (*path, name))
    elif isinstance(mine, list) and isinstance(theirs, list):
        for pair in _pairs(mine, theirs):
            yield from _beside(*pair, (*path, _EACH))
    elif mine in _NOTHING and theirs not in _NOTHING:
        yield path, True
    elif theirs in _NOTHING and mine not in _NOTHING:
        yield path, False


def _pairs(mine: list[Any], theirs: list[Any]) -> Iterable[tuple[Any, Any]]:
    """By position in lists of one length, else by name; nothing stands beside an element that only one side has."""
    if len(mine) == len(theirs):
        return zip(mine, theirs, strict=True)
    ours, others = _named(mine), _named(theirs)
    if len(ours) == len(mine) and len(others) == len(theirs):
        return [(ours.get(name), others.get(name)) for name in {**ours, **others}]
    return zip_longest(mine, theirs)


def _named(elements: list[Any]) -> dict[str, Body]:
    return {str(element["name"]): element for element in as_maps(elements) if "name" in element}


def _spelled(path: Path) -> str:
    """As an API server names a field that it does not know: `spec.template.spec.containers[].resizePolicy`."""
    text = "".join(step if step == _EACH else f".{field_name((step,))}" for step in path)
    return text.removeprefix(".").replace(".[", "[")


def _is_told(field: str, told: Iterable[str]) -> bool:
    return any(f"{field}.".startswith((f"{one}.", f"{one}[")) or one.startswith(f"{field}.") for one in told)
