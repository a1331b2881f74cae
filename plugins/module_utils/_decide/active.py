# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore leaves alone while some namespaces of the standby serve as production."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .._kinds import NAMESPACES, PROJECTS, VOLUMES
from .._unstructured import as_text, nested
from .._values import BackupItem, Body, Change, ObjectKey
from .._vocabulary import NOT_IN_SYNC, Action, Reason

_TO_EXISTING = frozenset((Action.UPDATE, Action.RELABEL, Action.DELETE))


def spared(change: Change, active: frozenset[str], body_of: Callable[[BackupItem], Body] | None = None) -> Change:
    """The change, or that there is none; `active` are names of Namespaces on the target.

    Nothing in an active namespace is written. Cluster-scoped objects that are there serve it too, whosever they are;
    those that are missing come, but for the Namespaces themselves and volumes of their claims, which `body_of` tells.
    """
    if not active or (change.action is Action.SKIP and change.reason not in NOT_IN_SYNC):
        return change
    if not (_lies_in(change.key, change.ref.resource, active) or _is_theirs(change, active, body_of)):
        return change
    return replace(change, action=Action.SKIP, reason=Reason.ACTIVE, detail="")


def is_spared(key: ObjectKey, resource: str, active: frozenset[str]) -> bool:
    """Whether one that is there is neither changed nor deleted."""
    return bool(active) and (not key.namespace or _lies_in(key, resource, active))


def _lies_in(key: ObjectKey, resource: str, active: frozenset[str]) -> bool:
    return (key.name if resource in (NAMESPACES, PROJECTS) else key.namespace) in active


def _is_theirs(change: Change, active: frozenset[str], body_of: Callable[[BackupItem], Body] | None) -> bool:
    if change.key.namespace:
        return False
    if change.action in _TO_EXISTING:
        return True
    if change.ref.resource != VOLUMES or body_of is None or not isinstance(change.ref, BackupItem):
        return False
    return as_text(nested(body_of(change.ref), "spec", "claimRef", "namespace")) in active
