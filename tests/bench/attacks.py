# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups made to take a run's memory: what a file of some hundred kilobytes can come to."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from backups import Backup
from heavy import MIB, SHAPES, backup_of, config_map, write_bomb

HEAVIEST = SHAPES["lists within lists"]
ATTACKED = "shop"
"""The namespace that is restored."""
BESIDE = 64 * MIB
"""Of JSON in a file beside the content: what the reader of volume information takes at most."""


def _whole(size: int, count: int) -> Callable[[Path], None]:
    return lambda path: _write(path, backup_of(count, HEAVIEST(size)))


def _write(path: Path, backup: Backup) -> None:
    backup.write(path)


def _with_beside(ending: str, text: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        _write(path, backup_of(1, '"1"'))
        write_bomb(path.with_name(path.name.removesuffix(".tar.gz") + ending), text)

    return write


def _metadata(path: Path) -> None:
    _write(path, backup_of(1, '"1"'))
    said = '{"apiVersion":"velero.io/v1","kind":"Backup","metadata":{"name":"attack"},"spec":{"includedResources":'
    path.with_name("velero-backup.json").write_text(said + HEAVIEST(4 * MIB - 1000) + "}}", encoding="utf-8")


def _names(path: Path) -> None:
    """As many small objects as an archive may have, of which next to none are restored."""
    backup = Backup().add("namespaces", "", ATTACKED)
    for number in range(999_990):
        name, namespace = f"c-{number:06}", f"n-{number % 1000:03}"
        backup.add_text("configmaps", namespace, name, config_map(name, '"1"', namespace))
    _write(path, backup)


def _uids(path: Path) -> None:
    """Long UIDs, which would be kept of each object."""
    backup = Backup().add("namespaces", "", "shop")
    for number in range(30):
        metadata = {"name": f"c-{number}", "namespace": "shop", "uid": f"{number:08}" * MIB}
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
        backup.add_text("configmaps", "shop", metadata["name"], json.dumps(body))
    _write(path, backup)


ATTACKS: dict[str, Callable[[Path], None]] = {
    "one object of 16 MiB, lists within lists": _whole(15 * MIB, 1),
    "16 objects of 2.5 MiB, lists within lists": _whole(5 * MIB // 2, 16),
    "300 objects of 60 kB, lists within lists": _whole(60_000, 300),
    "30 UIDs of 8 MiB": _uids,
    "volume information of 64 MiB, empty maps": _with_beside("-volumeinfo.json.gz", SHAPES["empty maps"](BESIDE - 99)),
    "resource list of 64 MiB, empty texts": _with_beside(
        "-resource-list.json.gz", '{"v1/Pod":' + SHAPES["short texts"](BESIDE) + "}"
    ),
    "velero-backup.json of 4 MiB, lists within lists": _metadata,
    "1,000,000 small objects": _names,
}
"""By what they are -> what writes such a backup as a file, and what lies beside it."""
