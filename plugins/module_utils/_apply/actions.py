# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The small actions: each carries out one Change and ends in one result, whatever the server says."""

from __future__ import annotations

from dataclasses import replace

from .._compare.normalise import strip
from .._decide.decide import carries_labels
from .._decide.privileged import guarded
from .._errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    Invalid,
    LockLost,
    NotFound,
    Unreachable,
)
from .._merge_patch import changed_fields
from .._prepare.labels import with_labels
from .._results import done, failed, restore_error, skipped, unrestored
from .._values import (
    Action,
    BackupItem,
    Body,
    Change,
    ObjectResult,
    Outcome,
    Reason,
)
from .creates import create_patiently
from .patches import CONFLICTS, PLANNED, comparison_of, is_kept, judged, patch_of
from .recreate import put_back_kept
from .refusals import refused
from .status import with_status
from .work import Work, uid_of

_LABELLED = frozenset((Outcome.UPDATED, Outcome.RELABELLED))
"""Outcomes after which an object bears the two labels."""


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
    except LockLost as error:
        return unrestored(item, Reason.LOCK_LOST, str(error))
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
    withheld = _withheld(work, change)
    if withheld is not None:
        return withheld
    body = work.desired(item)
    if carries_labels(item):
        body = with_labels(body, work.labels)
    try:
        made = create_patiently(work, item, body)
    except AlreadyExists as error:
        return _exists(work, item, maybe_ours=error.repeated and not work.dry_run)
    except Unreachable:
        raise
    except ClusterError as error:
        if item.resource == "services" and isinstance(error, Invalid) and _is_there(work, item):
            return _exists(work, item)  # its node port is taken: by itself
        if work.unproven(item, body, error):
            return done(item, Outcome.CREATED, Reason.UNPROVEN, str(error))
        return put_back_kept(work, item, error) or unrestored(item, Reason.REFUSED, str(error))
    if work.dry_run:  # it has made nothing to patch
        return done(item, Outcome.CREATED)
    return with_status(work, item, made, replace(done(item, Outcome.CREATED), uid=uid_of(made)))


def write(work: Work, change: Change) -> ObjectResult:
    """Patches an object that exists, under the precondition that it is still the one that was compared."""
    for _attempt in range(CONFLICTS + 1):
        try:
            if is_kept(work, change):
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
            return refused(work, change, error)
        else:
            return _with_status(work, change, answer)
    return failed(
        change.item, Reason.CONFLICT, "another writer kept changing it", error=f"{change.item.key} kept changing"
    )


def _patched(work: Work, change: Change) -> Body:
    """The object after its patch; one whose status alone is due gets none."""
    comparison = comparison_of(change)
    if comparison.status and comparison.equal and not work.decider.labels_due(change.item, comparison):
        return work.get(change.item)
    return work.patch(change.item, patch_of(work, change))


def _with_status(work: Work, change: Change, answer: Body) -> ObjectResult:
    comparison = comparison_of(change)
    if not comparison.status:
        return judged(work, change, answer)
    alone = comparison.equal and (answer.get("metadata") or {}).get("resourceVersion") == comparison.resource_version
    result = done(change.item, Outcome.UNCHANGED) if alone else judged(work, change, answer)
    return with_status(work, change.item, answer, result)


def _reconsidered(work: Work, approved: Change, maybe_ours: bool) -> Change | ObjectResult:
    """After a conflict: the approved change with a new precondition when it still holds, else what became of it.

    It holds when nobody touched the fields it names. What else is different now was not approved and is not written.
    `maybe_ours`: the other writer may have been this one, when the answer to its patch got lost.
    """
    item, before = approved.item, comparison_of(approved)
    try:
        live = work.get(item)
    except NotFound:
        return create(work, Change(item, Action.CREATE))
    now = work.compare(item, live)
    if now.terminating:
        return failed(item, Reason.TERMINATING, "its deletion began meanwhile", error=f"{item.key} is being deleted")
    if now.equal and maybe_ours and (before.merged or not work.decider.labels_due(item, now)):
        return done(item, PLANNED[approved.action], approved.reason)
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


def _withheld(work: Work, change: Change) -> ObjectResult | None:
    """For a privileged object that passed because only its labels were due, and is gone now."""
    passed, refused = guarded([replace(change, action=Action.CREATE)], work.privileged)
    if refused:
        return unrestored(change.item, Reason.PRIVILEGED, "privileged_objects is fail")
    return skipped(passed[0]) if passed[0].action is Action.SKIP else None


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
    now = work.compare(item, live)
    if now.terminating:
        return unrestored(item, Reason.TERMINATING, "its deletion has begun")
    if maybe_ours and not work.decider.labels_due(item, now) and (now.equal or carries_labels(item)):
        return with_status(work, item, live, replace(done(item, Outcome.CREATED), uid=uid_of(live)))
    change = work.decider.decide(item, now)
    result = write(work, change) if change.action in (Action.UPDATE, Action.RELABEL) else carry_out(work, change)
    return replace(result, uid=now.uid) if result.outcome in _LABELLED and not now.merged else result


def _is_there(work: Work, item: BackupItem) -> bool:
    try:
        work.get(item)
    except NotFound:
        return False
    return True
