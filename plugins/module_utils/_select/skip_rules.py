# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero leaves out item by item, and what the target's own controllers make.

Velero 1.18, pkg/restore/restore.go (isCompleted, restoreItem) and pkg/restore/actions/apiservice_action.go; the label
that excludes an object: design/restore-filter-enhancement of its main branch, August 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import _kinds
from .._unstructured import annotations_of, as_map, as_text, labels_of, nested
from .._values import BackupItem, Body, VolumeData
from .._vocabulary import Reason
from .protected import AUTOMANAGED

Place = tuple[str, str]
"""Namespace and name."""


def is_completed(item: BackupItem, body: Body) -> bool:
    """A Pod or Job that has done its work; it is not even listed."""
    if item.resource == _kinds.PODS:
        return nested(body, "status", "phase") in ("Succeeded", "Failed")
    return item.resource == _kinds.JOBS and bool(as_text(nested(body, "status", "completionTime")))


EXCLUDED = "velero.io/exclude-from-backup"


def is_excluded(body: Body) -> bool:
    """Whether its label says that the object belongs into no backup; one that has it all the same is not restored."""
    return labels_of(body).get(EXCLUDED) == "true"


_REFILLED = (VolumeData.FILE_SYSTEM_BACKUP, VolumeData.CSI_SNAPSHOT, VolumeData.DATA_UPLOAD)
"""For data saved in this way Velero provisions a new volume and fills it; a native snapshot becomes a volume itself."""


def left_out(item: BackupItem, body: Body, volumes: Mapping[str, VolumeData]) -> Reason | None:
    """Why Velero skips the object, whatever the options say; `volumes` are those whose data it has looked after."""
    match item.resource:
        case _ if is_excluded(body):
            return Reason.EXCLUDED_FROM_BACKUP
        case _kinds.PODS if annotations_of(body).get("kubernetes.io/config.mirror"):
            return Reason.MIRROR_POD
        case _kinds.VOLUMES if volumes.get(item.key.name) in _REFILLED:
            return Reason.DYNAMICALLY_PROVISIONED
        case _kinds.VOLUMES if nested(body, "spec", "persistentVolumeReclaimPolicy") == "Delete":
            return Reason.DYNAMICALLY_PROVISIONED
        case _kinds.API_SERVICES if AUTOMANAGED in labels_of(body):
            return Reason.PROTECTED
    return None


def selects_pods(body: Body) -> bool:
    """Whether a Service has a selector, so that a controller keeps its Endpoints and EndpointSlices."""
    return bool(as_map(nested(body, "spec", "selector")))


_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_SLICE_CONTROLLERS = ("endpointslice-controller.k8s.io", "endpointslicemirroring-controller.k8s.io")
"""Of the target: the second one mirrors Endpoints, of a Service without a selector."""


def is_controller_made(item: BackupItem, body: Body, selecting: frozenset[Place] | set[Place]) -> bool:
    """Whether a controller of the target makes such an object for one of these Services, or for any (IPAddresses)."""
    match item.resource:
        case _kinds.ENDPOINTS:
            return (item.key.namespace, item.key.name) in selecting
        case _kinds.ENDPOINT_SLICES if labels_of(body).get(_MANAGED_BY) in _SLICE_CONTROLLERS:
            return True
        case _kinds.ENDPOINT_SLICES:
            return (item.key.namespace, as_text(labels_of(body).get("kubernetes.io/service-name"))) in selecting
    return item.resource == "ipaddresses.networking.k8s.io"
