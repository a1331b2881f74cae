# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The status of an object, when it is restored too: after the object itself, through its /status.

As in Velero a refusal is a warning (pkg/restore/restore.go, restoreItem); unlike there the status of an object that
exists is restored as well (velero#7994).
"""

from __future__ import annotations

from dataclasses import replace

from .._compare.compare import status_patch
from .._errors import ClusterError, Conflict, Unreachable
from .._values import BackupItem, Body, ObjectResult
from .._vocabulary import Outcome, Reason
from .executor import Executor

CONFLICTS = 5
"""How often a controller of the target may come in between."""

_NEW = frozenset((Outcome.CREATED, Outcome.RECREATED))


def with_status(executor: Executor, item: BackupItem, live: Body, wanted: Body, result: ObjectResult) -> ObjectResult:
    """The result of the object and of the status that its desired body carries; `live` is the object as it is."""
    for attempt in range(CONFLICTS + 1):
        patch = status_patch(live, wanted)
        if not patch:
            return result
        try:
            answer = executor.patch_status(item, _with_version(patch, live))
        except Conflict as error:
            if attempt == CONFLICTS:
                return _refused(result, error)
            live = executor.get(item)
        except Unreachable:
            raise
        except ClusterError as error:
            return _refused(result, error)
        else:
            return _judged(result, stored=answer.get("status") != live.get("status"))
    return result


def _judged(result: ObjectResult, stored: bool) -> ObjectResult:
    """The server's answer says whether the patch came to anything: it fills in what the backup's version has not."""
    if result.outcome in _NEW:
        return result
    if stored:
        said = None if result.reason is Reason.NO_EFFECT else result.reason
        return replace(result, outcome=Outcome.UPDATED, reason=said)
    return replace(result, reason=result.reason or Reason.NO_EFFECT)


def _with_version(patch: Body, live: Body) -> Body:
    return {"metadata": {"resourceVersion": live["metadata"]["resourceVersion"]}, "status": patch}


def _refused(result: ObjectResult, error: ClusterError) -> ObjectResult:
    return replace(result, reason=Reason.STATUS_REFUSED, detail=str(error))
