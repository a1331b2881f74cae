# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes what a prune was allowed to: that very object, one after the other, in the order given."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import ClusterError, Conflict, LockLost, NotFound, Unreachable
from .._results import done, failed
from .._values import BackupItem, ObjectKey, ObjectResult, Outcome, Reason
from .work import Work

PROPAGATION = "background"


def prune(work: Work, deletions: Iterable[tuple[BackupItem, str]]) -> tuple[list[ObjectResult], frozenset[ObjectKey]]:
    """(item, UID on the target) of each -> a result of each, and the keys of those that are gone for good.

    In a dry run each is asked of the server and stays.
    """
    results: list[ObjectResult] = []
    gone: set[ObjectKey] = set()
    for item, uid in deletions:
        result, is_gone = _deleted(work, item, uid)
        results.append(result)
        if is_gone:
            gone.add(item.key)
        if result.reason in (Reason.LOCK_LOST, Reason.UNREACHABLE):
            break
    return results, frozenset(gone)


def _deleted(work: Work, item: BackupItem, uid: str) -> tuple[ObjectResult, bool]:
    """An object with finalizers is accepted for deletion and still there: the state keeps it until it is gone."""
    try:
        answer = work.delete(item, uid, "", PROPAGATION)
    except NotFound:
        return done(item, Outcome.UNCHANGED, None, f"{item.key} was gone already"), True
    except Conflict:
        detail = "another object of the name took its place"
        return failed(item, Reason.CONFLICT, detail, error=f"{item.key}: {detail}"), False
    except LockLost as error:
        return failed(item, Reason.LOCK_LOST, str(error), error=str(error)), False
    except Unreachable as error:
        return failed(item, Reason.UNREACHABLE, str(error), error=str(error)), False
    except ClusterError as error:
        return failed(item, Reason.REFUSED, str(error), error=f"error deleting {item.key}: {error}"), False
    return done(item, Outcome.DELETED), not work.dry_run and answer.get("kind") == "Status"
