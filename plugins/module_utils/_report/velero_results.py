# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Warnings and errors in the shape of Velero's own results file, and the phase in Velero's words.

Velero 1.18, pkg/util/results/result.go: each of the two has `velero` (the restore as such), `cluster` (cluster-scoped
objects) and `namespaces` (by the target's namespace). pkg/apis/velero/v1/restore_types.go has the phases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from .._errors import RestoreError, SettingsError
from .._values import ObjectKey, ObjectResult, Outcome
from .run import Run
from .text import cut, json_size, printable

COMPLETED = "Completed"
PARTIALLY_FAILED = "PartiallyFailed"
FAILED = "Failed"
FAILED_VALIDATION = "FailedValidation"

Place = tuple[str, str]
"""Which list a text belongs to; the second part is the namespace, where there is one."""

Line = tuple[Place, str]

_VELERO: Place = ("velero", "")
_CLUSTER: Place = ("cluster", "")


def phase(run: Run) -> str:
    """Unlike Velero's, never Completed when an object failed: a refused patch is a mere warning there."""
    failed = run.velero_errors or any(result.error or result.outcome is Outcome.FAILED for result in run.results)
    return PARTIALLY_FAILED if failed else COMPLETED


def phase_of(error: RestoreError) -> str:
    """The phase of a restore that could not run at all."""
    return FAILED_VALIDATION if isinstance(error, SettingsError) else FAILED


def velero_results(run: Run) -> dict[str, Any]:
    """Everything, for the report file."""
    return {"warnings": _section(warning_lines(run)), "errors": _section(error_lines(run))}


def shortened(run: Run, budget: int) -> dict[str, Any]:
    """As much as fits into `budget` bytes of JSON, errors before warnings; a last line tells how many are left out."""
    most = len(run.results) + len(run.velero_errors) + len(run.velero_warnings)
    budget -= 2 * json_size({"warnings": _section(()), "last line": _more(most, run)})
    errors, budget = _within(error_lines(run), budget, run)
    warnings, budget = _within(warning_lines(run), budget, run)
    return {"warnings": _section(warnings), "errors": _section(errors)}


def warning_lines(run: Run) -> Iterator[Line]:
    return _lines(run.velero_warnings, run.results, attrgetter("warning"))


def error_lines(run: Run) -> Iterator[Line]:
    return _lines(run.velero_errors, run.results, attrgetter("error"))


def _lines(of_restore: Iterable[str], results: Sequence[ObjectResult], text_of: attrgetter[str]) -> Iterator[Line]:
    for text in of_restore:
        yield _VELERO, printable(text)
    for result in results:
        text = text_of(result)
        if text:
            yield _place(result.key), printable(text)


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
    return f"{count} more in report_path" if run.report_path else f"{count} more (report_path was not set)"
