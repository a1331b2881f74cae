# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deletes what a prune planned: that very object, as it was when it was read.

Whether an object is gone its answer tells, and not by being a Status: of Services, StorageClasses and others the API
server answers with the object that is no more (seen on 1.36). It is there still, being deleted, while a finalizer holds
it or its grace period lasts. Dry runs are answered alike.

Between the plan and its deletion a controller may adopt it, or a label or a finalizer may come to keep it. So the
deletion carries UID and resourceVersion, and what was written meanwhile is judged again by the rules of the plan.
"""

from __future__ import annotations

from dataclasses import replace

from .._decide.exemptions import LiveObject, bears, held_by, live_object
from .._errors import ClusterError, Conflict, NotFound, Unreachable
from .._prune_words import KeepReason
from .._values import Body, Change, Comparison, ObjectResult
from .._vocabulary import Outcome, Reason
from .copies import forget_copy
from .executor import Executor
from .requests import comparison_of
from .results import done, failed

PROPAGATION = "background"


def delete(executor: Executor, change: Change) -> Change | ObjectResult:
    """What became of the object, and of the copy from which an activation would create it again."""
    held = comparison_of(change).held
    if held is None:
        return _delete(executor, change)
    result = _delete(executor, change) if held.awake else done(Outcome.DELETED)
    gone = isinstance(result, ObjectResult) and result.outcome is Outcome.DELETED
    return forget_copy(executor, change) if gone else result


def _delete(executor: Executor, change: Change) -> Change | ObjectResult:
    """What became of the object; or its deletion under the version that it has now."""
    found = comparison_of(change)
    try:
        answer = executor.delete(change.ref, found.uid, found.resource_version, PROPAGATION)
    except NotFound as error:
        return _gone(error)
    except Conflict as error:
        return _reconsidered(executor, change, maybe_ours=error.repeated)
    except Unreachable:
        raise
    except ClusterError as error:
        return failed(Reason.DELETE_REFUSED, str(error))
    return _deleted(change, answer)


def _gone(error: NotFound) -> ObjectResult:
    """By somebody else, unless the answer to a first deletion got lost."""
    return done(Outcome.DELETED) if error.repeated else done(Outcome.UNCHANGED, Reason.DELETED_BEFORE)


def _deleted(change: Change, answer: Body) -> ObjectResult:
    held = held_by(change.ref.resource, answer)
    return done(Outcome.DELETING, Reason.DELETION_BLOCKED, held) if held else done(Outcome.DELETED)


def _reconsidered(executor: Executor, planned: Change, maybe_ours: bool) -> Change | ObjectResult:
    """After a conflict: the deletion of the object as it is now, where nothing keeps it; else what became of it.

    `maybe_ours`: the other writer may have been this one, when the answer to its deletion got lost.
    """
    before = comparison_of(planned)
    try:
        body = executor.get(planned.ref)
    except NotFound:
        return done(Outcome.DELETED) if maybe_ours else done(Outcome.UNCHANGED, Reason.DELETED_BEFORE)
    now = live_object(planned.key, executor.resource(planned.ref), body, executor.exemptions)
    if now.uid != before.uid:
        return failed(Reason.CONFLICT, "another object of the name took its place")
    if maybe_ours and now.keep is KeepReason.TERMINATING:
        return _deleted(planned, body)
    keep = now.keep or _unproven(now, before)
    if keep is not None:
        return ObjectResult(Outcome.SKIPPED, keep, now.detail)
    return replace(planned, comparison=replace(before, resource_version=now.resource_version, before=now.body))


def _unproven(now: LiveObject, before: Comparison) -> KeepReason | None:
    """Where labels have to prove who made it, they have to do so still."""
    return None if bears(now, before.labels) else KeepReason.NOT_LABELLED
