# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""APIServices under a hold: what is missing is kept as a copy, what stands is left; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .._inventory.kept_copy import COPIED
from .._values import Change, Comparison, Held
from .._vocabulary import Action, Reason
from .context import RestoreContext

_STANDING = {
    Action.NOOP: Action.NOOP,
    Action.RELABEL: Action.NOOP,
    Action.SKIP: Action.SKIP,
    Action.UPDATE: Action.SKIP,
}
"""What is left of what was to be done with one that is there."""


def with_copies(changes: Iterable[Change], context: RestoreContext) -> Iterator[Change]:
    """After all that may hold an object back: what must not be created must not be kept for an activation either."""
    return (_copied(change, context) for change in changes)


def _copied(change: Change, context: RestoreContext) -> Change:
    hold = context.hold
    if change.action is Action.CREATE and hold.keeps_copy(change.ref, lambda: context.desired.body(change.item)):
        return _kept(change, context)
    if not hold.leaves_standing(change.ref):
        return change
    if change.action in _STANDING and change.reason in (None, Reason.EXISTS_DIFFERENT):
        return replace(change, action=_STANDING[change.action], reason=Reason.LEFT_STANDING, detail="")
    return change


def _kept(change: Change, context: RestoreContext) -> Change:
    """A copy that is as the backup has it is not written again, whichever restore wrote it."""
    copy = context.copies.get(change.key)
    if copy is None or not copy.is_current or not copy.holds(context.desired.body(change.item)):
        return replace(change, action=Action.COPY, reason=Reason.KEPT_AS_COPY)
    found = Comparison(copy.version, labels=copy.labels, uid=copy.uid, held=Held(COPIED))
    return replace(change, action=Action.SKIP, reason=Reason.KEPT_AS_COPY, comparison=found)
