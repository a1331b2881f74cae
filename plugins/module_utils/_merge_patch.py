# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""JSON merge patch (RFC 7386) between two bodies.

As Kubernetes reads them: null is absent, a boolean is no number, 1 equals 1.0, and a list is one value, replaced whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ._values import Body, Path

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


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
    return tuple(_field(path) for path in _moved(before, project(live, patch), patch, ()))


def _moved(before: Body, now: Body, patch: Body, above: Path) -> Iterator[Path]:
    for key, value in patch.items():
        old, new = before.get(key), now.get(key)
        if isinstance(value, dict) and value and isinstance(old, dict) and isinstance(new, dict):
            yield from _moved(old, new, value, (*above, key))
        elif not same(old, new):
            yield (*above, key)


def _field(path: Path) -> str:
    """`metadata.labels[app.kubernetes.io/name]`: what is no plain word in brackets, controls escaped."""
    text = "".join(f".{key}" if _PLAIN_KEY.match(key) else f"[{json.dumps(key)[1:-1]}]" for key in path)
    return text.removeprefix(".")
