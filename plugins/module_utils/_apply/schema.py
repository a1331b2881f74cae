# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that a definition has since it was updated: API servers that do not know it yet drop them without an error.

Both schemas come from bodies that nobody has checked, and are read as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any

from .._merge_patch import apply
from .._unstructured import as_list, as_map, as_maps, as_text, nested
from .._values import EMPTY, Body, Comparison, Path

GainedFields = dict[tuple[str, str], tuple[Path, ...]]
"""(resource, version) -> the topmost fields that objects of it have now and had not before."""

EACH, ANY = "[]", "*"
"""In such a path: every element of a list, every key of a map. No field of a definition is called so."""

_FREE = "x-kubernetes-preserve-unknown-fields"
_NESTED = (("items", EACH), ("additionalProperties", ANY))


def gained_fields(definition: str, comparison: Comparison | None) -> GainedFields:
    """What the update of a CustomResourceDefinition of this name brings, for each version that has something new."""
    if comparison is None:
        return {}
    before, after = (_schemas(body) for body in (comparison.before, comparison.patch))
    found = {
        (definition, version): tuple(_gained(before[version], schema, ()))
        for version, schema in after.items()
        if version in before
    }
    return {place: paths for place, paths in found.items() if paths}


def _schemas(body: Body) -> dict[str, Body]:
    """The list of versions is replaced whole: it is in the patch, and in what was there, if anything in it differs."""
    return {
        as_text(version.get("name")): as_map(nested(version, "schema", "openAPIV3Schema"))
        for version in as_maps(nested(body, "spec", "versions"))
    }


def _gained(before: Body, after: Body, above: Path) -> Iterator[Path]:
    had, has = as_map(before.get("properties")), as_map(after.get("properties"))
    was_free = before.get(_FREE) is True
    if after.get(_FREE) is True and not was_free:
        yield (*above, ANY)
    for name, node in has.items():
        if name in had:
            yield from _gained(as_map(had[name]), as_map(node), (*above, name))
        elif not was_free:
            yield (*above, name)
    for inner, step in _NESTED:
        if isinstance(before.get(inner), dict) and isinstance(after.get(inner), dict):
            yield from _gained(before[inner], after[inner], (*above, step))


def lacking(paths: Iterable[Path], sent: Body, answer: Body) -> Body:
    """A merge patch of what lies at the paths in `sent` and not in the answer; lists go whole."""
    patch = EMPTY
    for path in paths:
        part = _lacking(path, sent, answer)
        if part is not None:
            patch = apply(patch, part)
    return patch


def _lacking(path: Path, sent: Any, answer: Any) -> Any:
    if not path:
        return sent if answer is None else None
    step, rest = path[0], path[1:]
    if isinstance(sent, list):
        pairs = zip_longest(sent, as_list(answer)[: len(sent)])
        return sent if step == EACH and any(_lacking(rest, *pair) is not None for pair in pairs) else None
    if not isinstance(sent, dict):
        return None
    there = as_map(answer)
    parts = {
        name: _lacking(rest, sent[name], there.get(name)) for name in (sent if step == ANY else [step]) if name in sent
    }
    found = {name: part for name, part in parts.items() if part is not None}
    return found or None


def speaks_of(paths: Iterable[Path], field: str) -> bool:
    """Whether a field, as the API server names one that it does not know, is one of these."""
    return any(re.fullmatch(_pattern(path), field) for path in paths)


def _pattern(path: Path) -> str:
    steps = (r"\[\]" if step == EACH else r"\..+" if step == ANY else re.escape(f".{step}") for step in path)
    return "".join(steps).removeprefix(re.escape("."))
