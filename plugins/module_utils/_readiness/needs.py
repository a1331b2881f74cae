# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What production's workloads need of a standby, in one pass over the objects that a restore would bring.

Classes, mounts and images are those of the desired bodies, mapped and modified; replicas are production's, for a
standby that sleeps has none. What an owner in the backup makes anew, such as the Pods of a Deployment, counts through
its owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .. import _kinds
from .._cluster.reader import Place
from .._decide.host_access import WORKLOADS
from .._decide.volumes import RETAIN
from .._errors import ModifierError
from .._prepare.storage_classes import named_classes
from .._unstructured import as_text, nested
from .._values import BackupItem, Body
from .pod_spec import Amounts, amounts_of, classes_of, images_of, mounts_of, registry_of

Bodies = Callable[[BackupItem], Body]

_REPLICAS = frozenset(
    (
        _kinds.DEPLOYMENTS,
        _kinds.REPLICA_SETS,
        _kinds.REPLICATION_CONTROLLERS,
        _kinds.STATEFUL_SETS,
        "deploymentconfigs.apps.openshift.io",
    )
)
_PATTERNS = frozenset(("podtemplates",))
"""They make no Pod by themselves."""


@dataclass(slots=True)
class Users:
    """Who names something: the first, and how many."""

    first: str
    count: int = 0

    def __str__(self) -> str:
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        return f"named by {self.first}{more}"


@dataclass(slots=True)
class Mount(Users):
    """Of a Secret or ConfigMap."""

    optional: bool = True
    """Until one user cannot do without."""


@dataclass(slots=True)
class Needs:
    """By name, each with who needs it; it grows while the pass lasts, and takes no body along."""

    types: dict[tuple[str, str], BackupItem] = field(default_factory=dict)
    """(resource, version) -> the first object."""
    classes: dict[tuple[str, str], Users] = field(default_factory=dict)
    """(kind, name)"""
    default_class: Users | None = None
    mounts: dict[tuple[str, Place], Mount] = field(default_factory=dict)
    volumes: set[str] = field(default_factory=set)
    """PersistentVolumes that production keeps, and that the restore brings."""
    claims: set[Place] = field(default_factory=set)
    amounts: dict[str, Amounts] = field(default_factory=dict)
    """By namespace, with the number of `pods`."""
    images: set[str] = field(default_factory=set)

    @property
    def registries(self) -> Mapping[str, int]:
        """And how many images of each."""
        found: dict[str, int] = {}
        for image in sorted(self.images):
            registry = registry_of(image)
            found[registry] = found.get(registry, 0) + 1
        return dict(sorted(found.items()))


def needs_of(items: Iterable[BackupItem], made: frozenset[str], desired: Bodies, backed_up: Bodies) -> Needs:
    """`made` are UIDs, in production, of what makes the objects that it controls anew."""
    needs = Needs()
    for item in items:
        if not item.problem:
            needs.types.setdefault((item.resource, item.version), item)
        look = _LOOKS.get(item.resource)
        if look is None or item.problem or not item.size or item.owner in made:
            continue
        try:
            body = desired(item)
        except ModifierError:  # it is not restored, which is told as such
            continue
        look(needs, item, body)
        if item.resource in WORKLOADS and item.resource not in _PATTERNS:
            _count(needs, item, body, replicas_of(item.resource, backed_up(item)))
    return needs


def makers(items: Iterable[BackupItem]) -> frozenset[str]:
    """UIDs of workloads: what they control they make anew."""
    return frozenset(item.uid for item in items if item.resource in WORKLOADS and item.uid)


def _workload(needs: Needs, item: BackupItem, body: Body) -> None:
    spec, user = nested(body, *WORKLOADS[item.resource]), str(item.key)
    for kind, name in classes_of(spec):
        _name(needs, kind, name, user)
    for mount in mounts_of(spec):
        _mount(needs, mount.kind, (item.key.namespace, mount.name), user, mount.optional)
    needs.images.update(images_of(spec))
    for name in named_classes(item.resource, body):
        _name(needs, "StorageClass", name, user)


def _claim(needs: Needs, item: BackupItem, body: Body) -> None:
    """One that is to have a certain volume needs no class for it."""
    needs.claims.add((item.key.namespace, item.key.name))
    if nested(body, "spec", "volumeName"):
        return
    names = named_classes(item.resource, body)
    for name in names:
        _name(needs, "StorageClass", name, str(item.key))
    if not names:
        needs.default_class = needs.default_class or Users(str(item.key))
        needs.default_class.count += 1


def _volume(needs: Needs, item: BackupItem, body: Body) -> None:
    if nested(body, "spec", "persistentVolumeReclaimPolicy") == RETAIN:
        needs.volumes.add(item.key.name)


def _ingress(needs: Needs, item: BackupItem, body: Body) -> None:
    _name(needs, "IngressClass", as_text(nested(body, "spec", "ingressClassName")), str(item.key))


_LOOKS: dict[str, Callable[[Needs, BackupItem, Body], None]] = {
    **dict.fromkeys(WORKLOADS, _workload),
    _kinds.CLAIMS: _claim,
    _kinds.INGRESSES: _ingress,
    _kinds.VOLUMES: _volume,
}


def _name(needs: Needs, kind: str, name: str, user: str) -> None:
    if name:
        needs.classes.setdefault((kind, name), Users(user)).count += 1


def _mount(needs: Needs, kind: str, place: Place, user: str, optional: bool) -> None:
    if not place[1]:
        return
    mount = needs.mounts.setdefault((kind, place), Mount(user))
    if mount.optional and not optional:  # the first user that cannot do without is the one to name
        mount.first, mount.optional = user, False
    mount.count += 1


def _count(needs: Needs, item: BackupItem, body: Body, replicas: int) -> None:
    asked = {**amounts_of(nested(body, *WORKLOADS[item.resource])), "pods": Fraction(1)}
    total = needs.amounts.setdefault(item.key.namespace, {})
    for name, value in asked.items():
        total[name] = total.get(name, Fraction()) + replicas * value


def replicas_of(resource: str, body: Body) -> int:
    """How many Pods production ran of a workload, as far as its object tells; a CronJob runs none by itself."""
    if resource in _REPLICAS:
        return _number(nested(body, "spec", "replicas"), 1)
    if resource == _kinds.DAEMON_SETS:
        return _number(nested(body, "status", "desiredNumberScheduled"), 0)
    if resource == _kinds.JOBS:
        return 0 if nested(body, "spec", "suspend") is True else _number(nested(body, "spec", "parallelism"), 1)
    return 1 if resource == _kinds.PODS else 0


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else otherwise
