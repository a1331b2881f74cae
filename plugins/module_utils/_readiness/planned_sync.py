# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a standby is in sync, by a plan alone: what was read and compared, without the dry runs of a check mode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .._values import Change
from .._vocabulary import NOT_IN_SYNC, Action
from .question import Sync

_CERTAIN = {Action.CREATE: "missing", Action.FAIL: "not restorable", Action.SKIP: "not as in production"}


def planned_sync(changes: Iterable[Change]) -> Sync:
    """What differs may be what the standby's own admission makes of it, which only a dry run tells."""
    tally = Counter(change.action for change in changes if _counts(change))
    said = [f"{tally[action]} {what}" for action, what in _CERTAIN.items() if tally[action]]
    differing = tally[Action.UPDATE]
    if differing:
        said.append(f"{differing} differ, or are what admission makes of them (check mode of velero_restore tells)")
    detail = f"of its objects {', '.join(said)}" if said else ""
    if any(tally[action] for action in _CERTAIN):
        return Sync(False, detail)
    return Sync(None if differing else True, detail)


def _counts(change: Change) -> bool:
    """What is left out on purpose does not."""
    return change.action is not Action.SKIP or change.reason in NOT_IN_SYNC
