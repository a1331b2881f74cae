# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Missing children of workloads: made with a workload that is new to the target, later left to its controller.

A Pod that a ReplicaSet of the target has replaced is missing for ever: created again it is adopted, is one too many
and is deleted, at every run. A workload that bears a restore label was restored before, its children with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from .. import _kinds
from .._values import Change
from .._vocabulary import Action, Reason

_WORKLOADS = frozenset(
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


def left_to_controllers(changes: Sequence[Change]) -> list[Change]:
    """The changes, with a skip for each create of an object that has a workload restored before above it."""
    workloads = {change.item.uid: change for change in changes if change.ref.resource in _WORKLOADS}
    return [
        replace(change, action=Action.SKIP, reason=Reason.HAS_CONTROLLER) if _left(change, workloads) else change
        for change in changes
    ]


def _left(change: Change, workloads: Mapping[str, Change]) -> bool:
    if change.action is not Action.CREATE:
        return False
    owner = change.item.owner
    for _generation in range(_GENERATIONS):
        above = workloads.get(owner) if owner else None
        if above is None:
            return False
        owner = above.item.owner
        if above.comparison is not None and above.comparison.labels[1] is not None:
            return True
    return False
