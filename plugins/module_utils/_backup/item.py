# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One file of a backup, read into a BackupItem.

A body of no use is no exception but an item with a `problem`: that object fails alone. Refused: what is not UTF-8 or
not JSON as an API server writes it (a key twice, NaN, no object, nested absurdly), and an object that is not the one
its path promises or whose metadata is not of the API's types. Whether the kind is that of the folder's resource, only
discovery knows.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from itertools import chain
from sys import intern
from typing import Any

from .._memory import LARGEST_BODY, is_heavier
from .._values import BackupItem, Body, ObjectKey
from .layout import Place

LONGEST_UID = 253
"""Characters; an API server's have 36. They are kept of every object."""

MAX_NESTING = 200
"""Levels: the schemas of CRDs have less than 100, and Python code that walks a body stops at about 1,000."""

_KIND = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,62}")
_API_VERSION = re.compile(r"(?:(?P<group>[a-z0-9][-.a-z0-9]*)/)?(?P<version>[a-z0-9][-a-z0-9]{0,62})")


class _Problem(ValueError):
    """Why a body is of no use, as the end of a sentence."""


def item_of(place: Place, data: bytes, number: int) -> BackupItem:
    """The item of a default copy, whose body has this number."""
    kind = version = ""
    try:
        body = _parse(data)
        kind = _matched(_KIND, body.get("kind"), "has no kind, or one that is not a name")[0]
        api = _matched(_API_VERSION, body.get("apiVersion"), "has no apiVersion, or one that is not group/version")
        version = api["version"]
        if (api["group"] or "") != _group(place.resource):
            raise _Problem("has an apiVersion whose group is not that of its folder")
        metadata = _metadata(body, place)
    except _Problem as problem:
        return broken_item(place, str(problem), kind, version)
    return BackupItem(
        key=_key(place, kind),
        resource=place.resource,
        version=intern(version),
        number=number,
        size=len(data),
        uid=intern(metadata.get("uid") or ""),
        owner=intern(_controller(metadata)),
    )


def broken_item(place: Place, problem: str, kind: str = "", version: str = "") -> BackupItem:
    """An item whose body is of no use, known as well as may be: without a kind, the plural stands for it."""
    return BackupItem(_key(place, kind or place.resource.partition(".")[0]), place.resource, version, problem=problem)


def _key(place: Place, kind: str) -> ObjectKey:
    return ObjectKey(_group(place.resource), intern(kind), place.namespace, place.name)


def _group(resource: str) -> str:
    return intern(resource.partition(".")[2])


def _matched(pattern: re.Pattern[str], value: Any, problem: str) -> re.Match[str]:
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise _Problem(problem)
    return found


def _metadata(body: Body, place: Place) -> Body:
    """The metadata, when it has the API's types and is that of the object at this place."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        raise _Problem("has no metadata")
    for field, (fits, problem) in _METADATA.items():
        value = metadata.get(field)
        if value is not None and not fits(value):
            raise _Problem(problem)
    if metadata.get("name") != place.name:
        raise _Problem("has not the name that its path has")
    if (metadata.get("namespace") or "") != place.namespace:
        raise _Problem("has not the namespace that its path has")
    return metadata


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_uid(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_UID


def _is_map_of_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def _is_list_of_owners(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(owner, dict) and _is_uid(owner.get("uid")) for owner in value)


_METADATA: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (_is_text, "has a metadata.name that is not text"),
    "namespace": (_is_text, "has a metadata.namespace that is not text"),
    "uid": (_is_uid, "has a metadata.uid that is not text, or too long for one"),
    "labels": (_is_map_of_texts, "has metadata.labels that are not a map of texts"),
    "annotations": (_is_map_of_texts, "has metadata.annotations that are not a map of texts"),
    "ownerReferences": (_is_list_of_owners, "has metadata.ownerReferences that are not a list of owners"),
}
"""What must be so where the field is there, because every later room relies on it."""


def _controller(metadata: Body) -> str:
    """UID of the owner that controls the object; the API allows one at most."""
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller") is True:
            return str(owner["uid"])
    return ""


def _parse(data: bytes) -> Body:
    if is_heavier(data, LARGEST_BODY):
        raise _Problem(_TOO_HEAVY)
    try:
        body = _DECODER.decode(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise _Problem("is not UTF-8") from None
    except RecursionError:
        raise _Problem(_TOO_DEEP) from None
    except _Problem:
        raise
    except ValueError:  # besides broken JSON, an integer of more digits than Python reads
        raise _Problem("is not valid JSON") from None
    if not isinstance(body, dict):
        raise _Problem("is not a JSON object")
    if data.count(b"{") + data.count(b"[") > MAX_NESTING and _too_deep(body):
        raise _Problem(_TOO_DEEP)
    return body


_TOO_HEAVY = f"would take more than {LARGEST_BODY >> 20} MiB of memory"
_TOO_DEEP = f"is nested more than {MAX_NESTING} levels deep"


def _too_deep(body: Body) -> bool:
    level: list[Any] = [body]
    for _level in range(MAX_NESTING):
        below = chain.from_iterable(node.values() if isinstance(node, dict) else node for node in level)
        level = [child for child in below if isinstance(child, (dict, list))]
        if not level:
            return False
    return True


def _unique(pairs: list[tuple[str, Any]]) -> Body:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Problem("has a key twice in its JSON")
    return found


def _no_number(_constant: str) -> float:
    raise _Problem("has NaN or Infinity in its JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)
