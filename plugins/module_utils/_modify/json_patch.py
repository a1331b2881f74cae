# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Patch (RFC 6902) as a rule's `patches` and `matches` have it.

Velero 1.18, internal/resourcemodifiers/json_patch.go and github.com/evanphx/json-patch 5.9: a value is text that is
typed by its look; a `test` of a missing key is one for null; an index may count from the end. The library `jsonpatch`
makes the changes, on copies of the containers along the path only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .._merge_patch import same
from .._values import Body, Path
from .patch import PatchError, Schemas
from .text import parse_json

try:
    import jsonpatch
    from jsonpointer import JsonPointerException
except ImportError:
    HAS_JSONPATCH = False
else:
    HAS_JSONPATCH = True

MISSING_JSONPATCH = (
    "JSON patches need the Python package jsonpatch on the host that runs the module; or write mergePatches"
)

OPERATIONS = frozenset(("add", "copy", "move", "remove", "replace", "test"))
WITH_FROM = frozenset(("copy", "move"))
WITH_VALUE = frozenset(("add", "replace", "test"))

_FLOAT = re.compile(
    r"[-+]?(\d[\d_]*(\.[\d_]*)?|\.\d[\d_]*)(e[-+]?\d[\d_]*)?|[-+]?(inf|infinity)|nan", re.IGNORECASE | re.ASCII
)
_HEX_FLOAT = re.compile(r"[-+]?0x[0-9a-f_]*(\.[0-9a-f_]*)?p[-+]?\d+", re.IGNORECASE | re.ASCII)
"""Each text in one way only: where a point may be missing between two runs of digits, 10,000 of them take seconds."""
_SCALAR = 4
"""Bytes of a number, true or null, about."""
_INDEX = re.compile(r"-?(0|[1-9][0-9]*)")


MOST_COPIED = 3 << 20
"""Bytes of JSON that the copies of one rule may come to, as in an API server: 22 of them can double an object each."""


class Missing(Exception):
    """A path of which not even the parent is there."""


def typed(text: str) -> Any:
    """The value that Velero makes of a patch's `value`; raises ValueError where it makes broken JSON of it.

    null, true, false, numbers, {…} and […] are JSON; all else is a string, and so is what stands in quotes. In a
    string a backslash escapes as in JSON. A number so large that Go refuses it is a string.
    """
    if len(text) > 1 and text[0] == text[-1] == '"':
        return json.loads(text)
    if text == '"':  # Velero takes away the one quote at either end
        return ""
    if text == "null" or text.lower() in ("true", "false") or text[:1] in ("{", "["):
        return parse_json(text)
    if _is_number(text):
        return parse_json(text)
    return json.loads(f'"{text}"')


def _is_number(text: str) -> bool:
    """Whether Go's ParseFloat takes it; `.5` or `+1` it does, and then they are broken JSON."""
    if _HEX_FLOAT.fullmatch(text):
        return True
    if not _FLOAT.fullmatch(text):
        return False
    try:
        value = float(text.replace("_", ""))
    except ValueError:
        return False
    return not (abs(value) == float("inf") and "n" not in text.lower())


def parts_of(pointer: str) -> Path:
    """A JSON pointer's parts; raises ValueError unless it starts with `/` and escapes rightly."""
    if not pointer.startswith("/"):
        raise ValueError("path must start with /")
    if re.search(r"~(?![01])", pointer):
        raise ValueError("in a path, ~ stands only in ~0 (for ~) and ~1 (for /)")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))


def value_at(body: Body, path: Path) -> Any:
    """What a `test` sees: the value, None for a key that is missing. Raises Missing when no map or list is above it."""
    found: Any = body
    for depth, part in enumerate(path, 1):
        if isinstance(found, dict):
            found = found.get(part)
        elif isinstance(found, list):
            found = found[_index(part, len(found))]
        else:
            raise Missing
        if found is None and depth < len(path):
            raise Missing
    return found


def passes(body: Body, path: Path, value: Any) -> bool:
    """Whether the test holds; raises Missing as value_at."""
    return same(value_at(body, path), value)


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    path: Path
    pointer: str
    """The path as the user wrote it, for messages."""
    source: Path = ()
    """`from`"""
    value: Any = None


@dataclass(frozen=True, slots=True)
class JsonPatch:
    """The operations of one rule, which all apply or none."""

    operations: tuple[Operation, ...]

    def apply(self, body: Body, schemas: Schemas) -> Body:  # noqa: ARG002 - the shape of a Patch
        """The changed body; the body itself when a test fails, which is no error in Velero either."""
        result, room = body, MOST_COPIED
        for operation in self.operations:
            try:
                if operation.name == "copy":
                    room = _room_left(room, result, operation)
                if operation.name != "test":
                    result = _changed(result, operation)
                elif not passes(result, operation.path, operation.value):
                    return body
            except Missing:
                raise PatchError(f"{operation.name} {operation.pointer}: the object has no such path") from None
        return result


def _room_left(room: int, body: Body, operation: Operation) -> int:
    """After the copy; a PatchError when there is none. What is beyond is not looked at: it may have no end in sight."""
    due: list[Any] = [_existing(body, operation.source)]
    while due:
        value = due.pop()
        room -= len(value) + 2 if isinstance(value, (str, dict, list)) else _SCALAR
        if room < 0:
            raise PatchError(f"copy {operation.pointer}: the rule copies more than {MOST_COPIED >> 20} MiB")
        if isinstance(value, dict):
            due.extend(value)
            due.extend(value.values())
        elif isinstance(value, list):
            due.extend(value)
    return room


def _changed(body: Body, operation: Operation) -> Body:
    if operation.name not in WITH_FROM:
        return _one(body, operation.name, operation.path, operation.value)
    value = _existing(body, operation.source)
    if operation.name == "move":
        body = _one(body, "remove", operation.source, None)
    return _one(body, "add", operation.path, value)


def _existing(body: Body, path: Path) -> Any:
    parent = value_at(body, path[:-1])
    if isinstance(parent, dict) and path[-1] not in parent:
        raise Missing
    return value_at(body, path)


def _one(body: Body, name: str, path: Path, value: Any) -> Body:
    opened, exact = _opened(body, path, growing=name == "add")
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in exact)
    try:
        jsonpatch.JsonPatch([{"op": name, "path": pointer, "value": value}]).apply(opened, in_place=True)
    except (jsonpatch.JsonPatchException, JsonPointerException):
        raise Missing from None
    return opened


def _opened(body: Body, path: Path, growing: bool) -> tuple[Body, Path]:
    """A copy of the body in which the containers along the path can be changed, and the path with plain indices."""
    top = dict(body)
    here: Any = top
    exact: list[str] = []
    for part in path[:-1]:
        key = part if isinstance(here, dict) else _index(part, len(here))
        inner = here.get(key) if isinstance(here, dict) else here[key]
        if not isinstance(inner, (dict, list)):
            raise Missing
        here[key] = inner.copy()
        here = here[key]
        exact.append(str(key))
    last = path[-1]
    if isinstance(here, list) and not (growing and last == "-"):
        last = str(_index(last, len(here) + growing))
    return top, (*exact, last)


def _index(part: str, size: int) -> int:
    """An index into so many elements; raises Missing for any other."""
    index = int(part) if _INDEX.fullmatch(part) and len(part) < 10 else size
    if not -size <= index < size:
        raise Missing
    return index + size if index < 0 else index
