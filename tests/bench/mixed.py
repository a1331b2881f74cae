# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of several kinds as production has them, in backups, and as requests that raw.py sends by hand."""

from __future__ import annotations

import base64
import io
import json
import random
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from controlplane import ControlPlane

Body = dict[str, Any]
GROUP = "bench.example.org"
TEMPLATE, RAW, AGAIN, OURS = "bench-template", "bench-by-hand", "bench-by-hand-again", "bench-restored"
SHARES = ("configmaps", "configmaps", "configmaps", "configmaps", "secrets", "secrets", "secrets", "widgets", "widgets")
"""Nine in ten objects, in turns; the tenth is a Deployment."""


PRODUCTION = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "kube-system", "uid": "0f5c2c4e-8a52-4d4c-9a6f-5f0f2c6f7a11"},
}
"""By which a prune knows that all backups are of one cluster; it is never restored."""


class Type(NamedTuple):
    resource: str
    """As a backup's folder is called."""
    root: str
    kind: str


TYPES = {
    "configmaps": Type("configmaps", "/api/v1", "ConfigMap"),
    "secrets": Type("secrets", "/api/v1", "Secret"),
    "widgets": Type(f"widgets.{GROUP}", f"/apis/{GROUP}/v1", "Widget"),
    "deployments": Type("deployments.apps", "/apis/apps/v1", "Deployment"),
}

DEFINITION = f"""
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {{name: widgets.{GROUP}}}
spec:
  group: {GROUP}
  scope: Namespaced
  names: {{plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {{openAPIV3Schema: {{type: object, x-kubernetes-preserve-unknown-fields: true}}}}
"""
DEPLOYMENT = f"""
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: {TEMPLATE}}}
spec:
  replicas: 0
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: main, image: "registry.example.org/web:1", resources: {{limits: {{memory: 64Mi}}}}}}]}}
"""


class Mixed:
    """So many objects; the same number gives the same object."""

    def __init__(self, cluster: ControlPlane, count: int) -> None:
        """Makes the type and the namespaces, and learns what an API server makes of a Deployment."""
        self.count = count
        for name in (TEMPLATE, RAW, AGAIN, OURS):
            cluster.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
        cluster.apply(DEFINITION)
        cluster.apply(DEPLOYMENT)
        _status, self._deployment = cluster.api("GET", f"/apis/apps/v1/namespaces/{TEMPLATE}/deployments/web")

    def each(self, namespace: str, value: str = "1", every: int = 1) -> Iterator[tuple[Type, Body]]:
        """In the order in which a restore writes them; every so-manieth has this value, all others the first one."""
        numbers = sorted(range(self.count), key=lambda number: (_ORDER[_name(number)], number))
        for number in numbers:
            yield TYPES[_name(number)], self._body(number, namespace, value if number % every == 0 else "1")

    def _body(self, number: int, namespace: str, value: str) -> Body:
        name = _name(number)
        labels = {"app.kubernetes.io/name": f"service-{number % 40}"}
        meta = {"name": f"{name[:-1]}-{number:06}", "namespace": namespace, "labels": labels}
        head = {"apiVersion": TYPES[name].root.removeprefix("/apis/").removeprefix("/api/"), "kind": TYPES[name].kind}
        return {**head, "metadata": meta, **self._rest(name, number, value)}

    def _rest(self, name: str, number: int, value: str) -> Body:
        chance = random.Random(number)
        if name == "secrets":
            data = {"token": chance.randbytes(480), "value": value.encode()}
            return {"type": "Opaque", "data": {key: base64.b64encode(held).decode() for key, held in data.items()}}
        if name == "widgets":
            return {"spec": {"size": number, "value": value, "parts": [{"name": f"p{part}"} for part in range(12)]}}
        if name == "deployments":
            spec = json.loads(json.dumps(self._deployment["spec"]))
            spec["template"]["spec"]["containers"][0]["image"] = f"registry.example.org/web:{value}"
            return {"spec": spec}
        return {"data": {"application.yaml": chance.randbytes(300).hex(), "value": value}}

    def write(self, path: Path, value: str = "1", every: int = 1) -> Path:
        """A backup of them."""
        return write_backup(path, self.each(OURS, value, every))


class Fixed:
    """So many ConfigMaps that no update can change."""

    def __init__(self, count: int) -> None:
        self.count = count

    def each(self, namespace: str, value: str = "1") -> Iterator[tuple[Type, Body]]:
        for number in range(self.count):
            meta = {"name": f"fixed-{number:06}", "namespace": namespace}
            head = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta}
            yield TYPES["configmaps"], {**head, "immutable": True, "data": {"value": value}}


class Large:
    """So many ConfigMaps of 1 MB that no gzip makes much smaller."""

    def __init__(self, count: int) -> None:
        self.count = count

    def each(self, namespace: str, value: str = "1") -> Iterator[tuple[Type, Body]]:
        for number in range(self.count):
            head = {"apiVersion": "v1", "kind": "ConfigMap"}
            meta = {"name": f"large-{number:06}", "namespace": namespace}
            data = {"blob": random.Random(number).randbytes(490_000).hex(), "value": value}
            yield TYPES["configmaps"], {**head, "metadata": meta, "data": data}


def write_backup(path: Path, objects: Iterable[tuple[Type, Body]]) -> Path:
    """Of these, and of what tells the cluster."""
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.USTAR_FORMAT) as tar:
        _add(tar, "metadata/version", b"1.1.0\n")
        _add(tar, "resources/namespaces/cluster/kube-system.json", json.dumps(PRODUCTION).encode())
        for of, body in objects:
            meta = body["metadata"]
            place = f"resources/{of.resource}/namespaces/{meta['namespace']}/{meta['name']}.json"
            _add(tar, place, json.dumps(body, separators=(",", ":")).encode())
    return path


def _name(number: int) -> str:
    return SHARES[number % 10] if number % 10 < len(SHARES) else "deployments"


_ORDER = {"secrets": 0, "configmaps": 1, "deployments": 2, "widgets": 3}


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def creates(objects: Iterable[tuple[Type, Body]]) -> Iterator[list[Any]]:
    """Requests that make them: method, path, body, and what sort of body it is."""
    for of, body in objects:
        place = f"{of.root}/namespaces/{body['metadata']['namespace']}/{of.resource.partition('.')[0]}"
        yield ["POST", place, body, "application/json"]


def patches(objects: Iterable[tuple[Type, Body]], patch: Body) -> Iterator[list[Any]]:
    """Requests that patch all of them alike."""
    for method, path, body, _type in creates(objects):
        del method
        yield ["PATCH", f"{path}/{body['metadata']['name']}", patch, "application/merge-patch+json"]


def updates(objects: Iterable[tuple[Type, Body]], labels: Body, dry_run: bool = False) -> Iterator[list[Any]]:
    """Requests that give them what these bodies have, and labels."""
    query = "?dryRun=All" if dry_run else ""
    for method, path, body, _type in creates(objects):
        del method
        wanted = {name: held for name, held in body.items() if name not in ("apiVersion", "kind", "metadata")}
        place = f"{path}/{body['metadata']['name']}{query}"
        yield ["PATCH", place, {**wanted, **labels}, "application/merge-patch+json"]


def deletes(objects: Iterable[tuple[Type, Body]]) -> Iterator[list[Any]]:
    """Requests that delete them."""
    for _method, path, body, _type in creates(objects):
        options = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        yield ["DELETE", f"{path}/{body['metadata']['name']}", options, "application/json"]


def recreates(objects: Iterable[tuple[Type, Body]]) -> Iterator[list[Any]]:
    """Requests that delete all of them, and then create these."""
    made = list(objects)
    yield from deletes(made)
    yield from creates(made)


def lists(namespace: str) -> list[str]:
    """Paths of the lists in which they are."""
    return [f"{of.root}/namespaces/{namespace}/{name}" for name, of in TYPES.items()]


def write_requests(path: Path, requests: Iterable[list[Any]]) -> Path:
    """One a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{json.dumps(request)}\n" for request in requests)
    return path
