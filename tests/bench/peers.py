# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same objects by other tools, each as a command from its start to its end: `make bench ARGS=--peers`.

Velero is in no package registry; what it takes is in docs/performance.md, with how that was measured.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from controlplane import ControlPlane
from mixed import OURS, Mixed

Command = Callable[[list[str]], int]
"""Runs it against the cluster, and gives its exit code."""


class Peer(NamedTuple):
    """A tool, onto an empty namespace and again with nothing to do."""

    name: str
    first: float
    again: float
    check: float
    """Telling what differs, with nothing that does."""


def peers(cluster: ControlPlane, mixed: Mixed, command: Command, backup: Path) -> list[Peer]:
    """In turns, each with the namespace as it was before."""
    documents = cluster.folder / "objects.yml"
    bodies = [body for _type, body in mixed.each(OURS)]
    documents.write_text("".join(f"---\n{json.dumps(body)}\n" for body in bodies), encoding="utf-8")
    found = []
    for name, (apply, tell) in _commands(documents, _playbook(cluster.folder, documents), backup).items():
        _emptied(cluster)
        found.append(Peer(name, _timed(command, apply), _timed(command, apply), _timed(command, tell)))
    return found


def _commands(documents: Path, playbook: Path, backup: Path) -> dict[str, tuple[list[str], list[str]]]:
    """What restores them, and what tells how they differ."""
    variables = {"backup_file": str(backup), "existing_resource_policy": "update", "label_unchanged": False}
    ours = {f"restore_{name}": value for name, value in {**variables, "compare": "fast"}.items()}
    restore = ["ansible-playbook", "standby.velero.restore", "-e", json.dumps(ours)]
    files = ["-f", str(documents)]
    theirs = ["ansible-playbook", str(playbook)]
    return {
        "standby.velero": (restore, [*restore, "--check", "--diff"]),
        "kubectl --server-side": (
            ["kubectl", "apply", "--server-side", "--force-conflicts", *files],
            ["kubectl", "diff", "--server-side", "--force-conflicts", *files],
        ),
        "kubectl": (["kubectl", "apply", *files], ["kubectl", "diff", *files]),
        "kubernetes.core.k8s": (theirs, [*theirs, "--check", "--diff"]),
    }


def _playbook(folder: Path, documents: Path) -> Path:
    path = folder / "peer.yml"
    task: dict[str, Any] = {"kubernetes.core.k8s": {"src": str(documents), "apply": True}}
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    path.write_text(json.dumps(play), encoding="utf-8")
    return path


def _emptied(cluster: ControlPlane) -> None:
    for root in ("/api/v1", "/apis/apps/v1", "/apis/bench.example.org/v1"):
        for name in {"/api/v1": ("configmaps", "secrets"), "/apis/apps/v1": ("deployments",)}.get(root, ("widgets",)):
            cluster.api("DELETE", f"{root}/namespaces/{OURS}/{name}")


def _timed(command: Command, words: list[str]) -> float:
    started = time.monotonic()
    if command(words):
        raise RuntimeError(f"{' '.join(words[:2])} failed")
    return time.monotonic() - started


def print_peers(found: list[Peer], objects: int) -> None:
    """The table."""
    print(f"\n{objects} mixed objects, each command from its start to its end\n")
    print(f"{'':26}{'missing':>10}{'again':>10}{'what differs':>14}")
    for one in found:
        print(f"{one.name:26}{one.first:9.1f}s{one.again:9.1f}s{one.check:13.1f}s")
