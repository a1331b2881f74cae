# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The view in which a live object and the backup's are compared.

Not seen: apiVersion and kind (the items of a list lack them), status, and all of metadata but labels and annotations,
the two restore labels apart; those belong to the target or to this collection. Nulls are not seen either, but for those
of custom resources, where they are values and NULL stands for them.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

from .._kinds import keeps_nulls
from .._merge_patch import as_json, with_nulls
from .._unstructured import as_map, without_nulls
from .._values import BACKUP_LABEL, EMPTY, RESTORE_LABEL, Body

_UNSEEN = frozenset(("apiVersion", "kind", "metadata", "status"))


def strip(body: Body, resource: str = "") -> Body:
    """What of the body is compared. It shares with the body all that has no null in it.

    Labels and annotations are always there, if empty: a patch then names the keys that it removes, and can never
    be `metadata: null` or take the restore labels along with a whole map.
    """
    clean = _with_nulls if keeps_nulls(resource) else _clean
    stripped = {key: clean(value) for key, value in body.items() if value is not None and key not in _UNSEEN}
    meta = as_map(body.get("metadata"))
    stripped["metadata"] = {
        "labels": _without_restore_labels(_clean(meta.get("labels"))),
        "annotations": _map(_clean(meta.get("annotations"))),
    }
    return stripped


def _map(value: Any) -> Any:
    """An absent map is an empty one; anything else stands, for the server to refuse."""
    return EMPTY if value is None else value


def _without_restore_labels(labels: Any) -> Any:
    if isinstance(labels, dict) and (BACKUP_LABEL in labels or RESTORE_LABEL in labels):
        return {key: value for key, value in labels.items() if key not in (BACKUP_LABEL, RESTORE_LABEL)}
    return _map(labels)


def _clean(value: Any) -> Any:
    """Look first, then copy: hardly any object holds a null."""
    return without_nulls(value) if _has_null(value) else value


def _with_nulls(value: Any) -> Any:
    return with_nulls(value) if _has_null(value) else value


def _has_null(value: Any) -> bool:
    if isinstance(value, dict):
        for child in value.values():
            if child is None or (isinstance(child, (dict, list)) and _has_null(child)):
                return True
    elif isinstance(value, list):
        for child in value:
            if isinstance(child, (dict, list)) and _has_null(child):
                return True
    return False


def digest(stripped: Body) -> bytes:
    """A short stand-in for a stripped body.

    It leaves memory only for the Secret that keeps the object's old body, so that nothing of a Secret is shown by it.
    """
    text = json.dumps(stripped, sort_keys=True, separators=(",", ":"), default=as_json)
    return blake2b(text.encode(), digest_size=16).digest()
