# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Missing children of workloads: made with a workload that is new to the target, else left to its controller.

A workload that stood before the run has children of its own. A Pod of production's created beside them is adopted, is
one too many and is deleted, in every run. No label tells: whoever put the workload there, its controller is at work.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from .. import _kinds
from .._values import BackupItem, Change
from .._vocabulary import Action, Reason

WORKLOADS = frozenset(
    (
        _kinds.CRON_JOBS,
        _kinds.DAEMON_SETS,
        _kinds.DEPLOYMENTS,
        _kinds.JOBS,
        _kinds.REPLICA_SETS,
        _kinds.REPLICATION_CONTROLLERS,
        _kinds.STATEFUL_SETS,
    )
)
"""Types whose controllers every target runs; an operator's objects may be there without their operator."""

_GENERATIONS = 4
"""A Pod, its ReplicaSet, its Deployment, one to spare: owners in a backup may as well go round in circles."""


def workloads_in(items: Iterable[BackupItem]) -> dict[str, BackupItem]:
    """Those of a backup by the UIDs that their children know."""
    return {item.uid: item for item in items if item.uid and item.resource in WORKLOADS}


def owners_of(item: BackupItem, workloads: Mapping[str, BackupItem]) -> Iterator[str]:
    """UIDs of the workloads above an object, the nearest first."""
    above = workloads.get(item.owner)
    for _generation in range(_GENERATIONS):
        if above is None:
            return
        yield above.uid
        above = workloads.get(above.owner)


def standing_in(changes: Iterable[Change]) -> frozenset[str]:
    """UIDs in the backup of the workloads that are no news to the target; one that could not be read may be none."""
    of_workloads = (change for change in changes if change.ref.resource in WORKLOADS)
    return frozenset(change.item.uid for change in of_workloads if change.action is not Action.CREATE)


def left_to_controllers(
    changes: Sequence[Change], workloads: Mapping[str, BackupItem], standing: Collection[str]
) -> list[Change]:
    """The changes, with a skip for each create of an object that has a standing workload above it."""
    return [
        replace(change, action=Action.SKIP, reason=Reason.HAS_CONTROLLER)
        if change.action is Action.CREATE and any(uid in standing for uid in owners_of(change.item, workloads))
        else change
        for change in changes
    ]
