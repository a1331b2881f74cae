# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creates, and what becomes of one that meets an object."""

from __future__ import annotations

from dataclasses import replace

from .._decide.decide import carries_labels
from .._decide.recreatable import TAKEN
from .._errors import AbsenceUnproven, AlreadyExists, ClusterError, Forbidden, Invalid, NotFound, Unreachable
from .._kinds import SERVICES
from .._prepare.labels import with_labels
from .._values import BackupItem, Body, Change, ObjectResult
from .._vocabulary import Action, Outcome, Reason
from .dependencies import planned_dependency
from .executor import Executor, uid_of
from .results import done, dropped, failed
from .rollback import roll_back_earlier
from .status import with_status

LAG_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between creates that wait for the API server's caches."""

_LAGGING = (
    "no PriorityClass with name",
    "error looking up service account",
    "attempting to grant RBAC permissions not currently held",
)


def create(executor: Executor, change: Change) -> Change | ObjectResult:
    """The result, or the Change for an object that is there after all."""
    item = change.item
    allowed = executor.privileged.held_back(change, executor.desired.body)
    if allowed is not change:  # it passed because only its labels were due, and is gone now
        return allowed
    wanted = executor.desired.body(item)
    body = with_labels(wanted, executor.labels) if carries_labels(item) else wanted
    try:
        made = create_patiently(executor, item, body)
    except AlreadyExists as error:
        return _found(executor, item, maybe_ours=error.repeated and not executor.dry_run)
    except Unreachable:
        raise
    except ClusterError as error:
        if item.resource == SERVICES and isinstance(error, Invalid) and _is_there(executor, item):
            return _found(executor, item)  # its node port is taken: by itself
        if executor.unverified(item, body, error):
            return done(Outcome.CREATED, Reason.UNVERIFIED, str(error))
        return roll_back_earlier(executor, change, error) or failed(Reason.REFUSED, str(error))
    lost = executor.lost(item, body, made)
    if not lost:
        executor.note(item, made)
    executor.desired.release(item)
    if lost:
        return replace(dropped(Outcome.CREATED, lost, executor.dry_run), uid=uid_of(made))
    if executor.dry_run:  # it has made nothing to patch
        return done(Outcome.CREATED, change.reason, change.detail)
    result = done(Outcome.CREATED, change.reason, change.detail, uid_of(made))
    return with_status(executor, item, made, wanted, result)


def create_patiently(executor: Executor, item: BackupItem, body: Body, after_deletion: bool = False) -> Body:
    """A create; once more for what the API server's admission, behind its caches, does not see yet.

    Seen on 1.36: a Pod is refused for want of the PriorityClass that was stored a moment before.
    """
    executor.resource(item)  # for a type that is not served no waiting helps
    for pause in LAG_PAUSES:
        try:
            return executor.create(item, body)
        except (AbsenceUnproven, NotFound, Forbidden) as error:
            waits = _lags(error) and planned_dependency(item, body, executor.coming) is not None
            if executor.dry_run or not waits:
                raise
        except Invalid as error:
            if not after_deletion or not any(phrase in str(error) for phrase in TAKEN):
                raise  # but what the deleted Service held may not be free yet
        executor.sleep(pause)
    return executor.create(item, body)


def _lags(error: ClusterError) -> bool:
    """Of several API servers one may not serve a new type yet: its 404 names nothing."""
    missing = isinstance(error, (AbsenceUnproven, NotFound))
    return missing or any(phrase in str(error) for phrase in _LAGGING)


def _found(executor: Executor, item: BackupItem, maybe_ours: bool = False) -> Change | ObjectResult:
    """What the policy says of an object that the plan took for missing.

    `maybe_ours`: an earlier create whose answer got lost may have made it; the two labels tell, where there are any.
    """
    try:
        live = executor.get(item)
    except NotFound:
        return failed(Reason.CONFLICT, "another writer creates and deletes it")
    now = executor.compare(item, live)
    if now.terminating:
        return failed(Reason.TERMINATING, "its deletion has begun")
    if maybe_ours and not executor.decider.labels_due(item, now) and (now.equal or carries_labels(item)):
        made = done(Outcome.CREATED, uid=uid_of(live))
        return with_status(executor, item, live, executor.desired.body(item), made)
    return executor.decider.decide(item, now)


def _is_there(executor: Executor, item: BackupItem) -> bool:
    try:
        executor.get(item)
    except NotFound:
        return False
    return True


def as_new(change: Change) -> Change:
    """The Change for an object that has gone since it was compared."""
    return replace(change, action=Action.CREATE, comparison=None, reason=None, detail="")
