# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the state on a target costs three runs, in this process: `one_state.py KUBECONFIG NAMESPACE OBJECTS`.

- the first run: restores all objects onto a target without a state;
- the next run: a backup of an hour later, in which one object in a thousand is new and one in a thousand is gone, all
  over the cluster;
- a quiet run: another hour later, the same objects.
Prints the seconds of each step as a JSON list of [run, step, seconds].
"""

from __future__ import annotations

import json
import random
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import (
    BackupInventory,
    Inventory,
    InventoryEntry,
    RestoreScope,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.merge import record_planned, record_restored
from ansible_collections.standby.velero.plugins.module_utils._records.inventory_store import InventoryStore
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey

KINDS = (
    ("", "ConfigMap"),
    ("", "Secret"),
    ("", "Service"),
    ("", "ServiceAccount"),
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("networking.k8s.io", "Ingress"),
    ("rbac.authorization.k8s.io", "RoleBinding"),
)
NAMESPACES = 250
Step = tuple[str, str, float]


@dataclass
class Module:
    """What the connection options are read from."""

    params: dict[str, Any]


def rows(first: int, last: int) -> dict[ObjectKey, InventoryEntry]:
    """Names as workloads have them, and UIDs, which nothing compresses; the same number gives the same row."""
    found = {}
    for number in range(first, last):
        chance = random.Random(number)
        group, kind = KINDS[number % len(KINDS)]
        namespace = f"team-{number // len(KINDS) % NAMESPACES:03}"
        key = ObjectKey(group, kind, namespace, f"service-{chance.randrange(400)}-{number:06x}")
        here, production = (str(uuid.UUID(int=chance.getrandbits(128), version=4)) for _one in range(2))
        found[key] = InventoryEntry(here, production, namespace)
    return found


def timed(steps: list[Step], run: str, step: str, do: Callable[[], object]) -> None:
    """Does it and notes the time."""
    started = time.monotonic()
    do()
    steps.append((run, step, time.monotonic() - started))


def run_once(steps: list[Step], run: str, store: InventoryStore, restored: BackupInventory) -> Inventory:
    """What a run does with the inventory: reads it, writes what it plans, then what is there in the end."""
    planned = replace(restored, entries={key: entry._replace(uid="") for key, entry in restored.entries.items()})
    known: list[Inventory] = []

    def write(inventory: Inventory) -> None:
        known.append(inventory)
        store.save(inventory)

    timed(steps, run, "read", lambda: known.append(store.load()))
    timed(steps, run, "write what is planned", lambda: write(record_planned(known[-1], planned)))
    timed(steps, run, "write what is restored", lambda: write(record_restored(known[-1], restored, ())))
    return known[-1]


def main() -> None:
    """See the head of this file."""
    kubeconfig, namespace, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    changed = max(count // 1000, 1)
    client = connect(Module({"kubeconfig": kubeconfig}), 4)
    client.get_json("/version")  # a run has its connection long before
    steps: list[Step] = []
    first, second = rows(0, count), rows(changed, count + changed)
    for run, hour, objects in (("first run", 2, first), ("next run", 3, second), ("quiet run", 4, second)):
        started = f"2026-11-24T{hour:02}:00:00Z"
        facts = BackupInfo(f"hourly-{hour}", "hourly", started, started, "Completed", 0, "all", "c1", count)
        scope = RestoreScope(facts, "all", count)
        inventory = run_once(steps, run, InventoryStore(client, namespace), BackupInventory(scope, objects))
    if sum(len(part.entries) for part in inventory) != count + changed:
        raise SystemExit("the state does not hold what it should")
    print(json.dumps(steps))


if __name__ == "__main__":
    main()
