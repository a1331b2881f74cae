# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merge patches: as they are sent, what the server's answer says, and what becomes of one that meets another writer."""

from __future__ import annotations

from dataclasses import replace

from .._compare.normalise import digest, strip
from .._errors import ClusterError, Conflict, NotFound, Unreachable
from .._merge_patch import changed_fields
from .._values import BACKUP_LABEL, EMPTY, RESTORE_LABEL, Body, Change, Comparison, Done, ObjectResult
from .._vocabulary import CHANGED, NOT_IN_SYNC, Action, Outcome, Reason
from .admission import Admission, is_without_effect
from .creates import as_new
from .executor import Executor
from .refusals import equal_after_admission, ignored, refused
from .requests import comparison_of, patch_of
from .results import PLANNED, done, dropped, failed
from .status import with_status
from .trust import with_authorities


def patch(executor: Executor, planned: Change) -> Change | ObjectResult | Done:
    """Patches an object that exists, under the precondition that it is still the one that was compared.

    A Done where the change as it was written is another one than was planned.
    """
    change = with_authorities(executor, planned)
    if change.action is Action.NOOP:
        return change
    admission = Admission(executor, change)
    try:
        written = admission.rest()
        result = _carried_out(executor, written, admission)
    except Conflict as error:
        return _reconsidered(executor, change, maybe_ours=error.repeated and not executor.dry_run)
    except NotFound:
        return as_new(change)
    except Unreachable:
        raise
    except ClusterError as error:
        return refused(admission, error)
    executor.desired.release(change.item)
    result = _not_hiding(written, result)
    return result if written is planned else Done(written, result)


def _carried_out(executor: Executor, change: Change, admission: Admission) -> ObjectResult:
    """What the patch comes to, and the status after it."""
    planned, comparison = comparison_of(admission.change), comparison_of(change)
    if comparison.equal and not planned.equal:
        result = equal_after_admission(executor, change)
        answer = executor.get(change.item) if comparison.status else EMPTY
    else:
        answer, result = _sent(executor, change)
    if result.reason is Reason.NO_EFFECT:
        result = _without_effect(admission, result)
    if comparison.status and result.outcome is not Outcome.FAILED:
        most = comparison.status if executor.only_planned else None
        return with_status(executor, change.item, answer, executor.desired.body(change.item), result, most)
    return result


def _sent(executor: Executor, change: Change) -> tuple[Body, ObjectResult]:
    """The object after its patch, and what that came to; one whose status alone is due gets none."""
    item, comparison = change.item, comparison_of(change)
    if comparison.status and comparison.equal and not executor.decider.labels_due(item, comparison):
        return executor.get(item), done(Outcome.UNCHANGED)
    if _has_no_effect(executor, change):
        return executor.get(item) if comparison.status else EMPTY, done(Outcome.UNCHANGED, Reason.NO_EFFECT)
    sent = patch_of(executor, change)
    answer = executor.patch(item, sent, comparison.uid)
    lost = executor.lost(item, sent, answer)
    if lost:
        return answer, dropped(PLANNED[change.action], lost, executor.dry_run)
    if not comparison.equal:
        executor.note(item, answer)
    return answer, _judged(executor, change, answer)


def _has_no_effect(executor: Executor, change: Change) -> bool:
    """Whether the target would keep its own values, asked by a dry run where the patch itself would be stored for that.

    Only for an object that an earlier restore labelled, and where no label has to be written. What admission sets back
    is stored all the same when another manager wrote since: the server sorts managedFields by time (seen on 1.36).
    """
    comparison = comparison_of(change)
    if comparison.merged or comparison.labels[1] is None:
        return False
    due = executor.decider.labels_due(change.item, comparison)
    if executor.decider.label_unchanged if due else executor.dry_run:
        return False  # the labels are written anyway; a dry run stores nothing
    return is_without_effect(executor, change)


def _without_effect(admission: Admission, result: ObjectResult) -> ObjectResult:
    """Of a patch that the target took and that changed nothing: whether it ignored what a new object would have."""
    if not admission.ignored:
        return result
    return ignored(admission, admission.ignored, result.outcome in CHANGED)


def _judged(executor: Executor, change: Change, answer: Body) -> ObjectResult:
    """The server's answer says what the write came to (it may keep its own values, and then stores nothing)."""
    comparison = comparison_of(change)
    metadata = answer.get("metadata") or {}
    if not executor.dry_run and metadata.get("resourceVersion") == comparison.resource_version:
        return done(Outcome.UNCHANGED, Reason.NO_EFFECT)
    if comparison.equal:
        return done(Outcome.RELABELLED, change.reason, change.detail)
    if digest(strip(answer, change.ref.resource)) != comparison.digest:
        return done(Outcome.UPDATED, change.reason, change.detail)
    labels = metadata.get("labels") or {}
    if (labels.get(BACKUP_LABEL), labels.get(RESTORE_LABEL)) == comparison.labels:
        return done(Outcome.UNCHANGED, Reason.NO_EFFECT)
    return done(Outcome.RELABELLED, Reason.NO_EFFECT)


def _not_hiding(change: Change, result: ObjectResult) -> ObjectResult:
    """That nothing was to be written says less than why the object is not what the backup says all the same."""
    if change.reason in NOT_IN_SYNC and result.reason in (Reason.NO_EFFECT, Reason.EQUAL_AFTER_ADMISSION):
        return replace(result, reason=change.reason, detail=change.detail)
    return result


def _reconsidered(executor: Executor, approved: Change, maybe_ours: bool) -> Change | ObjectResult:
    """After a conflict: the approved change with a new precondition when it still holds, else what became of it.

    It holds when nobody touched the fields it names. What else is different now was not approved and is not written.
    `maybe_ours`: the other writer may have been this one, when the answer to its patch got lost.
    """
    item, before = approved.item, comparison_of(approved)
    try:
        live = executor.get(item)
    except NotFound:
        return as_new(approved)
    now = executor.compare(item, live)
    if now.terminating:
        return failed(Reason.TERMINATING, "its deletion began meanwhile")
    if now.equal:
        ours = maybe_ours and not now.status and (before.merged or not executor.decider.labels_due(item, now))
        return done(PLANNED[approved.action], approved.reason) if ours else executor.decider.decide(item, now)
    taken = changed_fields(before.before, strip(live, item.resource), before.patch)
    if taken:
        return failed(Reason.CONFLICT, ", ".join(taken))
    return _approved_again(approved, before, now)


def _approved_again(approved: Change, before: Comparison, now: Comparison) -> Change:
    more = None if now.patch == before.patch else Reason.CHANGED_MEANWHILE
    same = replace(
        before,
        resource_version=now.resource_version,
        labels=now.labels,
        digest=now.digest,
        uid=now.uid,
        controlled=now.controlled,
    )
    return replace(approved, comparison=same, reason=more)
