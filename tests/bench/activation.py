# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments to wake, and as many to scale by hand: both as they are before a round."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controlplane import ControlPlane
from mixed import TYPES, write_backup, write_requests

HELD, RAW = "bench-held", "bench-raw"
REPLICAS = 3


def deployment(namespace: str, number: int, replicas: int = REPLICAS) -> dict[str, Any]:
    name = f"web-{number:06}"
    labels = {"app": name}
    container = {"name": "main", "image": "registry.example.org/web:1"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def write_deployments(path: Path, objects: int) -> None:
    """A backup of them."""
    write_backup(path, ((TYPES["deployments"], deployment(HELD, number)) for number in range(objects)))


def create_raw(cluster: ControlPlane, objects: int) -> None:
    """Those that are scaled by hand, at 0."""
    cluster.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {RAW}}}}}")
    for number in range(objects):
        status, answer = cluster.api("POST", f"/apis/apps/v1/namespaces/{RAW}/deployments", deployment(RAW, number, 0))
        if status != 201:
            raise SystemExit(f"a Deployment was refused: {answer}")


ANNOTATION = "standby.velero/production"


@dataclass
class Woken:
    """One round, in seconds."""

    scales: float = 0.0
    """Patches of scales by hand."""
    same: float = 0.0
    """Patches of replicas and of the annotation by hand: what the module has to write."""
    seconds: float = 0.0
    """The module, without the start of its process."""


def awake(folder: Path, numbers: Iterable[int]) -> Path:
    return _written(folder / "awake.jsonl", numbers, REPLICAS, None)


def asleep(folder: Path, numbers: Iterable[int]) -> Path:
    return _written(folder / "asleep.jsonl", numbers, 0, json.dumps({"spec": {"replicas": REPLICAS}}))


def _written(path: Path, numbers: Iterable[int], replicas: int, annotation: str | None) -> Path:
    """Requests that bring Deployments that are not the module's to this."""
    patch = {"spec": {"replicas": replicas}, "metadata": {"annotations": {ANNOTATION: annotation}}}
    place = f"/apis/apps/v1/namespaces/{RAW}/deployments/web-"
    requests = (["PATCH", f"{place}{number:06}", patch, "application/merge-patch+json"] for number in numbers)
    return write_requests(path, requests)


def print_woken(rounds: list[Woken], objects: int, goal: float) -> None:
    """The medians, and the ratio of each round."""
    print(f"\n{objects} Deployments, woken; medians of {len(rounds)} rounds, by hand from 16 threads\n")
    print(f"patches of scales, by hand    {statistics.median(one.scales for one in rounds):9.2f} s")
    print(f"the same patches, by hand     {statistics.median(one.same for one in rounds):9.2f} s")
    print(f"velero_workloads              {statistics.median(one.seconds for one in rounds):9.2f} s\n")
    for what, ratios in (
        (f"scales (goal: {goal} or more)", [one.scales / one.seconds for one in rounds]),
        ("the same", [one.same / one.seconds for one in rounds]),
    ):
        told = ", ".join(f"{one:.2f}" for one in ratios)
        print(f"activation : {what:32}{statistics.median(ratios):.2f} of it ({told})")
