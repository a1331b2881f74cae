# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed since the last restored backup, in one table: delete P1, update P2, and what became of each.

Velero's design of restores onto a standby asks for it (use case B): whoever looks after the standby reads one list, not
one of what is gone and another of what differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .._decide.prune import PruneDecision
from .._text import printable
from .._values import BackupItem, Body, Done, ObjectKey
from .._vocabulary import Action, Outcome, Reason, sentence
from .objects import identity, message_of
from .run import Run
from .text import cut, entries_within

SINCE_BYTES = 12_000

DELETE, UPDATE, RECREATE, CREATE = "delete", "update", "recreate", "create"
ACTIONS = (DELETE, UPDATE, RECREATE, CREATE)
"""In the order in which they are listed: what is lost comes first."""

_CAME = {Outcome.UPDATED: UPDATE, Outcome.RECREATED: RECREATE, Outcome.CREATED: CREATE}
_WAS_DUE = frozenset((Action.CREATE, Action.UPDATE))
_HELD = frozenset((Reason.EXISTS_DIFFERENT, Reason.PRIVILEGED))
"""With these the object is not what the backup has, and nothing was tried."""


def is_told(run: Run) -> bool:
    """Without an earlier backup there is nothing to compare with: all that a first restore brings is new."""
    return run.delta is not None and bool(run.delta.plan.previous)


def head(run: Run) -> Body:
    """The table without its rows."""
    tally = Counter(action for action, _key, _row in _rows(run))
    backup = cut(printable(run.delta.plan.previous)) if run.delta else ""
    return {"backup": backup, "totals": {action: tally[action] for action in ACTIONS}, "total": tally.total()}


def entries(run: Run) -> Iterator[Body]:
    """All rows, for the report file; one is made when it is asked for."""
    order = {action: place for place, action in enumerate(ACTIONS)}
    for action, key, told in sorted(_rows(run), key=lambda row: (order[row[0]], row[1])):
        restored_by = run.delta.restored_by(key) if run.delta else ""
        said = _done(told) if isinstance(told, Done) else _kept(told)
        yield {**identity(key), "action": action, **said, "restored_by": restored_by}


def shortened(run: Run) -> Body:
    """As many rows as fit into the section of a module's result."""
    section = head(run)
    shown = entries_within(({**entry, "message": cut(entry["message"])} for entry in entries(run)), SINCE_BYTES)
    return {**section, "objects": shown, "truncated": len(shown) < section["total"]}


_Row = tuple[str, ObjectKey, "Done | PruneDecision"]
"""The decision alone where nothing was tried of a stale object."""


def _rows(run: Run) -> Iterator[_Row]:
    tried = set()
    for done in run.done:
        action = _action(done)
        if action == DELETE:
            tried.add(done.change.key)
        if action:
            yield action, done.change.key, done
    for decision in run.delta.plan.prune.objects if run.delta else ():
        if decision.key not in tried:
            yield DELETE, decision.key, decision


def _action(done: Done) -> str:
    """What brings the target from the last backup to this one; empty where nothing does."""
    change, result = done
    if not isinstance(change.ref, BackupItem):
        return DELETE
    if result.outcome in _CAME:
        return _CAME[result.outcome]
    failed = result.outcome is Outcome.FAILED and change.action in _WAS_DUE
    if not failed and result.reason not in _HELD:
        return ""
    return UPDATE if change.comparison else CREATE


def _done(done: Done) -> Body:
    change, result = done
    return {
        "outcome": result.outcome.value,
        "reason": result.reason.value if result.reason else "",
        "message": message_of(done),
        "changed_by": change.comparison.changed_by if change.comparison else "",
    }


def _kept(decision: PruneDecision) -> Body:
    return {
        "outcome": "kept",
        "reason": decision.keep.value if decision.keep else "",
        "message": printable(sentence(decision.key, decision.keep, decision.detail)),
        "changed_by": "",
    }
