# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the spec of a Pod names: classes, Secrets and ConfigMaps, images; and how much it asks for.

kubernetes, pkg/api/v1/pod/util.go (VisitPodSecretNames, VisitPodConfigmapNames). Pull secrets are left out: a Pod whose
image is public, or there already, starts without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from .._decide.quotas import quantity
from .._unstructured import EACH, as_map, as_maps, as_text, nested, select
from .._values import Body, Path

CONFIG_MAP, SECRET = "ConfigMap", "Secret"
_CONTAINERS = ("containers", "initContainers")
_HUB = "docker.io"

_MOUNTED: tuple[tuple[str, Path, str], ...] = (
    (SECRET, ("secret",), "secretName"),
    (CONFIG_MAP, ("configMap",), "name"),
    (SECRET, ("projected", "sources", EACH, "secret"), "name"),
    (CONFIG_MAP, ("projected", "sources", EACH, "configMap"), "name"),
    (SECRET, ("azureFile",), "secretName"),
    (SECRET, ("csi", "nodePublishSecretRef"), "name"),
    (SECRET, ("cephfs", "secretRef"), "name"),
    (SECRET, ("iscsi", "secretRef"), "name"),
    (SECRET, ("rbd", "secretRef"), "name"),
)
"""In a volume: what is mounted, where its reference lies, and the field that has the name."""
_READ: tuple[tuple[str, Path], ...] = (
    (SECRET, ("envFrom", EACH, "secretRef")),
    (CONFIG_MAP, ("envFrom", EACH, "configMapRef")),
    (SECRET, ("env", EACH, "valueFrom", "secretKeyRef")),
    (CONFIG_MAP, ("env", EACH, "valueFrom", "configMapKeyRef")),
)
"""In a container: what its environment is read from."""


class Mounted(NamedTuple):
    """A Secret or ConfigMap without which the Pod does not start, unless it is optional."""

    kind: str
    name: str
    optional: bool


def mounts_of(spec: Any) -> Iterator[Mounted]:
    """Of its volumes and of the environment of its containers."""
    for volume in as_maps(nested(spec, "volumes")):
        for kind, path, field in _MOUNTED:
            yield from (_mounted(kind, found, field) for found in select(volume, path))
    for container in _containers(spec):
        for kind, path in _READ:
            yield from (_mounted(kind, found, "name") for found in select(container, path))


def _mounted(kind: str, reference: Any, field: str) -> Mounted:
    found = as_map(reference)
    return Mounted(kind, as_text(found.get(field)), found.get("optional") is True)


def classes_of(spec: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of its priority and runtime, and of the storage of volumes that live as long as the Pod."""
    for kind, field in (("PriorityClass", "priorityClassName"), ("RuntimeClass", "runtimeClassName")):
        yield kind, as_text(nested(spec, field))
    for volume in as_maps(nested(spec, "volumes")):
        yield "StorageClass", as_text(nested(volume, "ephemeral", "volumeClaimTemplate", "spec", "storageClassName"))


def images_of(spec: Any) -> Iterator[str]:
    yield from filter(None, (as_text(container.get("image")) for container in _containers(spec)))


def registry_of(image: str) -> str:
    """The host that an image is pulled from; that of Docker where its name has none."""
    first, slash, _rest = image.partition("/")
    return first if slash and ("." in first or ":" in first or first == "localhost") else _HUB


def _containers(spec: Any) -> Iterator[Body]:
    for field in _CONTAINERS:
        yield from as_maps(nested(spec, field))


# How much


Amounts = dict[str, Fraction]
"""As a ResourceQuota names them: `requests.cpu`, `limits.memory`."""


def amounts_of(spec: Any) -> Amounts:
    """Of one Pod: its containers together, or the init container that takes more; sidecars run beside all others."""
    beside = [one for one in as_maps(nested(spec, "initContainers")) if one.get("restartPolicy") == "Always"]
    before = [one for one in as_maps(nested(spec, "initContainers")) if one.get("restartPolicy") != "Always"]
    total = _sum(map(_asked, [*as_maps(nested(spec, "containers")), *beside]))
    for asked in map(_asked, before):
        total = {name: max(total.get(name, Fraction()), asked.get(name, Fraction())) for name in {**total, **asked}}
    return _sum([total, _named("requests", nested(spec, "overhead"))])


def _asked(container: Body) -> Amounts:
    """What is limited and not requested is requested up to its limit."""
    limits, requests = (as_map(nested(container, "resources", field)) for field in ("limits", "requests"))
    return {**_named("limits", limits), **_named("requests", {**limits, **requests})}


def _named(sort: str, given: Any) -> Amounts:
    found = {f"{sort}.{name}": quantity(value) for name, value in as_map(given).items()}
    return {name: value for name, value in found.items() if value is not None}


def _sum(parts: Iterable[Amounts]) -> Amounts:
    total: Amounts = {}
    for part in parts:
        for name, value in part.items():
            total[name] = total.get(name, Fraction()) + value
    return total
