# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parts of bodies that nobody has checked: read without an exception, changed without touching the original.

A backup is not trusted: a spec may be a string, a list of ports null. Such a part reads as empty and is handed on as it
is, so that the API server is the one that refuses the object. Every change copies the path to it and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from ._values import Body, Named, Path

IDENTITY: tuple[Path, ...] = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
"""What tells which object a body is."""

SERVER_METADATA = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
    "uid",
)
"""Fields of metadata that an API server sets itself."""


def as_map(value: Any) -> Body:
    """The value when it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value when it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: Any) -> str:
    """The value when it is a string, else an empty one."""
    return value if isinstance(value, str) else ""


def as_maps(value: Any) -> list[Body]:
    """The maps among the value's elements, when it is a list."""
    return [element for element in value if isinstance(element, dict)] if isinstance(value, list) else []


def as_texts(value: Any) -> list[str]:
    """The strings among the value's elements, when it is a list."""
    return [element for element in value if isinstance(element, str)] if isinstance(value, list) else []


def nested(body: Any, *path: str) -> Any:
    """What lies at the path, or None."""
    for name in path:
        if not isinstance(body, dict):
            return None
        body = body.get(name)
    return body


def is_deeper(value: Any, levels: int) -> bool:
    """Whether maps and lists lie within one another beyond so many levels; found without a recursion."""
    level: list[Any] = [value] if isinstance(value, (dict, list)) else []
    for _level in range(levels):
        level = [inner for node in level for inner in _inner(node) if isinstance(inner, (dict, list))]
        if not level:
            return False
    return True


def _inner(node: Any) -> Iterable[Any]:
    return node.values() if isinstance(node, dict) else node


def labels_of(body: Body) -> Body:
    return as_map(nested(body, "metadata", "labels"))


def annotations_of(body: Body) -> Body:
    return as_map(nested(body, "metadata", "annotations"))


def service_asked(asking: Any, *path: str) -> tuple[str, str] | None:
    """Namespace and name of the Service that is asked there: by a webhook's clientConfig, or an APIService's spec."""
    service = nested(asking, *path, "service")
    return (as_text(nested(service, "namespace")), as_text(nested(service, "name"))) if service else None


def is_controlled(body: Body) -> bool:
    """Whether a live object has an owner that controls it; its controller says what becomes of it."""
    return any(
        as_map(owner).get("controller") is True for owner in as_list(nested(body, "metadata", "ownerReferences"))
    )


def without_nulls(value: Any) -> Any:
    """A copy in which no map, however deep, has a null in it: in Kubernetes' API that is absent."""
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(element) for element in value] if isinstance(value, list) else value


def replaced(body: Body, path: Path, value: Any) -> Body:
    """A copy with the value at the path; the body itself when the path leads through something that is no map."""
    name, rest = path[0], path[1:]
    if not rest:
        return {**body, name: value}
    inner = body.get(name)
    return {**body, name: replaced(inner, rest, value)} if isinstance(inner, dict) else body


def without(body: Body, path: Path, names: Collection[str]) -> Body:
    """A copy whose map at the path lacks these keys; the body itself when it has none of them."""
    inner = nested(body, *path)
    if not isinstance(inner, dict) or not any(name in inner for name in names):
        return body
    rest = {name: value for name, value in inner.items() if name not in names}
    return replaced(body, path, rest) if path else rest


def without_named(body: Body, names: Iterable[Named]) -> Body:
    """A copy without these labels and annotations; the body itself when it has none of them."""
    given = tuple(names)
    for kind in {kind for kind, _name in given}:
        body = without(body, ("metadata", kind), [name for of, name in given if of == kind])
    return body


def filtered(body: Body, path: Path, keep: Callable[[Any], bool]) -> Body:
    """A copy whose list at the path holds only what is kept, and lacks the list when that is nothing."""
    items = as_list(nested(body, *path))
    rest = [item for item in items if keep(item)]
    if len(rest) == len(items):
        return body
    return replaced(body, path, rest) if rest else without(body, path[:-1], (path[-1],))


def each(body: Body, path: Path, change: Callable[[Body], Body]) -> Body:
    """A copy in which every map in the list at the path is changed; the body itself when none is."""
    items = as_list(nested(body, *path))
    changed = [change(item) if isinstance(item, dict) else item for item in items]
    same = all(new is old for new, old in zip(changed, items, strict=True))
    return body if same else replaced(body, path, changed)


EACH = "*"
"""In a path to `revised` or `found`: every element of the list that lies there."""


def revised(value: Any, path: Path, change: Callable[[Any], Any]) -> Any:
    """A copy in which what lies at the path is changed; the value itself when nothing does, or changes."""
    if not path:
        return change(value)
    name, rest = path[0], path[1:]
    if name == EACH and isinstance(value, list):
        elements = [revised(element, rest, change) for element in value]
        return value if all(new is old for new, old in zip(elements, value, strict=True)) else elements
    if not isinstance(value, dict) or name not in value:
        return value
    inner = revised(value[name], rest, change)
    return value if inner is value[name] else {**value, name: inner}


def select(value: Any, path: Path) -> Iterator[Any]:
    """What lies at the path."""
    if not path:
        yield value
    elif path[0] == EACH and isinstance(value, list):
        for element in value:
            yield from select(element, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from select(value[path[0]], path[1:])
