# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups as they are stored: each in a folder of its own, its velero-backup.json beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backups import Backup

STARTED = "2026-11-24T02:00:00Z"
SOURCE = "c1"
"""UID of Namespace kube-system: it tells the cluster that a backup is of."""


def stored_backup(folder: Path, name: str, *objects: str, **status: Any) -> Path:
    """ConfigMaps `namespace/name`, each with the backup's name in it; metadata when a status is given."""
    path = folder / name
    path.mkdir()
    if status:
        (path / "velero-backup.json").write_text(metadata_of(name, **status))
    backup = Backup().add("namespaces", "", "kube-system", {"metadata": {"uid": SOURCE}})
    for one in objects:
        namespace, called = one.split("/")
        backup.add("configmaps", namespace, called, {"data": {"of": name}})
    return backup.write(path / f"{name}.tar.gz")


def metadata_of(name: str, phase: str = "Completed", started: str = STARTED, schedule: str = "hourly") -> str:
    """What Velero stores beside the archive, as far as it matters here."""
    labels = {"velero.io/schedule-name": schedule} if schedule else {}
    return json.dumps(
        {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {"name": name, "labels": labels},
            "status": {"phase": phase, "startTimestamp": started},
        }
    )
