# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds backups as Velero writes them, and damaged ones as it never would.

`Backup().add("configmaps", "shop", "app").write(path)` has the version file, and the object twice: as the default copy
and below `v1-preferredversion`.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path
from typing import Any

KINDS = {
    "configmaps": "ConfigMap",
    "deployments.apps": "Deployment",
    "namespaces": "Namespace",
    "pods": "Pod",
    "replicasets.apps": "ReplicaSet",
    "secrets": "Secret",
    "serviceaccounts": "ServiceAccount",
    "services": "Service",
}
"""The kinds of those resources that an object is made for when a test gives no body of its own."""


class Backup:
    """Members of an archive, in their order; every method but bytes() and write() gives the backup back."""

    def __init__(self, version: str | None = "1.1.0\n", tar_format: int = tarfile.USTAR_FORMAT) -> None:
        self._format = tar_format
        self._members: list[tuple[tarfile.TarInfo, bytes]] = []
        if version is not None:
            self.file("metadata/version", version.encode())

    def add(self, resource: str, namespace: str, name: str, body: dict[str, Any] | None = None) -> Backup:
        """An object, laid out twice; what the body does not say of apiVersion, kind and metadata is filled in."""
        return self._twice(resource, namespace, name, complete(resource, namespace, name, body or {}))

    def add_text(self, resource: str, namespace: str, name: str, text: str | bytes) -> Backup:
        """The default copy alone, with this content whatever it is."""
        return self.file(path_of(resource, namespace, name), text.encode() if isinstance(text, str) else text)

    def add_version(
        self, resource: str, folder: str, namespace: str, name: str, body: dict[str, Any] | None = None
    ) -> Backup:
        """A copy in a version folder alone."""
        body = complete(resource, namespace, name, body or {})
        return self.file(path_of(resource, namespace, name, folder), json.dumps(body).encode())

    def file(self, path: str, data: bytes = b"") -> Backup:
        """A file at any path."""
        return self.member(tarfile.TarInfo(path), data)

    def folder(self, path: str) -> Backup:
        """A directory."""
        return self.special(path, tarfile.DIRTYPE)

    def special(self, path: str, kind: bytes, target: str = "") -> Backup:
        """A member of any type: link, device, fifo."""
        info = tarfile.TarInfo(path)
        info.type = kind
        info.linkname = target
        return self.member(info, b"")

    def member(self, info: tarfile.TarInfo, data: bytes) -> Backup:
        """A member with any header; only its size is set."""
        info.size = len(data)
        self._members.append((info, data))
        return self

    def tar(self) -> bytes:
        """The archive before compression."""
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w", format=self._format) as archive:
            for info, data in self._members:
                archive.addfile(info, io.BytesIO(data))
        return trimmed(stream.getvalue())

    def bytes(self) -> bytes:
        """The archive."""
        return zipped(self.tar())

    def write(self, path: Path) -> Path:
        """Writes the archive; the path, for convenience."""
        path.write_bytes(self.bytes())
        return path

    def _twice(self, resource: str, namespace: str, name: str, body: dict[str, Any]) -> Backup:
        data = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        version = body["apiVersion"].rpartition("/")[2]
        self.file(path_of(resource, namespace, name), data)
        return self.file(path_of(resource, namespace, name, f"{version}-preferredversion"), data)


def complete(resource: str, namespace: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with apiVersion, kind, name, namespace and a UID, where it has none of its own."""
    plural, _dot, group = resource.partition(".")
    metadata = {"name": name, "uid": f"uid-{plural}-{namespace}-{name}"} | (
        {"namespace": namespace} if namespace else {}
    )
    kind = KINDS.get(resource, plural.removesuffix("s").capitalize())
    whole = {"apiVersion": f"{group}/v1" if group else "v1", "kind": kind, **body}
    return whole | {"metadata": metadata | body.get("metadata", {})}


def path_of(resource: str, namespace: str, name: str, version: str = "") -> str:
    """Where an object lies in a backup."""
    folder = f"resources/{resource}/{version}" if version else f"resources/{resource}"
    return f"{folder}/namespaces/{namespace}/{name}.json" if namespace else f"{folder}/cluster/{name}.json"


def zipped(data: bytes) -> bytes:
    """Gzip without a time, so that the same backup gives the same bytes."""
    return gzip.compress(data, compresslevel=6, mtime=0)


def trimmed(tar: bytes) -> bytes:
    """The archive with the two blocks of zeros at its end that Go writes, not the twenty that Python does."""
    content = tar.rstrip(b"\0")
    return content + bytes(-len(content) % 512 + 1024)
