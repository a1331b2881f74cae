# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a live object when the delta looks at it, and what keeps it from being deleted whatever else holds.

Its body is kept only where a diff is to show it: there may be many.
"""

from __future__ import annotations

from typing import NamedTuple

from .._inventory.entries import NO_LABELS, Labels
from .._kinds import CLAIMS, CRDS, NAMESPACES, PROJECTS, STATEFUL_SETS, VOLUMES
from .._match.entries import is_named
from .._prune_words import KeepReason
from .._select.protected import protected_by
from .._unstructured import as_map, as_text, as_texts, is_controlled, labels_of, nested
from .._values import BACKUP_LABEL, EMPTY, RESTORE_LABEL, Body, ObjectKey, ObjectRef, Resource
from .active import is_spared


class LiveObject(NamedTuple):
    """An object of the delta as the target has it."""

    ref: ObjectRef
    """For whoever deletes it."""
    uid: str
    keep: KeepReason | None = None
    """Why it is kept, as far as the object itself tells."""
    detail: str = ""
    labels: Labels = NO_LABELS
    """Values of its two labels of a restore; empty where it has none."""
    body: Body = EMPTY
    """Empty unless a diff is to show it."""
    resource_version: str = ""
    copied: bool = False
    """The target has it as a copy in the state namespace alone."""


class PruneExemptions(NamedTuple):
    """What the user says of objects that are never to be deleted."""

    state_namespace: str = ""
    protect_except: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    """`resource`, `resource/name` or `resource/namespace/name` of what is deleted only when named."""
    with_bodies: bool = False
    """Whether a diff is to show what goes."""
    active: frozenset[str] = frozenset()
    """Namespaces that serve as production."""


def live_object(key: ObjectKey, resource: Resource, body: Body, exemptions: PruneExemptions) -> LiveObject:
    """What matters of the body that a read of the target gave for the key."""
    ref = ObjectRef(key, resource.name, resource.version)
    keep, detail = _kept(ref, body, exemptions)
    labels = as_text(labels_of(body).get(BACKUP_LABEL)), as_text(labels_of(body).get(RESTORE_LABEL))
    shown = body if exemptions.with_bodies and keep is None else EMPTY
    uid, version = (as_text(nested(body, "metadata", field)) for field in ("uid", "resourceVersion"))
    return LiveObject(ref, uid, keep, detail, labels, shown, version)


def bears(live: LiveObject, labels: tuple[str | None, str | None]) -> bool:
    """Whether it has the labels that have to prove who made it, those that are not None."""
    return all(wanted is None or wanted == has for wanted, has in zip(labels, live.labels, strict=True))


def _kept(ref: ObjectRef, body: Body, exemptions: PruneExemptions) -> tuple[KeepReason | None, str]:
    place = ref.key.name if ref.resource in (NAMESPACES, PROJECTS) else ref.key.namespace
    if place and place == exemptions.state_namespace:
        return KeepReason.STATE_NAMESPACE, ""
    if is_spared(ref.key, ref.resource, exemptions.active):
        return KeepReason.ACTIVE, ""
    rule = protected_by(ref, body, exemptions.protect_except)
    if rule:
        return KeepReason.PROTECTED, rule
    if nested(body, "metadata", "deletionTimestamp"):
        return KeepReason.TERMINATING, held_by(ref.resource, body)
    if is_controlled(body):
        return KeepReason.HAS_CONTROLLER, ""
    if _takes_along(ref, body) and not is_named(ref, exemptions.allow):
        return KeepReason.NOT_NAMED, ""
    return None, ""


def held_by(resource: str, body: Body) -> str:
    """What an object whose deletion has begun waits for, finalizers or its end; empty when nothing holds it."""
    holding = as_texts(nested(body, "metadata", "finalizers"))
    if resource == NAMESPACES:  # emptied first, by the finalizer in its spec
        holding += as_texts(nested(body, "spec", "finalizers"))
    if holding:
        return f"it is held by: {', '.join(holding)}"
    grace = nested(body, "metadata", "deletionGracePeriodSeconds")
    return f"it has {grace} s to end" if isinstance(grace, int) and grace > 0 else ""


_NAMED = frozenset((CLAIMS, CRDS, NAMESPACES, PROJECTS, VOLUMES))


def _takes_along(ref: ObjectRef, body: Body) -> bool:
    """A StatefulSet may be told to take its claims along (persistentVolumeClaimRetentionPolicy)."""
    claims = ref.resource == STATEFUL_SETS and nested(body, "spec", "persistentVolumeClaimRetentionPolicy")
    return ref.resource in _NAMED or as_map(claims).get("whenDeleted") == "Delete"
