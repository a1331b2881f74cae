# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups of a schedule, one each hour, and a corner of a cluster on which they are restored.

A corner has namespaces of its own for objects and state, so that many tests share one control plane.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import HEAD, decode
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import Inventory
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from backups import Backup
from controlplane import ControlPlane
from restoring import run_restore, views
from scenes import RESOURCES, Body, Watched, config_map, live
from scenes import run as run_watched

SOURCE = "production-1"
"""UID of the source cluster's Namespace kube-system."""
GENEROUS = {"prune_max_count": 100, "prune_max_percent": 100}
"""Small backups would hardly ever lack less than the default share of their objects."""


def backup_of(folder: Path, name: str, *bodies: Body, source: str = SOURCE, **told: Any) -> Path:
    """A backup as it lies in an object store, below a folder of its own; `metadata=False` leaves out what it is."""
    path = folder / name
    path.mkdir(parents=True, exist_ok=True)
    if told.pop("metadata", True):
        (path / "velero-backup.json").write_text(json.dumps(metadata_of(name, **told)), encoding="utf-8")
    backup = Backup()
    if source:
        backup.add("namespaces", "", "kube-system", {"metadata": {"uid": source}})
    for body in bodies:
        meta = body["metadata"]
        backup.add(resource_of(body), meta.get("namespace", ""), meta["name"], body)
    return backup.write(path / f"{name}.tar.gz")


def metadata_of(
    name: str,
    started: str,
    schedule: str = "nightly",
    phase: str = "Completed",
    errors: int = 0,
    spec: Body | None = None,
) -> Body:
    """What Velero says of a backup."""
    labels = {"velero.io/schedule-name": schedule} if schedule else {}
    status = {"phase": phase, "startTimestamp": started, "completionTimestamp": started, "errors": errors}
    return {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {"name": name, "labels": labels},
        "spec": spec or {},
        "status": status,
    }


def resource_of(body: Body) -> str:
    """The folder that an object has in a backup."""
    known = {**RESOURCES, "Ingress": "ingresses.networking.k8s.io"}
    return known.get(body["kind"]) or f"{body['kind'].lower()}s.{body['apiVersion'].partition('/')[0]}"


def state_of(target: ControlPlane, namespace: str) -> Inventory:
    """What a target owes, as it is stored."""
    status, listed = target.api(
        "GET", f"/api/v1/namespaces/{namespace}/secrets?labelSelector=standby.velero/holds=state"
    )
    assert status == 200, listed
    found = {secret["metadata"]["name"]: secret for secret in listed["items"]}
    return decode(found.pop(HEAD, None), found)


def deleted(run: Run) -> list[str]:
    """What a run deleted, in its order."""
    return [str(result.key) for result in views(run) if result.outcome is Outcome.DELETED]


def failed(run: Run) -> list[ObjectResult]:
    """What a run could not restore or delete."""
    return [result for result in views(run) if result.outcome is Outcome.FAILED]


def listed(run: Run) -> list[str]:
    """The delta of a run, which was asked for."""
    assert run.delta is not None
    return [str(verdict.key) for verdict in run.delta.plan.objects]


def guards(run: Run) -> dict[str, str]:
    """Code of what keeps an object of the delta; empty for what may be deleted."""
    assert run.delta is not None
    return {str(verdict.key): verdict.guard.value if verdict.guard else "" for verdict in run.delta.plan.objects}


def stops(run: Run) -> list[str]:
    """Codes of what stops a prune."""
    assert run.delta is not None
    return [stop.reason.value for stop in run.delta.plan.stops]


@dataclass(frozen=True)
class Corner:
    """Of a cluster, with its own namespaces."""

    target: ControlPlane
    folder: Path
    namespace: str

    @classmethod
    def of(cls, target: ControlPlane, folder: Path, called: str) -> Corner:
        """One for each test, called after it."""
        return cls(target, folder, f"t-{crc32(called.encode()):08x}")

    @property
    def state_namespace(self) -> str:
        return f"{self.namespace}-state"

    def config_map(self, name: str, **metadata: Any) -> Body:
        """A ConfigMap; production gives each its own UID."""
        return config_map(name, {"of": name}, self.namespace, **{"uid": f"{self.namespace}-{name}", **metadata})

    def backup(self, hour: int, *bodies: Body, **told: Any) -> Path:
        """The backup of that hour; a later one of the same hour replaces it."""
        name = told.pop("name", f"nightly-{hour:02}")
        return backup_of(self.folder, name, *bodies, **{"started": f"2026-11-24T{hour:02}:00:00Z", **told})

    def restore(self, backup: Path, *, check: bool = False, **options: Any) -> Run:
        """With policy update and generous bounds unless told."""
        return run_restore(self.target.kubeconfig, backup, check=check, **self._options(options))

    def watch(self, watched: Watched, backup: Path, *, check: bool = False, **options: Any) -> Run:
        """The same over a connection that can be watched."""
        names = {"backup_name": None, "restore_name": None}
        return run_watched(watched, backup, check=check, **names, **self._options(options))

    def _options(self, options: Body) -> Body:
        common = {"existing_resource_policy": "update", "state_namespace": self.state_namespace}
        return {**common, **GENEROUS, **options}

    def owed(self) -> dict[str, str]:
        """Objects that the state knows -> their UIDs."""
        state = state_of(self.target, self.state_namespace)
        return {str(key): owed.uid for owing in state for key, owed in owing.objects.items()}

    def live(self, body: Body) -> Body | None:
        """The object as it is now."""
        return live(self.target, body)

    def config_maps(self) -> dict[str, str]:
        """Names -> UIDs."""
        status, answer = self.target.api("GET", f"/api/v1/namespaces/{self.namespace}/configmaps")
        assert status == 200, answer
        return {body["metadata"]["name"]: body["metadata"]["uid"] for body in answer["items"]}
