# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The small actions: each carries out one Change and ends in one result, whatever the server says."""

from __future__ import annotations

from dataclasses import replace

from .._compare.compare import compare, same_as_admitted
from .._compare.normalise import digest, strip
from .._decide.decide import carries_labels
from .._errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    NotFound,
    Unreachable,
)
from .._merge_patch import changed_fields
from .._prepare.labels import with_labels
from .._results import done, failed, restore_error, skipped, unrestored
from .._values import (
    BACKUP_LABEL,
    EMPTY,
    RESTORE_LABEL,
    Action,
    BackupItem,
    Body,
    Change,
    Comparison,
    ObjectResult,
    Outcome,
    Policy,
    Reason,
)
from .cures import cure
from .status import with_status
from .work import Work

CONFLICTS = 5
"""How often a write that met another writer is considered again."""

LAG_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
"""Seconds between creates that wait for the API server's caches."""

_LAGGING = (
    "no PriorityClass with name",
    "error looking up service account",
    "attempting to grant RBAC permissions not currently held",
)
_MAY_BE_CURED = (NotFound, Forbidden, Invalid)
_PLANNED = {Action.CREATE: Outcome.CREATED, Action.UPDATE: Outcome.UPDATED, Action.RELABEL: Outcome.RELABELLED}


def carry_out(work: Work, change: Change) -> ObjectResult:
    """The result of one Change; never an exception of the cluster's."""
    item = change.item
    if change.action is Action.SKIP:
        return skipped(change)
    if change.action is Action.KEEP:
        return done(item, Outcome.UNCHANGED)
    if item.key.namespace in work.lost_namespaces:
        return unrestored(item, Reason.NAMESPACE_MISSING, work.lost_namespaces[item.key.namespace])
    if work.breaker.open:
        return unrestored(item, Reason.UNREACHABLE, "not tried: the target did not answer for the objects before it")
    try:
        result = create(work, change) if change.action is Action.CREATE else write(work, change)
    except Unreachable as error:
        work.breaker.note(reached=False)
        return unrestored(item, Reason.UNREACHABLE, str(error))
    except ClusterError as error:  # of a read in between
        return unrestored(item, Reason.REFUSED, str(error))
    work.breaker.note(reached=True)
    return result


def create(work: Work, change: Change) -> ObjectResult:
    """Creates; an object that is there after all goes the way of those that exist."""
    item = change.item
    body = work.desired(item)
    if carries_labels(item):
        body = with_labels(body, work.labels)
    try:
        made = _create_patiently(work, item, body)
    except AlreadyExists as error:
        return _exists(work, item, maybe_ours=error.repeated and not work.dry_run)
    except Unreachable:
        raise
    except ClusterError as error:
        if item.resource == "services" and isinstance(error, Invalid) and _is_there(work, item):
            return _exists(work, item)  # its node port is taken: by itself
        if _unproven(work, item, body, error):
            return done(item, Outcome.CREATED, Reason.UNPROVEN, str(error))
        return unrestored(item, Reason.REFUSED, str(error))
    created = done(item, Outcome.CREATED)
    return created if work.dry_run else with_status(work, item, made, created)  # a dry run has made nothing to patch


def _create_patiently(work: Work, item: BackupItem, body: Body) -> Body:
    """A create; once more for what the API server's admission, behind its caches, does not see yet.

    Seen on 1.36: a Pod is refused for want of the PriorityClass that was stored a moment before.
    """
    work.resource(item)  # for a type that is not served no waiting helps
    for pause in LAG_PAUSES:
        try:
            return work.create(item, body)
        except (NotFound, Forbidden) as error:
            if work.dry_run or not _lags(error) or cure(item, body, work.promised) is None:
                raise
            work.sleep(pause)
    return work.create(item, body)


def _lags(error: ClusterError) -> bool:
    return isinstance(error, NotFound) or any(phrase in str(error) for phrase in _LAGGING)


def write(work: Work, change: Change) -> ObjectResult:
    """Patches an object that exists, under the precondition that it is still the one that was compared."""
    for _attempt in range(CONFLICTS + 1):
        try:
            if _is_kept(work, change):
                return done(change.item, Outcome.UNCHANGED, Reason.KEPT_BY_TARGET)
            answer = _patched(work, change)
        except Conflict as error:
            again = _reconsidered(work, change, maybe_ours=error.repeated and not work.dry_run)
            if isinstance(again, ObjectResult):
                return again
            change = again
        except NotFound:
            return create(work, replace(change, action=Action.CREATE, comparison=None))
        except Unreachable:
            raise
        except ClusterError as error:
            return _refused(work, change, error)
        else:
            return _with_status(work, change, answer)
    return failed(
        change.item, Reason.CONFLICT, "another writer kept changing it", error=f"{change.item.key} kept changing"
    )


def _patched(work: Work, change: Change) -> Body:
    """The object after its patch; one whose status alone is due gets none."""
    comparison = _comparison(change)
    if comparison.status and comparison.equal and not work.decider.labels_due(change.item, comparison):
        return work.get(change.item)
    return work.patch(change.item, patch_of(work, change))


def _with_status(work: Work, change: Change, answer: Body) -> ObjectResult:
    comparison = _comparison(change)
    if not comparison.status:
        return _judged(work, change, answer)
    alone = comparison.equal and (answer.get("metadata") or {}).get("resourceVersion") == comparison.resource_version
    result = done(change.item, Outcome.UNCHANGED) if alone else _judged(work, change, answer)
    return with_status(work, change.item, answer, result)


def patch_of(work: Work, change: Change) -> Body:
    """The merge patch as it is sent: what differs, the two labels, and the resourceVersion that was read."""
    comparison = _comparison(change)
    labels = {} if comparison.merged or not carries_labels(change.item) else work.labels
    return _with_metadata(comparison.patch, labels, comparison.resource_version)


def _is_kept(work: Work, change: Change) -> bool:
    """Whether the target would keep its own values, asked by a dry run where the patch itself would be stored for that.

    Only for an object that an earlier restore labelled, and where no label has to be written. What admission sets back
    is stored all the same when another manager wrote since: the server sorts managedFields by time (seen on 1.36).
    """
    comparison = _comparison(change)
    if comparison.merged or comparison.labels[1] is None:
        return False
    due = work.decider.labels_due(change.item, comparison)
    if work.decider.label_unchanged if due else work.dry_run:
        return False  # the labels are written anyway; a dry run stores nothing
    answer = work.try_patch(change.item, _with_metadata(comparison.patch, {}, comparison.resource_version))
    return digest(strip(answer)) == comparison.digest


def _with_metadata(patch: Body, labels: object, resource_version: str) -> Body:
    metadata = dict(patch.get("metadata") or {})
    if labels:
        metadata["labels"] = {**(metadata.get("labels") or {}), **dict(labels)}  # type: ignore[call-overload]
    metadata["resourceVersion"] = resource_version
    return {**patch, "metadata": metadata}


def _judged(work: Work, change: Change, answer: Body) -> ObjectResult:
    """The server's answer says what the write came to (it may keep its own values, and then stores nothing)."""
    comparison = _comparison(change)
    metadata = answer.get("metadata") or {}
    if not work.dry_run and metadata.get("resourceVersion") == comparison.resource_version:
        return done(change.item, Outcome.UNCHANGED, Reason.KEPT_BY_TARGET)
    if change.action is Action.RELABEL:
        return done(change.item, Outcome.RELABELLED, change.reason)
    if digest(strip(answer)) != comparison.digest:
        return done(change.item, Outcome.UPDATED, change.reason)
    labels = metadata.get("labels") or {}
    if (labels.get(BACKUP_LABEL), labels.get(RESTORE_LABEL)) == comparison.labels:
        return done(change.item, Outcome.UNCHANGED, Reason.KEPT_BY_TARGET)
    return done(change.item, Outcome.RELABELLED, Reason.KEPT_BY_TARGET)


def _reconsidered(work: Work, approved: Change, maybe_ours: bool) -> Change | ObjectResult:
    """After a conflict: the approved change with a new precondition when it still holds, else what became of it.

    It holds when nobody touched the fields it names. What else is different now was not approved and is not written.
    `maybe_ours`: the other writer may have been this one, when the answer to its patch got lost.
    """
    item, before = approved.item, _comparison(approved)
    try:
        live = work.get(item)
    except NotFound:
        return create(work, Change(item, Action.CREATE))
    now = compare(item.resource, live, work.desired(item))
    if now.terminating:
        return failed(item, Reason.TERMINATING, "its deletion began meanwhile", error=f"{item.key} is being deleted")
    if now.equal and maybe_ours and (before.merged or not work.decider.labels_due(item, now)):
        return done(item, _PLANNED[approved.action], approved.reason)
    if now.equal:
        return _settled_or_again(work, work.decider.decide(item, now))
    taken = changed_fields(before.before, strip(live), before.patch)
    if taken:
        return failed(
            item,
            Reason.CONFLICT,
            ", ".join(taken),
            error=f"{item.key} was changed by another writer: {', '.join(taken)}",
        )
    more = None if now.patch == before.patch else Reason.CHANGED_MEANWHILE
    same = replace(before, resource_version=now.resource_version, labels=now.labels, digest=now.digest)
    return replace(approved, comparison=same, reason=more)


def _settled_or_again(work: Work, change: Change) -> Change | ObjectResult:
    return change if change.action is Action.RELABEL else carry_out(work, change)


def _exists(work: Work, item: BackupItem, maybe_ours: bool = False) -> ObjectResult:
    """The exists path of an object that the plan took for missing.

    `maybe_ours`: an earlier create whose answer got lost may have made it; the two labels tell, where there are any.
    """
    try:
        live = work.get(item)
    except NotFound:
        return failed(
            item,
            Reason.CONFLICT,
            "it exists, then not",
            error=restore_error(item, "another writer creates and deletes it"),
        )
    now = compare(item.resource, live, work.desired(item))
    if now.terminating:
        return unrestored(item, Reason.TERMINATING, "its deletion has begun")
    if maybe_ours and not work.decider.labels_due(item, now) and (now.equal or carries_labels(item)):
        return with_status(work, item, live, done(item, Outcome.CREATED))
    change = work.decider.decide(item, now)
    return write(work, change) if change.action in (Action.UPDATE, Action.RELABEL) else carry_out(work, change)


def _is_there(work: Work, item: BackupItem) -> bool:
    try:
        work.get(item)
    except NotFound:
        return False
    return True


def _refused(work: Work, change: Change, error: ClusterError) -> ObjectResult:
    """A patch that the server does not take: equal as admitted, or failed with Velero's warning and label patch."""
    item = change.item
    if _unproven(work, item, work.desired(item), error):
        return done(item, _PLANNED[change.action], Reason.UNPROVEN, str(error))
    if change.action is Action.RELABEL:
        return failed(item, Reason.REFUSED, str(error), error=str(error))
    labelled = carries_labels(item) and work.decider.policy is Policy.UPDATE
    if isinstance(error, Invalid) and _as_admitted(work, item):
        return _equal_as_admitted(work, change) if labelled else done(item, Outcome.UNCHANGED, Reason.AS_ADMITTED)
    if not labelled or not work.decider.labels_due(item, _comparison(change)):
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
    item, comparison = change.item, _comparison(change)
    if not (work.decider.label_unchanged and work.decider.labels_due(item, comparison)):
        return done(item, Outcome.UNCHANGED, Reason.AS_ADMITTED)
    refusal = _label(work, change)
    if refusal is not None:
        return failed(item, Reason.REFUSED, str(refusal), error=str(refusal))
    return done(item, Outcome.RELABELLED, Reason.AS_ADMITTED)


def _label(work: Work, change: Change) -> ClusterError | None:
    """A patch of the two labels alone; what refused it, or None."""
    version = _comparison(change).resource_version
    refusal: ClusterError | None = None
    for _attempt in range(CONFLICTS + 1):
        try:
            work.patch(change.item, _with_metadata(EMPTY, work.labels, version))
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


def _unproven(work: Work, item: BackupItem, body: Body, error: ClusterError) -> bool:
    if not work.dry_run:
        return False
    return isinstance(error, DryRunUnsupported) or (
        isinstance(error, _MAY_BE_CURED) and cure(item, body, work.promised) is not None
    )


def _comparison(change: Change) -> Comparison:
    if change.comparison is None:
        raise ValueError(f"{change.action.value} without a comparison: {change.item.key}")
    return change.comparison
