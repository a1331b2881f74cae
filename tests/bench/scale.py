# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How time, requests, memory and state grow with the objects: `make bench ARGS=--scale`."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from controlplane import ControlPlane
from mixed import OURS, Large, Mixed, lists, write_backup

SIZES = (1_000, 10_000, 100_000)
LARGE = 240
HOURLY = {"label_unchanged": False, "compare": "fast"}
MIB = 1 << 20
_REQUESTS = re.compile(r'^apiserver_request_total\{.*verb="((?!WATCH)[A-Z]+)".*\} (\S+)$', re.MULTILINE)


@dataclass(frozen=True)
class Measured:
    """One run of the module."""

    seconds: float
    """From its first request to its last: the backup is read before."""
    requests: int
    peak: int


@dataclass(frozen=True)
class Size:
    """What so many objects cost."""

    objects: int
    first: Measured
    full: Measured
    fast: Measured
    listing: float
    state: int


def scale(run: Callable[[ControlPlane, dict[str, Any]], Measured], raw: Callable[..., float], sizes: Any) -> list[Size]:
    """Each size on a cluster of its own; `run` is one run of the module, `raw` the paged lists by hand."""
    return [_size(run, raw, objects) for objects in sizes]


def _size(run: Callable[[ControlPlane, dict[str, Any]], Measured], raw: Callable[..., float], objects: int) -> Size:
    with ControlPlane() as cluster:
        path = Mixed(cluster, objects).write(cluster.folder / "backup.tar.gz")
        first = run(cluster, options(path, "hourly-1", compare="full"))
        run(cluster, options(path, "hourly-2"))
        full = run(cluster, options(path, "hourly-3", compare="full"))
        rounds = [(raw(cluster, *lists(OURS)), run(cluster, options(path, "hourly-4"))) for _round in range(3)]
        listing = statistics.median(seconds for seconds, _fast in rounds)
        fast = sorted((one for _seconds, one in rounds), key=lambda one: one.seconds)[1]
        return Size(objects, first, full, fast, listing, state_bytes(cluster))


def large(run: Callable[[ControlPlane, dict[str, Any]], Measured], count: int = LARGE) -> list[tuple[str, Measured]]:
    """What so many objects of 1 MB cost: onto an empty cluster, with nothing to do, and with a change in each."""
    with ControlPlane() as cluster:
        Mixed(cluster, 0)
        one, two = (
            write_backup(cluster.folder / f"backup-{value}.tar.gz", Large(count).each(OURS, value)) for value in "12"
        )
        steps = (("created", one), ("nothing to do", one), ("updated", two), ("nothing to do", two))
        return [(what, run(cluster, options(path, "hourly", compare="full"))) for what, path in steps]


def options(path: Path, name: str, **more: Any) -> dict[str, Any]:
    return {"backup_file": str(path), "restore_name": name, "existing_resource_policy": "update", **HOURLY, **more}


def requests_of(cluster: ControlPlane) -> int:
    """All that the API server has counted, its own apart."""
    _status, text = cluster.api("GET", "/metrics")
    return sum(int(float(number)) for _verb, number in _REQUESTS.findall(text))


def state_bytes(cluster: ControlPlane) -> int:
    """Of what is kept on the target."""
    _status, listed = cluster.api("GET", "/api/v1/namespaces/standby-velero/secrets")
    return sum(len(json.dumps(secret.get("data", {}))) for secret in listed["items"])


def print_large(steps: list[tuple[str, Measured]], count: int = LARGE) -> None:
    """A line a step."""
    print(f"\n{count} ConfigMaps of 1 MB\n")
    for what, one in steps:
        print(f"{what:>16}{one.seconds:>10.2f} s{one.peak / MIB:>10.0f} MiB")


def print_scale(sizes: list[Size]) -> None:
    """The table, and whether a step costs more than the work grows."""
    print("\nMixed objects (4 in 10 ConfigMaps, 3 Secrets, 2 custom resources, 1 Deployment), policy update\n")
    head = ("objects", "first", "full", "fast", "bare list", "fast : list", "requests", "first peak", "peak", "state")
    print("".join(f"{name:>12}" for name in head))
    for one in sizes:
        row = (
            f"{one.objects:,}",
            f"{one.first.seconds:.2f} s",
            f"{one.full.seconds:.2f} s",
            f"{one.fast.seconds:.2f} s",
            f"{one.listing:.2f} s",
            f"{one.fast.seconds / one.listing:.2f}",
            f"{one.fast.requests:,}",
            f"{one.first.peak / MIB:.0f} MiB",
            f"{max(one.full.peak, one.fast.peak) / MIB:.0f} MiB",
            f"{one.state / 1024:.0f} KiB",
        )
        print("".join(f"{cell:>12}" for cell in row))
    for before, after in pairwise(sizes):
        grown = after.objects / before.objects
        steps = (after.first.seconds / before.first.seconds, after.fast.seconds / before.fast.seconds)
        print(f"\n{before.objects:,} to {after.objects:,} ({grown:.0f}x): first {steps[0]:.1f}x, fast {steps[1]:.1f}x")
