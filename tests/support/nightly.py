# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of a schedule, one each hour, and a corner of a cluster on which they are restored.

A corner has namespaces of its own for objects and state, so that many tests share one control plane.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from ansible_collections.standby.velero.plugins.module_utils._decide.prune import PrunePlan
from ansible_collections.standby.velero.plugins.module_utils._inventory.codec import decode
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import Inventory
from ansible_collections.standby.velero.plugins.module_utils._inventory.head import HEAD
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from backups import Backup
from controlplane import ControlPlane
from restoring import View, run_restore, views
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


def inventory_of(target: ControlPlane, namespace: str) -> Inventory:
    """What a target has from which backup, as it is stored."""
    status, listed = target.api(
        "GET", f"/api/v1/namespaces/{namespace}/secrets?labelSelector=standby.velero/holds=state"
    )
    assert status == 200, listed
    found = {secret["metadata"]["name"]: secret for secret in listed["items"]}
    for secret in found.values():  # whether it is signed is not looked at
        secret["data"].pop("signature", None)
    return decode(found.pop(HEAD, None), found)


def deleted(run: Run) -> list[str]:
    """What a run deleted (in check mode: would delete), in its order."""
    return [str(view.key) for view in views(run) if view.outcome is Outcome.DELETED]


def deleting(run: Run) -> dict[str, str]:
    """What it began to delete, and what is said of it: something holds it still."""
    return {str(view.key): view.message for view in views(run) if view.outcome is Outcome.DELETING}


def failed(run: Run) -> list[View]:
    """What a run could not restore or delete."""
    return [view for view in views(run) if view.outcome is Outcome.FAILED]


def stale(run: Run) -> list[str]:
    """The delta of a run, which was asked for."""
    return [str(decision.key) for decision in _prune(run).objects]


def kept(run: Run) -> dict[str, str]:
    """Each object of the delta, and the code of what keeps it; empty for what may be deleted."""
    return {str(decision.key): decision.keep.value if decision.keep else "" for decision in _prune(run).objects}


def stops(run: Run) -> list[str]:
    """Codes of what stops a prune, whether it was known before the first write or came of the run itself."""
    assert run.delta is not None
    return [stop.reason.value for stop in run.delta.stops]


def _prune(run: Run) -> PrunePlan:
    assert run.delta is not None
    return run.delta.plan.prune


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

    def stateful_set(self) -> Body:
        """One that takes its claims along when it goes."""
        container = {"name": "main", "image": "registry.example.org/db:1"}
        return {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {"name": "db", "namespace": self.namespace, "uid": f"{self.namespace}-db"},
            "spec": {
                "serviceName": "db",
                "selector": {"matchLabels": {"app": "db"}},
                "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": [container]}},
                "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete", "whenScaled": "Retain"},
            },
        }

    def backup(self, hour: int, *bodies: Body, **told: Any) -> Path:
        """The backup of that hour; a later one of the same hour replaces it."""
        name = told.pop("name", f"nightly-{hour:02}")
        return backup_of(self.folder, name, *bodies, **{"started": f"2026-11-24T{hour:02}:00:00Z", **told})

    def restore(self, backup: Path, *, check: bool = False, diff: bool = False, **options: Any) -> Run:
        """With policy update and generous bounds unless told."""
        return run_restore(self.target.kubeconfig, backup, check=check, diff=diff, **self._options(options))

    def watch(self, watched: Watched, backup: Path, *, check: bool = False, **options: Any) -> Run:
        """The same over a connection that can be watched."""
        names = {"backup_name": None, "restore_name": None}
        return run_watched(watched, backup, check=check, **names, **self._options(options))

    def _options(self, options: Body) -> Body:
        common = {"existing_resource_policy": "update", "state_namespace": self.state_namespace}
        return {**common, **GENEROUS, **options}

    def recorded(self) -> dict[str, str]:
        """Objects in the inventory -> their UIDs."""
        inventory = inventory_of(self.target, self.state_namespace)
        return {str(key): entry.uid for one in inventory for key, entry in one.entries.items()}

    def live(self, body: Body) -> Body | None:
        """The object as it is now."""
        return live(self.target, body)

    def config_maps(self) -> dict[str, str]:
        """Names -> UIDs."""
        status, answer = self.target.api("GET", f"/api/v1/namespaces/{self.namespace}/configmaps")
        assert status == 200, answer
        return {body["metadata"]["name"]: body["metadata"]["uid"] for body in answer["items"]}
