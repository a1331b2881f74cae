# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""As much of Velero as answers DownloadRequests: its types on a real API server, and a controller that signs URLs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from controlplane import ControlPlane, wait_for
from stores import BUCKET, PREFIX, metadata

NAMESPACE = "velero"
GROUP = "/apis/velero.io/v1"
SIGNATURE = "canary-signature"
KINDS = ("BackupContents", "BackupResourceList", "BackupVolumeInfos")
_ENDINGS = {
    "BackupContents": ".tar.gz",
    "BackupResourceList": "-resource-list.json.gz",
    "BackupVolumeInfos": "-volumeinfo.json.gz",
}

Body = dict[str, Any]


def definition(plural: str, kind: str, spec: Body | None = None) -> Body:
    """One of Velero's types, without a status subresource, as it has none."""
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    schema = {"type": "object", "properties": {"spec": spec or free, "status": free}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.velero.io"},
        "spec": {
            "group": "velero.io",
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }


PHASES = (
    "New",
    "FailedValidation",
    "InProgress",
    "WaitingForPluginOperations",
    "WaitingForPluginOperationsPartiallyFailed",
    "Finalizing",
    "FinalizingPartiallyFailed",
    "Completed",
    "PartiallyFailed",
    "Failed",
)
"""Of a Restore; its server takes up one of phase New, or of none."""


def restores(phases: tuple[str, ...] = PHASES, *, with_subresource: bool = False) -> Body:
    """The type of Restores: any spec, and of the status the words that its phase may be."""
    made = definition("restores", "Restore")
    (version,) = made["spec"]["versions"]
    status = version["schema"]["openAPIV3Schema"]["properties"]["status"]
    status["properties"] = {"phase": {"type": "string", "enum": list(phases)}}
    if with_subresource:
        version["subresources"] = {"status": {}}
    return made


def download_requests(kinds: tuple[str, ...] = KINDS) -> Body:
    """The type of requests for these kinds of files only; an older Velero knows fewer."""
    target = {
        "type": "object",
        "required": ["kind", "name"],
        "properties": {"kind": {"type": "string", "enum": list(kinds)}, "name": {"type": "string"}},
    }
    spec = {"type": "object", "required": ["target"], "properties": {"target": target}}
    return definition("downloadrequests", "DownloadRequest", spec)


def install(cluster: ControlPlane, **storage: Any) -> None:
    """Velero's types, its namespace and one location."""
    for body in (
        definition("backups", "Backup"),
        definition("backupstoragelocations", "BackupStorageLocation"),
        download_requests(),
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}},
        location("default", **storage),
    ):
        cluster.apply(json.dumps(body))


def location(name: str, **storage: Any) -> Body:
    """A BackupStorageLocation."""
    return {
        "apiVersion": "velero.io/v1",
        "kind": "BackupStorageLocation",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"provider": "aws", "objectStorage": {"bucket": BUCKET, "prefix": PREFIX, **storage}},
        "status": {"phase": "Available"},
    }


def backup(name: str, hour: float = 0, *, at: str = "default", **said: Any) -> Body:
    """A Backup object, as Velero has it once it has seen it in the store."""
    body: Body = json.loads(metadata(name, hour, **said))
    body["spec"]["storageLocation"] = at
    return body


class Velero:
    """The controller, for a `with` statement: signs a URL of `store` for each request that comes."""

    def __init__(self, cluster: ControlPlane, store: str) -> None:
        self._cluster = cluster
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._reconcile, daemon=True)
        self.store = store
        self.answers: Callable[[Body], bool] = lambda _request: True
        self.seen: dict[str, Body] = {}
        """Every request that was there, by name."""

    def __enter__(self) -> Velero:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._ended.set()
        self._thread.join()

    def requests(self) -> list[Body]:
        """Those that are there now."""
        status, answer = self._cluster.api("GET", f"{GROUP}/namespaces/{NAMESPACE}/downloadrequests")
        return answer["items"] if status == 200 else []  # a type that is stored anew is not served for a moment

    def asked_for(self) -> list[str]:
        """The kinds of files, in the order of the requests, since it was asked last."""
        found = [request["spec"]["target"]["kind"] for request in self.seen.values()]
        self.seen.clear()
        return found

    def wait_until_asked(self) -> None:
        """For a request that is there."""
        wait_for("a DownloadRequest", lambda: bool(self.requests()))

    def _reconcile(self) -> None:
        while not self._ended.wait(0.03):
            for request in self.requests():
                self.seen.setdefault(request["metadata"]["name"], request)
                if "status" not in request and self.answers(request):
                    self._answer(request)

    def _answer(self, request: Body) -> None:
        target, name = request["spec"]["target"], request["metadata"]["name"]
        key = f"{PREFIX}/backups/{target['name']}/{target['name']}{_ENDINGS[target['kind']]}"
        expires = datetime.now(timezone.utc) + timedelta(minutes=10)
        status = {
            "phase": "Processed",
            "downloadURL": f"{self.store}/{BUCKET}/{quote(key)}?X-Amz-Signature={SIGNATURE}",
            "expiration": expires.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        path = f"{GROUP}/namespaces/{NAMESPACE}/downloadrequests/{name}"
        self._cluster.api("PATCH", path, {"status": status}, "application/merge-patch+json")
