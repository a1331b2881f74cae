# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out one Change and ends in one result, whatever the server says.

Each step sends what its action asks for and gives the result, or the Change to go on with: a create that meets an
object becomes what the policy says of that object, a patch that meets another writer is considered again, one that
meets nothing becomes a create. How often that may happen is bounded. What the policy leaves alone is asked for: that
an object differs is said only when the target agrees.
"""

from __future__ import annotations

from collections.abc import Callable

from .._decide.planned_write import is_within
from .._errors import ClusterError, LockLost, NotReached, Unreachable
from .._values import Change, Done, ObjectResult
from .._vocabulary import Action, Outcome, Reason
from .admission import equal_all_the_same
from .copies import keep_copy
from .creates import create
from .deletes import delete
from .executor import Executor
from .patches import patch
from .requests import CONFLICTS
from .results import done, failed

Step = Callable[[Executor, Change], "Change | ObjectResult | Done"]

_UNCHANGED = ObjectResult(Outcome.UNCHANGED)


def _unchanged(change: Change) -> ObjectResult:
    return ObjectResult(Outcome.UNCHANGED, change.reason, change.detail) if change.reason else _UNCHANGED


def _skipped(change: Change) -> ObjectResult:
    return ObjectResult(Outcome.SKIPPED, change.reason, change.detail)


def _failed(change: Change) -> ObjectResult:
    return ObjectResult(Outcome.FAILED, change.reason, change.detail)


def _given_up(_change: Change) -> ObjectResult:
    return failed(Reason.CONFLICT, "another writer kept changing it")


SETTLED: dict[Action, Callable[[Change], ObjectResult]] = {
    Action.NOOP: _unchanged,
    Action.SKIP: _skipped,
    Action.FAIL: _failed,
}
"""Actions that write nothing."""

WRITES: dict[Action, Step] = {
    Action.CREATE: create,
    Action.UPDATE: patch,
    Action.RELABEL: patch,
    Action.DELETE: delete,
    Action.COPY: keep_copy,
}


def is_settled(change: Change) -> bool:
    """Whether nothing is sent for it, not even a question."""
    return change.action in SETTLED and change.reason is not Reason.EXISTS_DIFFERENT


def settled(change: Change) -> Done:
    """What becomes of it without a request."""
    return Done(change, SETTLED[change.action](change))


def carry_out(executor: Executor, change: Change) -> Done:
    """The Change as it ended, and its result; never an exception of the cluster's."""
    planned = change
    for _write in range(CONFLICTS + 1):
        if change.action in SETTLED:
            break
        outcome = _written(executor, change)
        if isinstance(outcome, (Done, ObjectResult)):
            _note(executor, change, outcome)
            return outcome if isinstance(outcome, Done) else Done(change, outcome)
        if executor.only_planned and not is_within(planned, outcome, executor.desired.body, executor.recreation):
            return Done(outcome, _not_approved(planned, outcome))
        change = outcome
    if change.reason is Reason.EXISTS_DIFFERENT:
        return Done(change, _asked(executor, change))
    settled = SETTLED.get(change.action, _given_up)
    return Done(change, settled(change))


def _not_approved(planned: Change, now: Change) -> ObjectResult:
    """It changed after the plan was made, so that what is due now nobody has seen."""
    due, was = now.action.value, planned.action.value
    return failed(Reason.NOT_APPROVED, f"{due} is due now, approved was {was}" if due != was else f"another {due}")


def _asked(executor: Executor, change: Change) -> ObjectResult:
    """A target that does not answer leaves it at what was planned."""
    if executor.breaker.open or executor.stopping.why:
        return _skipped(change)
    try:
        reason = equal_all_the_same(executor, change)
    except ClusterError as error:
        executor.breaker.note(reached=not isinstance(error, Unreachable) or isinstance(error, (LockLost, NotReached)))
        return _skipped(change)
    executor.breaker.note(reached=True)
    result = done(Outcome.UNCHANGED, reason) if reason else _skipped(change)
    _note(executor, change, result)
    return result


def _note(executor: Executor, change: Change, ended: Done | ObjectResult) -> None:
    """Of an object that is as the target makes it, whatever is sent: the fields in which that is not the backup's."""
    result = ended.result if isinstance(ended, Done) else ended
    if change.comparison and result.reason in (Reason.NO_EFFECT, Reason.EQUAL_AFTER_ADMISSION):
        executor.comparer.target_fields.note(change.ref.resource, change.comparison)


def _written(executor: Executor, change: Change) -> Change | ObjectResult | Done:
    why = executor.stopping.why
    if why:
        return failed(why, "")
    namespace = change.key.namespace
    if namespace in executor.lost_namespaces:
        return failed(Reason.NAMESPACE_MISSING, executor.lost_namespaces[namespace])
    if executor.breaker.open:
        return failed(Reason.UNREACHABLE, "not tried: the target did not answer for the objects before it")
    try:
        outcome = WRITES[change.action](executor, change)
    except LockLost as error:
        return failed(Reason.LOCK_LOST, str(error))
    except NotReached as error:
        return failed(executor.stopping.why or Reason.CANCELLED, str(error))
    except Unreachable as error:
        executor.breaker.note(reached=False)
        return failed(Reason.UNREACHABLE, str(error))
    except ClusterError as error:  # of a read in between
        return failed(Reason.READ_FAILED, str(error))
    executor.breaker.note(reached=True)
    return outcome
