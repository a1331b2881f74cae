# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether two backups compare: what the newer one lacks is gone only when both were to hold the same objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .._values import BackupFacts, Owing
from .reasons import Stop, StopReason


class Terms(NamedTuple):
    """Under which an object was restored: all of an Owing but its objects."""

    backup: BackupFacts
    selection: str
    selected: int


def terms_of(owing: Owing) -> Terms:
    return Terms(owing.backup, owing.selection, owing.selected)


_Fault = Callable[[Terms], bool]
_Difference = Callable[[Terms, Terms], bool]
"""(earlier, this)"""

_FAULTS: tuple[tuple[StopReason, _Fault], ...] = (
    (StopReason.NO_METADATA, lambda terms: not (terms.backup.phase and terms.backup.started)),
    (StopReason.NOT_COMPLETED, lambda terms: terms.backup.phase not in ("", "Completed")),
    (StopReason.ERRORS, lambda terms: terms.backup.errors != 0),
    (StopReason.NO_SCHEDULE, lambda terms: not terms.backup.schedule),
    (StopReason.UNKNOWN_SOURCE, lambda terms: not terms.backup.source),
    (StopReason.NOTHING_SELECTED, lambda terms: terms.selected <= 0),
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


def stops_between(earlier: Terms | None, this: Terms) -> tuple[Stop, ...]:
    """All that keeps what this backup lacks of the earlier one from being deleted; nothing when they compare."""
    if earlier is None:
        return (Stop(StopReason.NO_PREVIOUS), *_faults((this,)))
    both = f"{earlier.backup.name} and {this.backup.name}"
    differences = (Stop(reason, both) for reason, differs in _DIFFERENCES if differs(earlier, this))
    found = [*_faults((earlier, this)), *differences]
    return tuple(sorted(found, key=lambda stop: _ORDER.index(stop.reason)))


def _faults(given: tuple[Terms, ...]) -> list[Stop]:
    found = []
    for reason, has in _FAULTS:
        names = dict.fromkeys(terms.backup.name for terms in given if has(terms))
        if names:
            found.append(Stop(reason, " and ".join(names)))
    return found


def _differ(one: str, other: str) -> bool:
    """Of two known sources: an unknown one is a fault of its own."""
    return bool(one and other) and one != other
