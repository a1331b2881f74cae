# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the body of what a sleeping standby is not to have, and forgets it once production has it no more."""

from __future__ import annotations

from .._errors import ClusterError, StateError, Unreachable
from .._prepare.labels import with_labels
from .._values import Change, ObjectResult
from .._vocabulary import Outcome, Reason
from .executor import Executor
from .results import done, failed


def keep_copy(executor: Executor, change: Change) -> ObjectResult:
    """The result bears the UID of the copy; nothing is created."""
    try:
        uid = executor.kept.save(with_labels(executor.desired.body(change.item), executor.labels))
    except Unreachable:
        raise
    except (ClusterError, StateError) as error:
        return failed(Reason.REFUSED, f"no copy of it could be kept: {error}")
    executor.desired.release(change.item)
    return done(Outcome.SKIPPED, Reason.KEPT_AS_COPY, uid=uid)


def forget_copy(executor: Executor, change: Change) -> ObjectResult:
    """The deletion of what is on the target as a copy alone."""
    try:
        executor.kept.drop(change.key)
    except Unreachable:
        raise
    except ClusterError as error:
        return failed(Reason.DELETE_REFUSED, f"its copy could not be removed: {error}")
    return done(Outcome.DELETED)
