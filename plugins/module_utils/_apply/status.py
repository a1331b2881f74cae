# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of an object, when it is restored too: after the object itself, through its /status.

A custom resource whose definition has no such subresource takes it with its own create or patch. The server would
ignore the status of one that has.

As in Velero a refusal is a warning (pkg/restore/restore.go, restoreItem); unlike there the status of an object that
exists is restored as well (velero#7994).
"""

from __future__ import annotations

from dataclasses import replace

from .._compare.compare import status_patch
from .._errors import ClusterError, Conflict, Unreachable
from .._merge_patch import is_part
from .._values import BackupItem, Body, ObjectResult
from .._vocabulary import Outcome, Reason
from .executor import Executor, uid_of

CONFLICTS = 5
"""How often a controller of the target may come in between."""

_NEW = frozenset((Outcome.CREATED, Outcome.RECREATED))


def with_status(
    executor: Executor,
    item: BackupItem,
    live: Body,
    wanted: Body,
    result: ObjectResult,
    planned: Body | None = None,
) -> ObjectResult:
    """The result of the object and of the status that its desired body carries; `live` is the object as it is.

    `planned` is the patch of a status that was there, where no more than that may be sent.
    """
    for attempt in range(CONFLICTS + 1):
        patch = status_patch(live, wanted)
        if not patch:
            return _went_along(executor, item, result)
        if planned is not None and not is_part(patch, planned):
            return replace(result, reason=Reason.NOT_APPROVED, detail="its status changed, and stays as it is")
        try:
            answer = executor.patch_status(item, _with_version(patch, live), uid_of(live))
        except Conflict as error:
            if attempt == CONFLICTS:
                return _refused(result, str(error))
            live = executor.get(item)
        except Unreachable:
            raise
        except ClusterError as error:
            return _refused(result, str(error))
        else:
            return _answered(executor, item, live, answer, result)
    return result


def _answered(executor: Executor, item: BackupItem, live: Body, answer: Body, result: ObjectResult) -> ObjectResult:
    if not answer.get("status") and not executor.has_status(item):
        return _refused(result, "objects of its type have none on the target")
    return _judged(result, stored=answer.get("status") != live.get("status"))


def _went_along(executor: Executor, item: BackupItem, result: ObjectResult) -> ObjectResult:
    """Nothing is left to send: where the labels alone were due besides, their patch has brought the status."""
    if result.outcome is not Outcome.RELABELLED or executor.has_status(item):
        return result
    return _judged(result, stored=True)


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


def _refused(result: ObjectResult, why: str) -> ObjectResult:
    return replace(result, reason=Reason.STATUS_REFUSED, detail=why)
