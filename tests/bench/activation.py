# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments to wake, and as many to scale by hand: both as they are before a round."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from controlplane import ControlPlane

HELD, RAW = "bench-held", "bench-raw"
REPLICAS = 3


def deployment(namespace: str, number: int, replicas: int = REPLICAS) -> dict[str, Any]:
    name = f"web-{number:06}"
    labels = {"app": name}
    container = {"name": "main", "image": "registry.example.org/web:1"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def write_deployments(path: Path, objects: int) -> None:
    """A backup of them."""
    with tarfile.open(path, "w:gz") as archive:
        _add(archive, "metadata/version", b"1.1.0\n")
        for number in range(objects):
            body = deployment(HELD, number)
            place = f"resources/deployments.apps/namespaces/{HELD}/{body['metadata']['name']}.json"
            _add(archive, place, json.dumps(body).encode())


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def create_raw(cluster: ControlPlane, objects: int) -> None:
    """Those that are scaled by hand, at 0."""
    cluster.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {RAW}}}}}")
    for number in range(objects):
        status, answer = cluster.api("POST", f"/apis/apps/v1/namespaces/{RAW}/deployments", deployment(RAW, number, 0))
        if status != 201:
            raise SystemExit(f"a Deployment was refused: {answer}")
