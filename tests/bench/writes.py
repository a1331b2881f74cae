# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sort of write beside the same writes by hand: `make bench ARGS=--writes`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from controlplane import ControlPlane
from mixed import RAW, Mixed, creates, deletes, patches, updates, write_requests

LABELS = {"metadata": {"labels": {"velero.io/backup-name": "raw", "velero.io/restore-name": "raw"}}}
EVERYTHING = {"delta": "prune", "prune_max_count": 1_000_000, "prune_max_percent": 100}


class Beside(NamedTuple):
    """What one sort of write took."""

    what: str
    by_hand: float
    """Seconds, from 16 threads."""
    restore: float
    """Seconds, `started` to `completed`."""
    counts: dict[str, int]


Run = Callable[[dict[str, Any]], tuple[float, dict[str, int]]]
Send = Callable[[Path], float]


def writes(cluster: ControlPlane, mixed: Mixed, run: Run, send: Send) -> Iterator[Beside]:
    """In an order in which each finds what the one before has left; both sides in turns."""
    made = _Files(cluster.folder, mixed)
    theirs = list(mixed.each(RAW))
    steps: list[tuple[str, Iterator[list[Any]], dict[str, Any]]] = [
        ("create, onto an empty cluster", creates(theirs), made.options("1")),
        ("check mode of an update (raw dry runs)", patches(theirs, LABELS, True), made.options("2", check=True)),
        ("update of all", updates(mixed.each(RAW, "2"), LABELS), made.options("2")),
        ("labels of all", patches(theirs, LABELS), made.options("2")),
        ("prune of half of them", deletes(theirs[mixed.count // 2 :]), made.options("2", half=True)),
    ]
    for what, requests, options in steps:
        file = write_requests(cluster.folder / "requests.jsonl", requests)
        by_hand = send(file)
        seconds, counts = run(options)
        yield Beside(what, by_hand, seconds, counts)


class _Files:
    """Backups, each later than the one before, as a schedule makes them."""

    def __init__(self, folder: Path, mixed: Mixed) -> None:
        self._folder = folder
        self._mixed = mixed
        self._number = 0

    def options(self, value: str, check: bool = False, half: bool = False) -> dict[str, Any]:
        self._number += 1
        name = f"hourly-{self._number}"
        without = self._mixed.count - self._mixed.count // 2 if half else 0
        path = self._mixed.write(self._folder / f"{name}.tar.gz", value, without=without)
        metadata = self._folder / f"{name}.json"
        metadata.write_text(json.dumps(self._metadata(name)), encoding="utf-8")
        return {
            "backup_file": str(path),
            "backup_metadata_file": str(metadata),
            "existing_resource_policy": "update",
            "allow_shrunk": True,
            **(EVERYTHING if half else {}),
            **({"_ansible_check_mode": True} if check else {}),
        }

    def _metadata(self, name: str) -> dict[str, Any]:
        times = [f"2026-11-24T{self._number:02}:{minute}:00Z" for minute in ("00", "05")]
        return {
            "apiVersion": "velero.io/v1",
            "kind": "Backup",
            "metadata": {"name": name, "namespace": "velero", "labels": {"velero.io/schedule-name": "hourly"}},
            "spec": {},
            "status": {"phase": "Completed", "startTimestamp": times[0], "completionTimestamp": times[1]},
        }


def print_writes(rows: list[Beside], objects: int) -> None:
    """The table."""
    print(f"\n{objects} mixed objects, beside the same requests by hand from 16 threads\n")
    print(f"{'':42}{'by hand':>10}{'restore':>10}{'ratio':>8}   outcomes")
    for row in rows:
        told = " ".join(f"{name}={number}" for name, number in row.counts.items() if number and name != "total")
        ratio = row.by_hand / row.restore
        print(f"{row.what:42}{row.by_hand:9.2f}s{row.restore:9.2f}s{ratio:8.2f}   {told}")
