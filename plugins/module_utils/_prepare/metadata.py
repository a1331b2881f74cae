# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every object loses before it meets a cluster: the traces of the one it comes from.

Velero 1.18, pkg/restore/restore.go, resetMetadata and resetStatus. Ours drops managedFields as well, for it never sends
them, and the two labels of an earlier restore, which are not the user's.
"""

from __future__ import annotations

from typing import Any

from .._unstructured import SERVER_METADATA
from .._values import BACKUP_LABEL, RESTORE_LABEL, Body

_SOURCE_CLUSTERS = frozenset((*SERVER_METADATA, "generateName", "ownerReferences"))


def reset(body: Body) -> Body:
    """Without status and the source cluster's metadata; metadata that is no map is left for the server to refuse."""
    result = {name: value for name, value in body.items() if name != "status"}
    metadata = body.get("metadata")
    if isinstance(metadata, dict):
        result["metadata"] = _reset(metadata)
    return result


def _reset(metadata: Body) -> Body:
    result = {name: value for name, value in metadata.items() if name not in _SOURCE_CLUSTERS}
    labels = result.get("labels")
    if isinstance(labels, dict):
        result["labels"] = {name: value for name, value in labels.items() if name not in (BACKUP_LABEL, RESTORE_LABEL)}
    for name in ("labels", "annotations"):
        if _empty_map(result.get(name)):
            del result[name]
    return result


def _empty_map(value: Any) -> bool:
    return isinstance(value, dict) and not value
