# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every sort of write beside the same writes by hand: `make bench ARGS=--writes`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from controlplane import ControlPlane
from mixed import (
    AGAIN,
    OURS,
    RAW,
    Body,
    Fixed,
    Mixed,
    Type,
    creates,
    deletes,
    patches,
    recreates,
    updates,
    write_backup,
    write_requests,
)

LABELS = {"metadata": {"labels": {"velero.io/backup-name": "raw", "velero.io/restore-name": "raw"}}}
EVERYTHING = {"delta": "prune", "prune_max_count": 1_000_000, "prune_max_percent": 100, "label_unchanged": False}


class Beside(NamedTuple):
    """What one sort of write took."""

    what: str
    by_hand: float
    """Seconds, from 16 threads: the mean of before and after."""
    restore: float
    """Seconds, `started` to `completed`."""
    counts: dict[str, int]


Run = Callable[[dict[str, Any]], tuple[float, dict[str, int]]]
Send = Callable[[Path], float]


def writes(cluster: ControlPlane, mixed: Mixed, run: Run, send: Send) -> Iterator[Beside]:
    """In an order in which each finds what the one before has left.

    By hand before and after each restore, to other objects where it creates or deletes: an API server that has just
    started takes three times as long at first.
    """
    made = _Files(cluster.folder, mixed)
    fixed = Fixed(mixed.count // 4)
    half = mixed.count // 2
    sides = [list(mixed.each(namespace)) for namespace in (RAW, AGAIN)]
    steps: list[tuple[str, list[Iterator[list[Any]]], dict[str, Any]]] = [
        ("create, onto an empty cluster", [creates(side) for side in sides], made.options("1")),
        (
            "check mode of an update (raw dry runs)",
            [updates(mixed.each(RAW, "2"), LABELS, dry_run=True) for _side in sides],
            made.options("2", check=True),
        ),
        ("update of all", [updates(mixed.each(RAW, value), LABELS) for value in "23"], made.options("2")),
        ("labels of all", [patches(sides[0], labels(value)) for value in "12"], made.options("2")),
        ("prune of half of them", [deletes(side[half:]) for side in sides], made.options("2", half=True)),
        ("", [creates(fixed.each(RAW))], made.of(fixed.each(OURS))),
        (
            "recreate of a quarter",
            [recreates(fixed.each(RAW, value)) for value in "23"],
            made.of(fixed.each(OURS, "2")),
        ),
    ]
    for warm in (creates, deletes):
        send(write_requests(cluster.folder / "warm.jsonl", warm(sides[0])))
    for what, requests, options in steps:
        before, *after = [write_requests(cluster.folder / f"{side}.jsonl", one) for side, one in enumerate(requests)]
        by_hand = [send(before)]
        seconds, counts = run(options)
        by_hand += [send(file) for file in after]
        if what:
            yield Beside(what, sum(by_hand) / len(by_hand), seconds, counts)


def labels(value: str) -> dict[str, Any]:
    return {"metadata": {"labels": {"velero.io/backup-name": value, "velero.io/restore-name": value}}}


class _Files:
    """Backups, each later than the one before, as a schedule makes them."""

    def __init__(self, folder: Path, mixed: Mixed) -> None:
        self._folder = folder
        self._mixed = mixed
        self._number = 0

    def options(self, value: str, check: bool = False, half: bool = False) -> dict[str, Any]:
        kept = self._mixed.count // 2 if half else self._mixed.count
        return {
            **self._backup(islice(self._mixed.each(OURS, value), kept)),
            "existing_resource_policy": "update",
            **(EVERYTHING if half else {}),
            **({"_ansible_check_mode": True} if check else {}),
        }

    def of(self, objects: Iterable[tuple[Type, Body]]) -> dict[str, Any]:
        """A backup of these alone, which are recreated where an update cannot do it."""
        return {**self._backup(objects), "existing_resource_policy": "recreate"}

    def _backup(self, objects: Iterable[tuple[Type, Body]]) -> dict[str, Any]:
        self._number += 1
        name = f"hourly-{self._number}"
        path = write_backup(self._folder / f"{name}.tar.gz", objects)
        metadata = self._folder / f"{name}.json"
        metadata.write_text(json.dumps(self._metadata(name)), encoding="utf-8")
        return {"backup_file": str(path), "backup_metadata_file": str(metadata), "allow_shrunk": True}

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
