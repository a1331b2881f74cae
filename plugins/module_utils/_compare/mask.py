# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Secret as it may be shown: which keys it has and which of them change, never a value.

Used only after comparing; nothing shown is derived from a value, neither a hash nor a length. What is not known to be
harmless is hidden, so that a misspelt or future field does not give its value away.
"""

from __future__ import annotations

from typing import Any

from .._merge_patch import same
from .._values import Body

UNCHANGED = "(unchanged)"
BEFORE = "(hidden: value before)"
AFTER = "(hidden: value after)"

_SHOWN = frozenset(("apiVersion", "kind", "type", "immutable"))
_SHOWN_METADATA = frozenset(("name", "namespace"))


def masked(before: Body, after: Body) -> tuple[Body, Body]:
    """Both bodies with every value hidden but type, immutable, identity and labels; equal values show as such."""
    return _mask(before, after, BEFORE), _mask(after, before, AFTER)


def _mask(body: Body, other: Body, marker: str) -> Body:
    return {key: _mask_field(key, value, other.get(key), marker) for key, value in body.items()}


def _mask_field(key: str, value: Any, other: Any, marker: str) -> Any:
    if key in _SHOWN and isinstance(value, (str, bool)):
        return value
    if key == "metadata" and isinstance(value, dict):
        others = other if isinstance(other, dict) else {}
        return {name: _mask_metadata(name, part, others.get(name), marker) for name, part in value.items()}
    return _mask_keys(value, other, marker)


def _mask_metadata(key: str, value: Any, other: Any, marker: str) -> Any:
    if key in _SHOWN_METADATA and isinstance(value, str):
        return value
    if key == "labels" and isinstance(value, dict):
        return {name: part if part is None or isinstance(part, str) else marker for name, part in value.items()}
    return _mask_keys(value, other, marker)


def _mask_keys(value: Any, other: Any, marker: str) -> Any:
    if not isinstance(value, dict):
        return mask_value(value, other, marker)
    others = other if isinstance(other, dict) else {}
    return {key: mask_value(part, others.get(key), marker) for key, part in value.items()}


def mask_value(value: Any, other: Any, marker: str) -> Any:
    """The marker, or that the value is that of the other side. Null stays: it says that the key is absent."""
    if value is None:
        return None
    return UNCHANGED if same(value, other) else marker
