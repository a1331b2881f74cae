# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PersistentVolumeClaims: what binder and provisioner wrote, and what a claim was once made from.

Velero 1.18, pkg/restore/actions/pvc_action.go; pkg/restore/restore.go for the volume that is provisioned anew. Velero's
keeps a source that is gone, for which the provisioner waits for ever, unless it restores the snapshot itself
(pkg/restore/actions/csi/pvc_action.go).
"""

from __future__ import annotations

from collections.abc import Iterator

from .._unstructured import as_map, as_text, nested, without
from .._values import Body, ObjectKey
from .context import PrepareContext
from .persistent_volume import BINDER_ANNOTATIONS

_ANNOTATIONS = (
    *BINDER_ANNOTATIONS,
    "velero.io/data-upload-name",
    "velero.io/volume-snapshot-name",
    "volume.beta.kubernetes.io/storage-provisioner",
    "volume.kubernetes.io/selected-node",
    "volume.kubernetes.io/storage-provisioner",
)
_SOURCES = ("dataSource", "dataSourceRef")
"""The API server keeps both alike, but for sources that the older field does not take."""


def rewrite(body: Body, context: PrepareContext) -> Body:
    """A claim on a volume that is provisioned anew names no volume: else it would wait for ever for the old one."""
    body = without(body, ("metadata", "annotations"), _ANNOTATIONS)
    if as_text(nested(body, "spec", "volumeName")) in context.provisioned_volumes:
        body = without(body, ("spec",), ("volumeName",))
    return body


def without_source(body: Body) -> Body:
    """The claim as one that is made from nothing."""
    return without(body, ("spec",), _SOURCES)


def sources_of(body: Body, namespace: str) -> Iterator[ObjectKey]:
    """What a claim in this namespace is made from."""
    for field in _SOURCES:
        source = as_map(nested(body, "spec", field))
        group, kind, name = (as_text(source.get(part)) for part in ("apiGroup", "kind", "name"))
        if kind and name:
            yield ObjectKey(group, kind, as_text(source.get("namespace")) or namespace, name)
