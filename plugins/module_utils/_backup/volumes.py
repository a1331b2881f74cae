# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Velero saved the data of volumes: the `<name>-volumeinfo.json.gz` that lies beside `<name>.tar.gz`.

Velero 1.18, internal/volume/volumes_information.go, pkg/restore/restore.go (restoreItem) and
pkg/controller/restore_controller.go: of two entries for a volume the last one counts. Refused as BackupError: a file
that is damaged or too large, for a volume that is taken for another kind would be restored when it should not. Velero
before 1.13 did not write the file.
"""

from __future__ import annotations

import os
from typing import Any

from .._errors import BackupError
from .._source.keys import VOLUME_INFO
from .._source.local import beside, open_regular
from .._text import shown
from .._values import VolumeData
from .json_stream import JsonStream
from .unzip import Limits, Unzipped

_MOST = 64 << 20
LIMITS = Limits(total=_MOST, free=_MOST)
"""An entry has less than a thousand bytes, and one at a time is in memory."""
LONGEST_NAME = 253
"""Of an object in Kubernetes."""

_METHODS = {
    "CSISnapshot": VolumeData.CSI_SNAPSHOT,
    "NativeSnapshot": VolumeData.NATIVE_SNAPSHOT,
    "PodVolumeBackup": VolumeData.FILE_SYSTEM_BACKUP,
}
"""Anything else has saved nothing."""


def read_volume_info(
    backup_file: str, limits: Limits = LIMITS, volume_info_file: str = "", where: str = ""
) -> dict[str, VolumeData]:
    """PersistentVolume -> how its data was saved; empty without the file, which lies beside the backup unless named.

    `where` is what messages call it when not its path.
    """
    path = volume_info_file or beside(backup_file, VOLUME_INFO)
    if not os.path.exists(path):
        return {}
    where = where or shown(path)
    with open(open_regular(path, where), "rb") as file:
        stream = JsonStream(Unzipped(file, where, limits))
        try:
            return {name: _data(entry) for entry in stream.elements() if (name := _volume(entry))}
        except (ValueError, RecursionError):
            raise BackupError(f"{where}: is damaged: it is not valid JSON, or has an entry that is too long") from None


def _volume(entry: Any) -> str:
    """Its name; empty for what is no entry of a volume."""
    name = entry.get("pvName") if isinstance(entry, dict) else None
    return name if isinstance(name, str) and len(name) <= LONGEST_NAME else ""


def _data(entry: dict[str, Any]) -> VolumeData:
    data = _METHODS.get(str(entry.get("backupMethod")), VolumeData.SKIPPED)
    moved = data is VolumeData.CSI_SNAPSHOT and entry.get("snapshotDataMoved") is True
    return VolumeData.DATA_UPLOAD if moved else data
