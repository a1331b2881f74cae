# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Merge patches as they are sent, and what the server's answer to one says."""

from __future__ import annotations

from .._compare.normalise import digest, strip
from .._decide.decide import carries_labels
from .._results import done
from .._values import BACKUP_LABEL, RESTORE_LABEL, Action, Body, Change, Comparison, ObjectResult, Outcome, Reason
from .work import Work

CONFLICTS = 5
"""How often a write that met another writer is considered again."""

PLANNED = {Action.CREATE: Outcome.CREATED, Action.UPDATE: Outcome.UPDATED, Action.RELABEL: Outcome.RELABELLED}
"""What an action comes to when all goes as planned."""


def patch_of(work: Work, change: Change) -> Body:
    """The merge patch as it is sent: what differs, the two labels, and the resourceVersion that was read."""
    comparison = comparison_of(change)
    labels = {} if comparison.merged or not carries_labels(change.item) else work.labels
    return with_metadata(comparison.patch, labels, comparison.resource_version)


def is_kept(work: Work, change: Change) -> bool:
    """Whether the target would keep its own values, asked by a dry run where the patch itself would be stored for that.

    Only for an object that an earlier restore labelled, and where no label has to be written. What admission sets back
    is stored all the same when another manager wrote since: the server sorts managedFields by time (seen on 1.36).
    """
    comparison = comparison_of(change)
    if comparison.merged or comparison.labels[1] is None:
        return False
    due = work.decider.labels_due(change.item, comparison)
    if work.decider.label_unchanged if due else work.dry_run:
        return False  # the labels are written anyway; a dry run stores nothing
    answer = work.try_patch(change.item, with_metadata(comparison.patch, {}, comparison.resource_version))
    return digest(strip(answer)) == comparison.digest


def with_metadata(patch: Body, labels: object, resource_version: str) -> Body:
    metadata = dict(patch.get("metadata") or {})
    if labels:
        metadata["labels"] = {**(metadata.get("labels") or {}), **dict(labels)}  # type: ignore[call-overload]
    metadata["resourceVersion"] = resource_version
    return {**patch, "metadata": metadata}


def judged(work: Work, change: Change, answer: Body) -> ObjectResult:
    """The server's answer says what the write came to (it may keep its own values, and then stores nothing)."""
    comparison = comparison_of(change)
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


def comparison_of(change: Change) -> Comparison:
    if change.comparison is None:
        raise ValueError(f"{change.action.value} without a comparison: {change.item.key}")
    return change.comparison
