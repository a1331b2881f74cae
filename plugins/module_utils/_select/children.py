# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children that their owner knows by its own UID: restored, they can never be its own again.

A claim of the name that a Pod's ephemeral volume asks for, and that is not the Pod's, keeps the Pod from ever starting
(kubernetes, pkg/controller/volume/ephemeral). A Job takes no Pod for its own that bears another Job's UID, and a
CronJob no Job at all: production's work would be done once more.
"""

from __future__ import annotations

from collections.abc import Collection

from .. import _kinds
from .._unstructured import as_map, as_maps, as_text, nested
from .._values import BackupItem, Body

_UNADOPTED = {_kinds.PODS: _kinds.JOBS, _kinds.JOBS: _kinds.CRON_JOBS}
"""Child -> the owner whose controller adopts none; those of other workloads go by labels."""

_OWNERS = frozenset((*_UNADOPTED.values(), _kinds.PODS))
"""The types that have such children."""


def owners_in(items: Collection[BackupItem]) -> dict[str, BackupItem]:
    """Those that have any, by their UIDs in production."""
    named = {item.owner for item in items if item.owner}
    return {item.uid: item for item in items if item.uid in named and item.resource in _OWNERS}


def is_unadopted(child: BackupItem, owner: BackupItem) -> bool:
    """Whether the owner, on another cluster, makes a child of its own beside this one."""
    return _UNADOPTED.get(child.resource) == owner.resource


def is_made_for_pod(item: BackupItem, body: Body, pod: Body | None) -> bool:
    """Whether a controller makes it for the Pod that owns it; `pod` is None when that is not in the backup.

    Then the claim's name has to tell: some programs have their Pods own claims that no controller makes again.
    """
    owner = _controller(body)
    if (owner.get("apiVersion"), owner.get("kind")) != ("v1", "Pod"):
        return False
    if item.resource == _kinds.RESOURCE_CLAIMS:
        return True
    if item.resource != _kinds.CLAIMS:
        return False
    if pod is None:
        return item.key.name.startswith(f"{as_text(owner.get('name'))}-")
    return item.key.name in _ephemeral_claims(pod)


def _controller(body: Body) -> Body:
    owners = as_maps(nested(body, "metadata", "ownerReferences"))
    return next((owner for owner in owners if owner.get("controller") is True), {})


def _ephemeral_claims(pod: Body) -> set[str]:
    name = as_text(nested(pod, "metadata", "name"))
    volumes = as_maps(nested(pod, "spec", "volumes"))
    return {f"{name}-{as_text(volume.get('name'))}" for volume in volumes if as_map(volume.get("ephemeral"))}
