# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which backup follows which, and whether the two compare.

What the newer one lacks is gone from production only when both were to hold the same objects.
"""

from __future__ import annotations

from collections.abc import Callable

from .._prune_words import Stop, StopReason
from .._values import BackupInfo
from .entries import Inventory, RestoreScope

_Fault = Callable[[RestoreScope], bool]
_Difference = Callable[[RestoreScope, RestoreScope], bool]
"""(earlier, this)"""

_FAULTS: tuple[tuple[StopReason, _Fault], ...] = (
    (StopReason.NO_METADATA, lambda scope: not (scope.backup.phase and scope.backup.started)),
    (StopReason.NOT_COMPLETED, lambda scope: scope.backup.phase not in ("", "Completed")),
    (StopReason.ERRORS, lambda scope: scope.backup.errors != 0),
    (StopReason.NO_SCHEDULE, lambda scope: not scope.backup.schedule),
    (StopReason.UNKNOWN_SOURCE, lambda scope: not scope.backup.source),
    (StopReason.NOTHING_SELECTED, lambda scope: scope.selected <= 0),
)
"""What either backup must not have."""

_DIFFERENCES: tuple[tuple[StopReason, _Difference], ...] = (
    (StopReason.OTHER_SCHEDULE, lambda old, new: old.backup.schedule != new.backup.schedule),
    (StopReason.OTHER_SOURCE, lambda old, new: _differ(old.backup.source, new.backup.source)),
    (StopReason.OTHER_FILTERS, lambda old, new: old.backup.scope != new.backup.scope),
    (StopReason.OTHER_SELECTION, lambda old, new: old.selection != new.selection),
    (StopReason.LATER, lambda old, new: old.backup.started > new.backup.started),
)
"""Times are text of one form, so that they sort as times do."""

_ORDER = list(StopReason)


def last_followed(inventory: Inventory, backup: BackupInfo, selection: str | None = None) -> RestoreScope | None:
    """The one restored last of those that this backup follows, with this selection if there is one with it.

    Several plays may each restore a part of every backup; each has its own last one.
    """
    found = [part.scope for part in inventory if _follows(backup, part.scope.backup) and not part.scope.rebuilt]
    alike = [scope for scope in found if scope.selection == selection]
    return next(reversed(alike or found), None)


def _follows(backup: BackupInfo, earlier: BackupInfo) -> bool:
    """A backup follows those of its schedule; one that was taken by hand, all that have the same filters.

    Without metadata neither is known, and it follows none.
    """
    if backup.schedule:
        return backup.schedule == earlier.schedule
    return bool(backup.scope) and backup.scope == earlier.scope


def stops_between(earlier: RestoreScope | None, this: RestoreScope) -> tuple[Stop, ...]:
    """All that keeps what this backup lacks of the earlier one from being deleted; nothing when they compare."""
    if earlier is None:
        return (Stop(StopReason.NO_PREVIOUS), *_faults((this,)))
    both = f"{earlier.backup.name} and {this.backup.name}"
    differences = (Stop(reason, both) for reason, differs in _DIFFERENCES if differs(earlier, this))
    found = [*_faults((earlier, this)), *differences]
    return tuple(sorted(found, key=lambda stop: _ORDER.index(stop.reason)))


def _faults(given: tuple[RestoreScope, ...]) -> list[Stop]:
    found = []
    for reason, has in _FAULTS:
        names = dict.fromkeys(scope.backup.name for scope in given if has(scope))
        if names:
            found.append(Stop(reason, " and ".join(names)))
    return found


def _differ(one: str, other: str) -> bool:
    """Of two known sources: an unknown one is a fault of its own."""
    return bool(one and other) and one != other
