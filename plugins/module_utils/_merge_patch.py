# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON merge patch (RFC 7386) between two bodies.

As Kubernetes reads them: null is absent, a boolean is no number, 1 equals 1.0, and a list is one value, replaced whole.

In custom resources a null is a value, at any depth, which no merge patch can write: NULL stands for it in the bodies
that are compared and in the patches between them, and `exact` makes of such a patch one that can be sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ._values import Body, Path

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


class _Null:
    """There is one, known by identity."""

    def __repr__(self) -> str:
        return "null"

    def __copy__(self) -> _Null:
        return self

    def __deepcopy__(self, _memo: Any) -> _Null:
        return self


NULL = _Null()
"""A null that is a value."""


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; Python alone would say that True equals 1 and that null is a value."""
    if one is other:
        return True
    if isinstance(one, dict):
        return isinstance(other, dict) and _same_dicts(one, other)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _same_dicts(one: Body, other: Body) -> bool:
    for key, value in one.items():
        found = other.get(key)
        if isinstance(value, str):  # most leaves are texts: not worth a call
            if value != found:
                return False
        elif not same(value, found):
            return False
    return one.keys() == other.keys() or all(key in one or value is None for key, value in other.items())


def spelled(value: Any) -> str:
    """Equal for values that are the same, but that 1 is not 1.0: to find one among very many."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)


def diff(before: Body, after: Body) -> Body:
    """The smallest merge patch from `before` to `after`: {} when they are equal, null for what only `before` has."""
    patch: Body = {}
    for key, old in before.items():
        new = after.get(key)
        if old is new:
            continue
        if isinstance(old, dict) and isinstance(new, dict):
            inner = diff(old, new)
            if inner:
                patch[key] = inner
        elif not same(old, new):
            patch[key] = new
    for key, new in after.items():
        if new is not None and key not in before:
            patch[key] = new
    return patch


def apply(body: Body, patch: Body) -> Body:
    """The body with the patch applied: a new body that shares all that the patch does not touch."""
    result = dict(body)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            old = result.get(key)
            result[key] = apply(old if isinstance(old, dict) else {}, value)
        else:
            result[key] = value
    return result


def project(body: Body, patch: Body) -> Body:
    """The values that the body has where the patch would write, absent ones as None: nobody else may touch these.

    Where the patch has an object and the body some other value, that value would be overwritten: it is taken whole.
    """
    return {key: _project_one(body.get(key), value) for key, value in patch.items()}


def _project_one(value: Any, patch: Any) -> Any:
    if isinstance(patch, dict) and patch and (value is None or isinstance(value, dict)):
        return project(value or {}, patch)
    return value


def changed_fields(before: Body, live: Body, patch: Body) -> tuple[str, ...]:
    """The fields that the patch would write and that are in `live` no longer as `before`, a projection, has them."""
    return tuple(map(field_name, _moved(before, project(live, patch), patch, ())))


def field_names(patch: Body) -> tuple[str, ...]:
    """The fields that a patch speaks of, as people write them."""
    return tuple(map(field_name, leaves(patch)))


def is_part(patch: Any, whole: Any) -> bool:
    """Whether a merge patch writes nothing that another one does not write too."""
    if isinstance(patch, dict) and isinstance(whole, dict):
        return all(key in whole and is_part(value, whole[key]) for key, value in patch.items())
    return same(patch, whole)


def leaves(patch: Body, above: Path = ()) -> Iterator[Path]:
    """The paths at which a patch writes."""
    for key, value in patch.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*above, key))
        elif value != {}:
            yield (*above, key)


def _moved(before: Body, now: Body, patch: Body, above: Path) -> Iterator[Path]:
    for key, value in patch.items():
        old, new = before.get(key), now.get(key)
        if isinstance(value, dict) and value and isinstance(old, dict) and isinstance(new, dict):
            yield from _moved(old, new, value, (*above, key))
        elif not same(old, new):
            yield (*above, key)


def field_name(path: Path) -> str:
    """`metadata.labels[app.kubernetes.io/name]`: what is no plain word in brackets, controls escaped."""
    text = "".join(f".{key}" if _PLAIN_KEY.match(key) else f"[{json.dumps(key)[1:-1]}]" for key in path)
    return text.removeprefix(".")


def with_nulls(value: Any) -> Any:
    """The value with NULL for every null in it."""
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {key: with_nulls(child) for key, child in value.items()}
    return list(map(with_nulls, value)) if isinstance(value, list) else value


def as_json(value: Any) -> Any:
    """The value with a null for every NULL in it."""
    if value is NULL:
        return None
    if isinstance(value, dict):
        return {key: as_json(child) for key, child in value.items()}
    return list(map(as_json, value)) if isinstance(value, list) else value


def says_null(patch: Any) -> bool:
    """Whether a merge patch cannot write what this one says."""
    if isinstance(patch, dict):
        return any(map(says_null, patch.values()))
    return any(map(says_null, patch)) if isinstance(patch, list) else patch is NULL


def exact(live: Body, patch: Body) -> list[Body]:
    """The JSON Patch (RFC 6902) that does to the whole live object what the merge patch says, nulls as values included.

    It replaces whole fields, which is right only for this very object: it tests the resourceVersion that was read.
    """
    wanted = apply(live, patch)
    fields: list[Path] = [(name,) for name in patch if name != "metadata"]
    fields += [("metadata", name) for name in patch.get("metadata") or () if name != "resourceVersion"]
    test = {"op": "test", "path": "/metadata/resourceVersion", "value": live["metadata"]["resourceVersion"]}
    return [test, *(operation for field in fields for operation in _operation(live, wanted, field))]


def _operation(live: Body, wanted: Body, field: Path) -> Iterator[Body]:
    path = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in field)
    before, after = _at(live, field), _at(wanted, field)
    if after is not None:
        yield {"op": "add", "path": path, "value": as_json(after)}
    elif before is not None:
        yield {"op": "remove", "path": path}


def _at(body: Any, field: Path) -> Any:
    for name in field:
        body = (body or {}).get(name)
    return body
