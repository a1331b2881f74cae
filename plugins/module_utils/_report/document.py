# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one document that says all of a run, in pieces: docs/report.schema.json describes it.

What is said of the run as a whole comes first, so that who compares many reports reads the beginning of each; long
lists follow. A name that a reader does not know is to be passed over, so a new section needs no new version.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .._text import printable
from .._values import Body
from . import readiness, since
from .delta import whole
from .filtered import entries
from .guards import whole_guards
from .held import whole_held
from .kinds import by_kind
from .objects import described, ordered
from .plan import approvable
from .plan import entries as planned_entries
from .result import head
from .run import Run
from .velero_results import velero_results

VERSION = 1
"""Of the document; another one when a name that is there goes or means something else."""

PLAN = '"plan": '
"""How the line begins after which each write of the plan has one of its own; `approved` reads them."""


def document(run: Run, diff: Iterable[Body] | None, privileged: Iterable[Body]) -> Iterator[str]:
    """In pieces: with 100,000 objects the whole text would take more memory than the restore."""
    yield "{\n"
    yield from members(_facts(run), ",\n")
    if run.plan is not None:
        yield f"{PLAN}{json.dumps(approvable(run.plan))[:-1]}, "
        yield from _list("objects", planned_entries(run.plan))
        yield "},\n"
    yield from _list("privileged", privileged)
    yield ",\n"
    if diff is not None:
        yield from _list("diff", diff)
        yield ",\n"
    if since.is_told(run):
        yield f'"since_last_backup": {json.dumps(since.head(run))[:-1]}, '
        yield from _list("objects", since.entries(run))
        yield "},\n"
    yield from _list("objects", map(described, ordered(run.done)))
    yield "\n}\n"


def _facts(run: Run) -> Body:
    """All that is no long list, or no list at all."""
    facts: Body = {"version": VERSION, "check_mode": run.check_mode, **head(run), "kinds": by_kind(run.done)}
    facts["warnings"] = list(map(printable, run.warnings))
    facts["unmatched"] = list(map(printable, run.unmatched))
    if run.delta is not None:
        facts["delta"] = whole(run.delta)
    if run.filtered is not None:
        facts["filtered"], facts["filtered_total"] = list(entries(run.filtered)), sum(run.filtered.values())
    if run.held is not None:
        facts["workloads"] = whole_held(run.held)
    if run.guards is not None:
        facts["guards"] = whole_guards(run.guards)
    if run.readiness is not None:
        facts["readiness"] = readiness.whole(run.readiness)
    return {**facts, "velero_results": velero_results(run)}


def members(facts: Mapping[str, Any], end: str) -> Iterator[str]:
    """Of the document, a line each, with `end` after the last."""
    encoder = json.JSONEncoder()
    separator = ""
    for name, value in facts.items():
        yield f"{separator}{json.dumps(name)}: "
        yield from encoder.iterencode(value)
        separator = ",\n"
    yield end


def _list(name: str, entries: Iterable[Any]) -> Iterator[str]:
    """One entry a line: fit for grep and diff."""
    yield f'"{name}": ['
    separator = "\n"
    for entry in entries:
        yield separator
        yield json.dumps(entry)
        separator = ",\n"
    yield "\n]"
