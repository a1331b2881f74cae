# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patches that the server does not take."""

from __future__ import annotations

from dataclasses import replace

from .._errors import ClusterError, Conflict, Invalid, Unreachable
from .._values import EMPTY, BackupItem, Change, ObjectResult
from .._vocabulary import Action, Outcome, Policy, Reason
from .executor import Executor
from .recreate import recreate
from .requests import CONFLICTS, comparison_of, with_metadata
from .results import PLANNED, done, failed


def refused(executor: Executor, change: Change, error: ClusterError) -> ObjectResult:
    """A patch that the server does not take: equal after admission, recreated, or failed but for the two labels."""
    item = change.item
    if executor.unverified(item, executor.desired.body(item), error):
        return done(PLANNED[change.action], Reason.UNVERIFIED, str(error))
    if change.action is Action.RELABEL:
        return failed(Reason.REFUSED, str(error))
    labelled = change.policy is not Policy.NONE
    if isinstance(error, Invalid) and _equals_admitted(executor, item):
        if labelled:
            return _equal_after_admission(executor, change)
        return done(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    if change.policy is not Policy.RECREATE or not isinstance(error, Invalid):
        return _but_for_the_labels(executor, change, labelled, Reason.REFUSED, str(error))
    recreated = recreate(executor, change, error)
    if isinstance(recreated, ObjectResult):
        return recreated
    return _but_for_the_labels(executor, change, labelled, Reason.RECREATE_NOT_ALLOWED, f"{error}; {recreated}")


def _but_for_the_labels(
    executor: Executor, change: Change, labelled: bool, reason: Reason, detail: str
) -> ObjectResult:
    """A failure with, where it is due, Velero's patch of the two labels."""
    result = failed(reason, detail)
    if not labelled or not executor.decider.labels_due(change.item, comparison_of(change)):
        return result
    refusal = _label(executor, change)
    return replace(result, stored=refusal is None, label_refusal="" if refusal is None else str(refusal))


def _equal_after_admission(executor: Executor, change: Change) -> ObjectResult:
    item, comparison = change.item, comparison_of(change)
    if not (executor.decider.label_unchanged and executor.decider.labels_due(item, comparison)):
        return done(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    refusal = _label(executor, change)
    if refusal is not None:
        return replace(failed(Reason.REFUSED, str(refusal)), label_refusal=str(refusal))
    return done(Outcome.RELABELLED, Reason.EQUAL_AFTER_ADMISSION)


def _label(executor: Executor, change: Change) -> ClusterError | None:
    """A patch of the two labels alone; what refused it, or None."""
    version = comparison_of(change).resource_version
    refusal: ClusterError | None = None
    for _attempt in range(CONFLICTS + 1):
        try:
            executor.patch(change.item, with_metadata(EMPTY, executor.labels, version))
        except Conflict as error:
            refusal = error
            version = executor.get(change.item)["metadata"]["resourceVersion"]
        except Unreachable:
            raise
        except ClusterError as error:
            return error
        else:
            return None
    return refusal


def _equals_admitted(executor: Executor, item: BackupItem) -> bool:
    """Whether a new object of this body would come out just like the live one.

    Asked with a dry-run create under a generated name: defaults of another version, a LimitRange or a mutating webhook
    make the live object differ from the backup for ever, in fields that no patch may touch.
    """
    body = executor.desired.body(item)
    metadata = {name: value for name, value in body["metadata"].items() if name != "name"}
    metadata["generateName"] = f"{item.key.name[:40].rstrip('-.')}-"
    try:
        answer = executor.admit(item, {**body, "metadata": metadata})
        return executor.comparer.same_as_admitted(item, executor.get(item), answer, body)
    except Unreachable:
        raise
    except ClusterError:
        return False
