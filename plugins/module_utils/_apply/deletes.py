# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes what a prune planned: that very object."""

from __future__ import annotations

from .._errors import ClusterError, Conflict, NotFound, Unreachable
from .._unstructured import as_list, nested
from .._values import Body, Change, ObjectResult
from .._vocabulary import Outcome, Reason
from .executor import Executor
from .requests import comparison_of
from .results import done, failed

PROPAGATION = "background"


def delete(executor: Executor, change: Change) -> ObjectResult:
    """In a dry run it is asked of the server and stays. What finalizers hold, or a grace period, is there a while."""
    try:
        answer = executor.delete(change.ref, comparison_of(change).uid, "", PROPAGATION)
    except NotFound:
        return done(Outcome.UNCHANGED, Reason.DELETED_BEFORE)
    except Conflict:
        return failed(Reason.CONFLICT, "another object of the name took its place")
    except Unreachable:
        raise
    except ClusterError as error:
        return failed(Reason.DELETE_REFUSED, str(error))
    if executor.dry_run or answer.get("kind") == "Status":
        return done(Outcome.DELETED)
    return done(Outcome.DELETED, Reason.DELETION_BLOCKED, _held_by(answer))


def _held_by(answer: Body) -> str:
    holding = ", ".join(map(str, as_list(nested(answer, "metadata", "finalizers"))))
    return holding and f"it is held by: {holding}"
