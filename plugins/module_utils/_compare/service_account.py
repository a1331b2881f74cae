# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceAccounts are merged, never overwritten (Velero 1.18, pkg/restore/merge_service_account.go)."""

from __future__ import annotations

from typing import Any

from .._merge_patch import diff, field_names, spelled
from .._unstructured import as_map
from .._values import Body

_REFERENCES = ("secrets", "imagePullSecrets")
_MAPS = ("labels", "annotations")
_IN_PART = (*_REFERENCES, "metadata")


def merge(live: Body, desired: Body) -> Body:
    """The live account with what only the backup has: fields, references by name, labels and annotations by key.

    Whatever the live one has stands, also where the backup says otherwise. Both are stripped; neither is edited.
    """
    meta, wanted = as_map(live.get("metadata")), as_map(desired.get("metadata"))
    lacking = {field: value for field, value in desired.items() if field not in live and field not in _REFERENCES}
    references = {field: _united(live.get(field), desired.get(field)) for field in _REFERENCES}
    maps = {field: _added(meta.get(field), wanted.get(field)) for field in _MAPS}
    merged = {**live, **lacking, **{field: value for field, value in references.items() if value is not None}}
    merged["metadata"] = {**meta, **maps}
    return merged


def not_merged(live: Body, desired: Body) -> tuple[str, ...]:
    """The fields in which the live account keeps another value than the backup's."""
    merged = merge(live, desired)
    patch = {field: value for field, value in diff(merged, {**merged, **desired}).items() if field not in _IN_PART}
    meta, wanted = as_map(merged.get("metadata")), as_map(desired.get("metadata"))
    maps = {field: _others(as_map(meta.get(field)), as_map(wanted.get(field))) for field in _MAPS}
    return field_names({**patch, "metadata": {field: value for field, value in maps.items() if value}})


def _others(mine: Body, theirs: Body) -> Body:
    return {key: value for key, value in theirs.items() if key in mine and mine[key] != value}


def _united(mine: Any, theirs: Any) -> Any:
    """In the live order, the new ones behind; an element without a name says nothing and is left out."""
    if not isinstance(theirs, list) or not (mine is None or isinstance(mine, list)):
        return mine
    united = list(mine or ())
    known = {spelled(as_map(element).get("name")) for element in united}
    for element in theirs:
        name = as_map(element).get("name")
        if name and spelled(name) not in known:
            united.append(element)
            known.add(spelled(name))
    return united or mine


def _added(mine: Any, theirs: Any) -> Any:
    return {**theirs, **mine} if isinstance(mine, dict) and isinstance(theirs, dict) else mine
