# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts back what was deleted in order to be recreated, when the new object is refused after all."""

from __future__ import annotations

from .._errors import AlreadyExists, ClusterError, StateError
from .._inventory.rollback_copy import creatable
from .._values import BackupItem, Body, ObjectResult
from .._vocabulary import Reason
from .executor import Executor
from .results import failed


def roll_back(executor: Executor, item: BackupItem, live: Body, error: ClusterError) -> tuple[Reason, str]:
    """Creates the object as it was; what came of that, and why."""
    try:
        executor.create(item, creatable(item.resource, live))
    except AlreadyExists:
        return Reason.ROLLED_BACK, f"{error}; another writer made it anew, or its answer was lost"
    except ClusterError as second:
        return Reason.ROLLBACK_FAILED, f"{error}; and when it was put back: {second}"
    return Reason.ROLLED_BACK, str(error)


def roll_back_earlier(executor: Executor, item: BackupItem, error: ClusterError) -> ObjectResult | None:
    """For an object that is gone since an earlier run, and is refused again: its old body, when there is one."""
    copies = executor.copies
    copy = copies.earlier.get(item.key)
    if copy is None or executor.dry_run:
        return None
    kept = f"its body as it was is kept in {copies.place(copy)}"
    if executor.only_planned:
        return failed(Reason.REFUSED, f"{error}; {kept}, and nobody has approved that it is put back")
    try:
        executor.create(item, copies.load(copy))
    except (ClusterError, StateError) as second:
        return failed(Reason.ROLLBACK_FAILED, f"{error}; and when it was put back: {second}; {kept}")
    return failed(Reason.ROLLED_BACK, f"{error}; {kept}", stored=True)
