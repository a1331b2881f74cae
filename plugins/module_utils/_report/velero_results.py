# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings and errors in the shape of Velero's own results file, and the phase in Velero's words.

Velero 1.18, pkg/util/results/result.go: each of the two has `velero` (the restore as such), `cluster` (cluster-scoped
objects) and `namespaces` (by the target's namespace). pkg/apis/velero/v1/restore_types.go has the phases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from .._errors import EmptySelectionError, RestoreError, SettingsError, UnusableBackupError
from .._kinds import NAMESPACES
from .._text import printable
from .._values import BackupItem, Done, ObjectKey
from .._vocabulary import Action, Outcome, Reason
from .objects import message_of
from .run import Run
from .text import cut, json_size

COMPLETED = "Completed"
PARTIALLY_FAILED = "PartiallyFailed"
FAILED = "Failed"
FAILED_VALIDATION = "FailedValidation"

Place = tuple[str, str]
"""Which list a text belongs to; the second part is the namespace, where there is one."""

Line = tuple[Place, str]

_REFUSED_PATCH = frozenset((Reason.REFUSED, Reason.RECREATE_NOT_ALLOWED))

_INVALID = (EmptySelectionError, SettingsError, UnusableBackupError)
_TOLD = frozenset((Reason.SOURCE_MISSING, Reason.VOLUME_RELEASED, Reason.WITHHELD))
"""Warnings of ours."""

_VELERO: Place = ("velero", "")
_CLUSTER: Place = ("cluster", "")


def phase(run: Run) -> str:
    """Unlike Velero's, never Completed when an object failed: a refused patch is a mere warning there."""
    failed = run.velero_errors or any(result.outcome is Outcome.FAILED for _change, result in run.done)
    return PARTIALLY_FAILED if failed else COMPLETED


def phase_of(error: RestoreError) -> str:
    """The phase of a restore that could not run at all."""
    return FAILED_VALIDATION if isinstance(error, _INVALID) else FAILED


def velero_results(run: Run) -> dict[str, Any]:
    """Everything, for the report file."""
    return {"warnings": _section(warning_lines(run)), "errors": _section(error_lines(run))}


def shortened(run: Run, budget: int) -> dict[str, Any]:
    """As much as fits into `budget` bytes of JSON, errors before warnings; a last line tells how many are left out."""
    most = len(run.done) + len(run.velero_errors) + len(run.velero_warnings)
    budget -= 2 * json_size({"warnings": _section(()), "last line": _more(most, run)})
    errors, budget = _within(error_lines(run), budget, run)
    warnings, budget = _within(warning_lines(run), budget, run)
    return {"warnings": _section(warnings), "errors": _section(errors)}


def warning_lines(run: Run) -> Iterator[Line]:
    return _lines(run.velero_warnings, run.done, warning_of)


def error_lines(run: Run) -> Iterator[Line]:
    return _lines(run.velero_errors, run.done, error_of)


def warning_of(done: Done) -> str:
    """What Velero would warn of for this object, in its words; it says nothing of a Namespace that exists."""
    change, result = done
    if result.reason is Reason.EXISTS_DIFFERENT and change.ref.resource != NAMESPACES:
        return (
            f'could not restore, {change.key.kind} "{change.key.name}" already exists. '
            "Warning: the in-cluster version is different than the backed-up version"
        )
    if result.reason in _TOLD:
        return message_of(done)
    refused = change.action is Action.UPDATE and result.reason in _REFUSED_PATCH
    return result.detail if result.reason is Reason.STATUS_REFUSED or refused else ""


def error_of(done: Done) -> str:
    """What Velero would call an error: a failure that it has no warning for, and labels that were refused besides."""
    change, result = done
    if result.outcome is not Outcome.FAILED:
        return ""
    if result.label_refusal or warning_of(done):
        return result.label_refusal
    if change.action is Action.RELABEL and result.reason is Reason.REFUSED:
        return result.detail
    if change.action not in (Action.CREATE, Action.FAIL) or not isinstance(change.ref, BackupItem):
        return message_of(done)
    if result.reason is Reason.INVALID_OBJECT and change.ref.problem:
        return f'error decoding "{_path(change.ref)}": {result.detail}'
    where = "/".join(part for part in (change.ref.resource, change.key.namespace, change.key.name) if part)
    return f"error restoring {where}: {result.detail}"


def _path(item: BackupItem) -> str:
    key = item.source or item.key
    place = f"namespaces/{key.namespace}" if key.namespace else "cluster"
    return f"resources/{item.resource}/{place}/{key.name}.json"


def _lines(of_restore: Iterable[str], done: Sequence[Done], text_of: Callable[[Done], str]) -> Iterator[Line]:
    for text in of_restore:
        yield _VELERO, printable(text)
    for one in done:
        text = text_of(one)
        if text:
            yield _place(one.change.key), printable(text)


def _place(key: ObjectKey) -> Place:
    return ("namespaces", printable(key.namespace)) if key.namespace else _CLUSTER


def _section(lines: Iterable[Line]) -> dict[str, Any]:
    section: dict[str, Any] = {"velero": [], "cluster": [], "namespaces": {}}
    for (place, namespace), text in lines:
        if namespace:
            section[place].setdefault(namespace, []).append(text)
        else:
            section[place].append(text)
    return section


def _within(lines: Iterable[Line], budget: int, run: Run) -> tuple[list[Line], int]:
    """Counts the namespace's name with each line, which is more than it takes: the bound holds whatever is in them."""
    shown: list[Line] = []
    more = 0
    for place, text in lines:
        line = (place, cut(text))
        size = json_size(line)
        if more or size > budget:
            more += 1
            continue
        budget -= size
        shown.append(line)
    if more:
        shown.append((_VELERO, _more(more, run)))
    return shown, budget


def _more(count: int, run: Run) -> str:
    return f"{count} more {run.elsewhere}"
