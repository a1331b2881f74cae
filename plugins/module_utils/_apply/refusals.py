# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patches that the server does not take."""

from __future__ import annotations

from .._decide.decide import carries_labels
from .._errors import ClusterError, Conflict, Invalid, Unreachable
from .._results import done, failed
from .._values import EMPTY, Action, BackupItem, Change, ObjectResult, Outcome, Policy, Reason
from .patches import CONFLICTS, PLANNED, comparison_of, with_metadata
from .recreate import recreate
from .work import Work


def refused(work: Work, change: Change, error: ClusterError) -> ObjectResult:
    """A patch that the server does not take: equal as admitted, or failed with Velero's warning and label patch."""
    item = change.item
    if work.unproven(item, work.desired(item), error):
        return done(item, PLANNED[change.action], Reason.UNPROVEN, str(error))
    if change.action is Action.RELABEL:
        return failed(item, Reason.REFUSED, str(error), error=str(error))
    policy = work.decider.policy_of(item)
    labelled = carries_labels(item) and policy is not Policy.NONE
    if isinstance(error, Invalid) and _as_admitted(work, item):
        return _equal_as_admitted(work, change) if labelled else done(item, Outcome.UNCHANGED, Reason.AS_ADMITTED)
    if policy is not Policy.RECREATE or not isinstance(error, Invalid):
        return _failed(work, change, labelled, Reason.REFUSED, str(error))
    recreated = recreate(work, change, error)
    if isinstance(recreated, ObjectResult):
        return recreated
    return _failed(work, change, labelled, Reason.NOT_RECREATED, f"{error}; {recreated}")


def _failed(work: Work, change: Change, labelled: bool, reason: Reason, detail: str) -> ObjectResult:
    """With Velero's warning and, where it is due, its patch of the two labels."""
    item = change.item
    if not labelled or not work.decider.labels_due(item, comparison_of(change)):
        return failed(item, reason, detail, warning=detail)
    refusal = _label(work, change)
    error = "" if refusal is None else str(refusal)
    return failed(item, reason, detail, warning=detail, error=error, stored=refusal is None)


def _equal_as_admitted(work: Work, change: Change) -> ObjectResult:
    item, comparison = change.item, comparison_of(change)
    if not (work.decider.label_unchanged and work.decider.labels_due(item, comparison)):
        return done(item, Outcome.UNCHANGED, Reason.AS_ADMITTED)
    refusal = _label(work, change)
    if refusal is not None:
        return failed(item, Reason.REFUSED, str(refusal), error=str(refusal))
    return done(item, Outcome.RELABELLED, Reason.AS_ADMITTED)


def _label(work: Work, change: Change) -> ClusterError | None:
    """A patch of the two labels alone; what refused it, or None."""
    version = comparison_of(change).resource_version
    refusal: ClusterError | None = None
    for _attempt in range(CONFLICTS + 1):
        try:
            work.patch(change.item, with_metadata(EMPTY, work.labels, version))
        except Conflict as error:
            refusal = error
            version = work.get(change.item)["metadata"]["resourceVersion"]
        except Unreachable:
            raise
        except ClusterError as error:
            return error
        else:
            return None
    return refusal


def _as_admitted(work: Work, item: BackupItem) -> bool:
    """Whether a new object of this body would come out just like the live one.

    Asked with a dry-run create under a generated name: defaults of another version, a LimitRange or a mutating webhook
    make the live object differ from the backup for ever, in fields that no patch may touch.
    """
    body = work.desired(item)
    metadata = {name: value for name, value in body["metadata"].items() if name != "name"}
    metadata["generateName"] = f"{item.key.name[:40].rstrip('-.')}-"
    try:
        answer = work.admit(item, {**body, "metadata": metadata})
        return work.comparer.same_as_admitted(item, work.get(item), answer, body)
    except Unreachable:
        raise
    except ClusterError:
        return False
