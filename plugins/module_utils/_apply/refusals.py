# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches that the server does not take."""

from __future__ import annotations

from dataclasses import replace

from .._decide.recreatable import not_ignored, not_immutable
from .._errors import AbsenceUnproven, ClusterError, Conflict, Invalid, Unreachable
from .._values import EMPTY, Change, ObjectResult
from .._vocabulary import Action, Outcome, Policy, Reason
from .admission import Admission
from .executor import Executor, uid_of
from .recreate import recreate
from .requests import CONFLICTS, comparison_of, with_metadata
from .results import PLANNED, done, failed


def refused(admission: Admission, error: ClusterError) -> ObjectResult:
    """A patch that the server does not take: equal after admission, recreated, or failed but for the two labels."""
    executor, change = admission.executor, admission.change
    item = change.item
    if executor.unverified(item, executor.desired.body(item), error):
        return done(PLANNED[change.action], Reason.UNVERIFIED, str(error))
    if change.action is Action.RELABEL or isinstance(error, AbsenceUnproven):
        return failed(Reason.REFUSED, str(error))
    if isinstance(error, Invalid) and admission.makes_it_equal:
        return equal_after_admission(executor, change)
    if change.policy is not Policy.RECREATE or not isinstance(error, Invalid):
        return _but_for_the_labels(executor, change, Reason.REFUSED, str(error))
    recreated = not_immutable(error) or recreate(executor, change, str(error))
    if isinstance(recreated, ObjectResult):
        return recreated
    return _but_for_the_labels(executor, change, Reason.RECREATE_NOT_ALLOWED, f"{error}; {recreated}")


def ignored(admission: Admission, fields: tuple[str, ...], stored: bool) -> ObjectResult:
    """A patch that the server takes and does not carry out, though a new object would have it: recreated, or failed."""
    executor, change = admission.executor, admission.change
    if change.policy is not Policy.RECREATE:
        return failed(Reason.IGNORED_BY_TARGET, ", ".join(fields), stored)
    why = f"the target ignores a change of {', '.join(fields)}"
    recreated = not_ignored(change.ref.resource) or recreate(executor, change, why)
    if isinstance(recreated, ObjectResult):
        return replace(recreated, stored=recreated.stored or stored)
    return failed(Reason.RECREATE_NOT_ALLOWED, f"{why}; {recreated}", stored)


def equal_after_admission(executor: Executor, change: Change) -> ObjectResult:
    """An object that a new one would come out like gets the two labels where they are due, and nothing else."""
    item, comparison = change.item, comparison_of(change)
    due = executor.decider.label_unchanged and executor.decider.labels_due(item, comparison)
    if not due or change.policy is Policy.NONE or _unplanned(executor, change):
        return done(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    refusal = _label(executor, change)
    if refusal is not None:
        return replace(failed(Reason.REFUSED, str(refusal)), label_refusal=str(refusal))
    return done(Outcome.RELABELLED, Reason.EQUAL_AFTER_ADMISSION)


def _but_for_the_labels(executor: Executor, change: Change, reason: Reason, detail: str) -> ObjectResult:
    """A failure with, where it is due, Velero's patch of the two labels."""
    result = failed(reason, detail)
    due = executor.decider.labels_due(change.item, comparison_of(change))
    if change.policy is Policy.NONE or not due or _unplanned(executor, change):
        return result
    refusal = _label(executor, change)
    return replace(result, stored=refusal is None, label_refusal="" if refusal is None else str(refusal))


def _unplanned(executor: Executor, change: Change) -> bool:
    """Whether nobody has approved labels: a ServiceAccount that is merged gets none but where that is refused."""
    return executor.only_planned and comparison_of(change).merged


def _label(executor: Executor, change: Change) -> ClusterError | None:
    """A patch of the two labels alone; what refused it, or None."""
    comparison = comparison_of(change)
    version, uid = comparison.resource_version, comparison.uid
    refusal: ClusterError | None = None
    for _attempt in range(CONFLICTS + 1):
        try:
            executor.patch(change.item, with_metadata(EMPTY, executor.labels, version), uid)
        except Conflict as error:
            refusal = error
            live = executor.get(change.item)
            version, uid = live["metadata"]["resourceVersion"], uid_of(live)
        except Unreachable:
            raise
        except ClusterError as error:
            return error
        else:
            return None
    return refusal
