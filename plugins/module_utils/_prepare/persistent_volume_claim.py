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
    volume = as_text(nested(body, "spec", "volumeName"))
    if volume in context.provisioned_volumes or _belongs_to_the_original(volume, body, context):
        body = without(body, ("spec",), ("volumeName",))
    return body


def _belongs_to_the_original(volume: str, body: Body, context: PrepareContext) -> bool:
    """Whether a claim that comes to another namespace names a volume that does not come along.

    Velero keeps the name: the copy waits for ever for the volume that the original is bound to, or takes it over once
    the original is gone.
    """
    namespace = as_text(nested(body, "metadata", "namespace"))
    is_mapped = namespace in context.namespace_mapping or namespace in context.namespace_mapping.values()
    return is_mapped and volume not in context.restored_volumes


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
