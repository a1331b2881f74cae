# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is kept of a live object when the delta looks at it: not its body, for there may be many."""

from __future__ import annotations

from typing import NamedTuple

from .._select.protected import excepted, protected_by
from .._shapes import at, is_controlled, labels_of, mapping, text
from .._values import BACKUP_LABEL, BackupItem, Body, ObjectKey, Resource
from .reasons import GUARDS, Guard


class Live(NamedTuple):
    """An object of the delta as the target has it."""

    item: BackupItem
    """Its key, resource and version, for whoever deletes it."""
    uid: str
    guard: Guard | None = None
    """Why it is kept whatever else holds, as far as the object itself tells."""
    why: str = ""
    """The guard's sentence."""
    backup_label: str = ""
    """Value of its label velero.io/backup-name."""


class Guards(NamedTuple):
    """What the user says of objects that are never to be deleted."""

    state_namespace: str
    protect_except: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    """`resource`, `resource/name` or `resource/namespace/name` of what is deleted only when named."""


def live_of(key: ObjectKey, resource: Resource, body: Body, guards: Guards) -> Live:
    """What matters of the body that a read of the target gave for the key."""
    item = BackupItem(key, resource.name, resource.version)
    uid = text(at(body, "metadata", "uid"))
    guard, why = _guard(item, body, guards)
    return Live(item, uid, guard, why, text(labels_of(body).get(BACKUP_LABEL)))


def _guard(item: BackupItem, body: Body, guards: Guards) -> tuple[Guard | None, str]:
    if guards.state_namespace in (item.key.namespace, item.key.name if item.resource == "namespaces" else ""):
        return Guard.STATE_NAMESPACE, GUARDS[Guard.STATE_NAMESPACE]
    sentence = protected_by(item, body, guards.protect_except)
    if sentence:
        return Guard.PROTECTED, sentence
    if at(body, "metadata", "deletionTimestamp"):
        return Guard.TERMINATING, GUARDS[Guard.TERMINATING]
    if is_controlled(body):
        return Guard.CONTROLLED, GUARDS[Guard.CONTROLLED]
    if _takes_along(item, body) and not excepted(item, guards.allow):
        return Guard.NOT_NAMED, GUARDS[Guard.NOT_NAMED]
    return None, ""


_NAMED = frozenset(
    (
        "customresourcedefinitions.apiextensions.k8s.io",
        "namespaces",
        "persistentvolumeclaims",
        "persistentvolumes",
    )
)


def _takes_along(item: BackupItem, body: Body) -> bool:
    """A StatefulSet may be told to take its claims along (persistentVolumeClaimRetentionPolicy)."""
    claims = item.resource == "statefulsets.apps" and at(body, "spec", "persistentVolumeClaimRetentionPolicy")
    return item.resource in _NAMED or mapping(claims).get("whenDeleted") == "Delete"
