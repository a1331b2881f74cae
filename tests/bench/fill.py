# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets on a cluster, and backups of them: what the benchmark restores."""

from __future__ import annotations

import base64
import json
import random
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from controlplane import ControlPlane, ControlPlaneError

NAMESPACE = "bench"
SECRETS = f"/api/v1/namespaces/{NAMESPACE}/secrets"
PAGE = 500
THREADS = 16
KEYS = ("tls.crt", "tls.key", "user", "password")
SIZES = (640, 480, 12, 24)
"""Bytes behind each key: an object of some 2.5 kB as the API server returns it."""

Body = dict[str, Any]


def create_secrets(cluster: ControlPlane, count: int) -> None:
    """Creates them from several threads; random values, so that no compression helps that real ones would not have."""
    cluster.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    cluster.api("GET", "/version")  # the pool is made by one thread
    with ThreadPoolExecutor(THREADS) as pool:
        for status, answer in pool.map(lambda number: cluster.api("POST", SECRETS, secret(number)), range(count)):
            if status != 201:
                raise ControlPlaneError(f"a Secret was refused: {status} {answer}")


def secret(number: int) -> Body:
    """The same number gives the same Secret."""
    chance = random.Random(number)
    data = {key: text(chance.randbytes(size)) for key, size in zip(KEYS, SIZES, strict=True)}
    meta = {
        "name": f"secret-{number:06}",
        "namespace": NAMESPACE,
        "labels": {"app.kubernetes.io/name": f"service-{number % 40}", "app.kubernetes.io/part-of": "bench"},
        "annotations": {"example.org/owner": f"team-{number % 12}", "example.org/rotated": "2026-11-24T02:00:00Z"},
    }
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "type": "Opaque", "data": data}


def text(value: bytes) -> str:
    """As a Secret holds it."""
    return base64.b64encode(value).decode()


def write_backup(cluster: ControlPlane, path: Path, password: str, every: int) -> None:
    """A backup of all of them as Velero writes it, each object twice; every so-manieth has another password."""
    with tarfile.open(path, "w:gz", compresslevel=1, format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "metadata/version", b"1.1.0\n")
        for number, body in enumerate(listed(cluster)):
            body |= {"apiVersion": "v1", "kind": "Secret"}
            if number % every == 0:
                body["data"]["password"] = text(password.encode())
            data = json.dumps(body, separators=(",", ":")).encode()
            for folder in ("secrets", "secrets/v1-preferredversion"):
                add(tar, f"resources/{folder}/namespaces/{NAMESPACE}/{body['metadata']['name']}.json", data)


def add(tar: tarfile.TarFile, path: str, data: bytes) -> None:
    """One file."""
    info = tarfile.TarInfo(path)
    info.size = len(data)
    tar.addfile(info, BytesIO(data))


def listed(cluster: ControlPlane) -> Iterator[Body]:
    """All of them, page by page."""
    rest = ""
    while True:
        _status, page = cluster.api("GET", f"{SECRETS}?limit={PAGE}&continue={rest}")
        yield from page["items"]
        rest = page["metadata"].get("continue")
        if not rest:
            return
