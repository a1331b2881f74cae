# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Namespace that exists takes labels and annotations from the backup and loses none; all else is the target's."""

from __future__ import annotations

from typing import Any

from .._unstructured import as_map
from .._values import Body

_MAPS = ("labels", "annotations")

_NAME_LABEL = "kubernetes.io/metadata.name"
"""Set by the API server."""
_SCC_PREFIX = "openshift.io/sa.scc."
"""UID ranges and SELinux levels that OpenShift hands out, one cluster at a time."""
_RANCHER_DOMAIN = "cattle.io"
"""Rancher's own notes: ids of the projects and clusters that it manages."""


def merge(live: Body, desired: Body) -> Body:
    """The live Namespace with the backup's labels and annotations set, but for those that the target hands out."""
    meta, wanted = as_map(live.get("metadata")), as_map(desired.get("metadata"))
    return {**live, "metadata": {**meta, **{field: _set(meta.get(field), wanted.get(field)) for field in _MAPS}}}


def _set(mine: Any, theirs: Any) -> Any:
    if not isinstance(mine, dict) or not isinstance(theirs, dict):
        return mine
    return {**mine, **{key: value for key, value in theirs.items() if not _handed_out(key)}}


def _handed_out(key: str) -> bool:
    domain = key.partition("/")[0]
    return (
        key == _NAME_LABEL
        or key.startswith(_SCC_PREFIX)
        or ("/" in key and (domain == _RANCHER_DOMAIN or domain.endswith(f".{_RANCHER_DOMAIN}")))
    )
