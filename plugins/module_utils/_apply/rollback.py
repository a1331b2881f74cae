# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts back what was deleted in order to be recreated, when the new object is refused after all.

What was refused for itself, by a rule of its type or by admission, would be refused each night: the kept body then is a
brake, until the backup has the object otherwise. Any other cause passes, and the next run tries again.
"""

from __future__ import annotations

from typing import NamedTuple

from .._compare.normalise import digest, strip
from .._errors import AlreadyExists, ClusterError, Invalid, MalformedAnswer, StateError, Unreachable
from .._inventory.rollback_copy import RollbackCopy, creatable
from .._values import BackupItem, Body, Change, ObjectResult
from .._vocabulary import Policy, Reason
from .executor import Executor
from .results import failed, said


class RolledBack(NamedTuple):
    """What came of putting an object back."""

    reason: Reason
    detail: str
    is_certain: bool = True
    """False where only a look at the object tells: an answer was lost, or cannot be believed."""


def roll_back(executor: Executor, item: BackupItem, live: Body, error: ClusterError) -> RolledBack:
    """Creates the object as it was; what came of that, and why."""
    try:
        executor.create(item, creatable(item.resource, live))
    except AlreadyExists:
        return RolledBack(Reason.ROLLED_BACK, f"{error}; another writer made it anew, or its answer was lost", False)
    except ClusterError as second:
        told = f"{error}; and when it was put back: {second}"
        return RolledBack(Reason.ROLLBACK_FAILED, told, not isinstance(second, (MalformedAnswer, Unreachable)))
    return RolledBack(Reason.ROLLED_BACK, str(error))


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
    return rolled_back(executor, item, copy, error, str(error))


def rolled_back(
    executor: Executor, item: BackupItem, copy: RollbackCopy, error: ClusterError, detail: str
) -> ObjectResult:
    """The result for an object that stands again as it was; its copy stays only as a brake."""
    copies = executor.copies
    if is_of_the_object(error):
        problem = copies.mark_refused(copy, mark_of(item, executor.desired.body(item)))
        detail = said(detail, problem, f"its body as it was is kept in {copies.place(copy)}")
    else:
        detail = said(detail, copies.forget(copy))
    return failed(Reason.ROLLED_BACK, detail, stored=True)


def is_of_the_object(error: ClusterError) -> bool:
    """Whether the target refused the object itself, and not what a moment brought."""
    return isinstance(error, Invalid) or error.by_admission


def mark_of(item: BackupItem, wanted: Body) -> str:
    """Stands for a body that was refused, as long as the backup has it so."""
    return digest(strip(wanted, item.resource)).hex()


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
