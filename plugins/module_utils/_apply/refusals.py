# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Patches that the server does not take."""

from __future__ import annotations

from .._compare.compare import same_as_admitted
from .._decide.decide import carries_labels
from .._errors import ClusterError, Conflict, DryRunUnsupported, Forbidden, Invalid, NotFound, Unreachable
from .._results import done, failed
from .._values import EMPTY, Action, BackupItem, Body, Change, ObjectResult, Outcome, Policy, Reason
from .cures import cure
from .patches import CONFLICTS, PLANNED, comparison_of, with_metadata
from .work import Work

_MAY_BE_CURED = (NotFound, Forbidden, Invalid)


def refused(work: Work, change: Change, error: ClusterError) -> ObjectResult:
    """A patch that the server does not take: equal as admitted, or failed with Velero's warning and label patch."""
    item = change.item
    if unproven(work, item, work.desired(item), error):
        return done(item, PLANNED[change.action], Reason.UNPROVEN, str(error))
    if change.action is Action.RELABEL:
        return failed(item, Reason.REFUSED, str(error), error=str(error))
    labelled = carries_labels(item) and work.decider.policy is Policy.UPDATE
    if isinstance(error, Invalid) and _as_admitted(work, item):
        return _equal_as_admitted(work, change) if labelled else done(item, Outcome.UNCHANGED, Reason.AS_ADMITTED)
    if not labelled or not work.decider.labels_due(item, comparison_of(change)):
        return failed(item, Reason.REFUSED, str(error), warning=str(error))
    refusal = _label(work, change)
    return failed(
        item,
        Reason.REFUSED,
        str(error),
        warning=str(error),
        error="" if refusal is None else str(refusal),
        stored=refusal is None,
    )


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
        return same_as_admitted(item.resource, work.get(item), answer, body)
    except Unreachable:
        raise
    except ClusterError:
        return False


def unproven(work: Work, item: BackupItem, body: Body, error: ClusterError) -> bool:
    if not work.dry_run:
        return False
    return isinstance(error, DryRunUnsupported) or (
        isinstance(error, _MAY_BE_CURED) and cure(item, body, work.promised) is not None
    )
