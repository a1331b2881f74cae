# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts back what was deleted in order to be recreated, when the new object is refused after all."""

from __future__ import annotations

from .._errors import AlreadyExists, ClusterError, StateError
from .._inventory.rollback_copy import RollbackCopy, creatable
from .._values import BackupItem, Body, Change, ObjectResult
from .._vocabulary import Policy, Reason
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


def roll_back_earlier(executor: Executor, change: Change, error: ClusterError) -> ObjectResult | None:
    """For an object that is gone since an earlier run, and is refused again: its old body, when there is one."""
    copies, item = executor.copies, change.item
    copy = copies.earlier.get(item.key)
    if copy is None or executor.dry_run:
        return None
    kept = f"its body as it was is kept in {copies.place(copy)}"
    if executor.only_planned:
        return failed(Reason.REFUSED, f"{error}; {kept}, and nobody has approved that it is put back")
    try:
        body = copies.load(copy)
        why_not = _why_not(executor, change, copy, body)
        if why_not:
            return failed(Reason.REFUSED, f"{error}; {kept} and is not put back: {why_not}")
        executor.create(item, body)
    except (ClusterError, StateError) as second:
        return failed(Reason.ROLLBACK_FAILED, f"{error}; and when it was put back: {second}; {kept}")
    return failed(Reason.ROLLED_BACK, f"{error}; {kept}", stored=True)


def _why_not(executor: Executor, change: Change, copy: RollbackCopy, body: Body) -> str:
    """Why a kept body is not created; nothing when it is what this very object was, as far as that can be known.

    Whoever may write Secrets where it is kept may have written this one: only a signature proves what it holds.
    """
    item = change.item
    if change.policy is not Policy.RECREATE:
        return "it was kept by a recreate, and the policy now is another one"
    if body["apiVersion"] != executor.resource(item).api_version:
        return "it is of another version of the type"
    if executor.copies.is_outdated(copy):
        return "it is of an earlier object of the name than the one that was restored last"
    if not executor.copies.signed and executor.privileged.gives(item, body, executor.desired.body(item)):
        return "it may give rights that the backup does not give, and without state_key nothing proves who wrote it"
    return ""
