# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section on privileged objects: what was written of them, or held back, and what each brings that is new.

Of its own, so that it is seen however many other objects a run changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from .._decide.privileged import place_of
from .._values import BackupItem, Body, Change, Done
from .._vocabulary import CHANGED, Outcome, Reason
from .objects import identity
from .rights import brought
from .text import cut, entries_within

PRIVILEGED_BYTES = 20_000
_MOST_TEXTS = 8
_LONGEST_TEXT = 200

_LISTED = CHANGED - {Outcome.RELABELLED}


class Privileged:
    """Entries are made when asked for: a body is read again from the spooled backup, only the shown ones are kept."""

    def __init__(self, done: Iterable[Done], desired: Callable[[BackupItem], Body]) -> None:
        placed = ((place_of(one.change.ref.resource), one) for one in done if _is_listed(one))
        rows = [(place, one) for place, one in placed if place is not None]
        self._rows = [one for _place, one in sorted(rows, key=lambda row: (row[0], row[1].change.key))]
        self._desired = desired

    def __len__(self) -> int:
        return len(self._rows)

    def entries(self) -> Iterator[Body]:
        """All of them with all their texts, one at a time."""
        for done in self._rows:
            yield _entry(done, self._brought(done.change))

    def shown(self) -> list[Body]:
        """As many as fit into the section of a module's result, long ones shortened."""
        return entries_within(map(shortened, self.entries()), PRIVILEGED_BYTES)

    def _brought(self, change: Change) -> list[str]:
        return brought(change, self._desired(change.item)) if isinstance(change.ref, BackupItem) else []


def _is_listed(done: Done) -> bool:
    return done.result.outcome in _LISTED or done.result.reason is Reason.PRIVILEGED


def _entry(done: Done, new: list[str]) -> Body:
    key, result = done.change.key, done.result
    return {
        **identity(key),
        "outcome": result.outcome.value,
        "reason": result.reason.value if result.reason else "",
        "new": new,
    }


def shortened(entry: Body) -> Body:
    """One entry bounded, so that none takes the whole section."""
    texts: list[str] = entry["new"]
    new = [cut(said, _LONGEST_TEXT) for said in texts[:_MOST_TEXTS]]
    if len(texts) > _MOST_TEXTS:
        new.append(f"and {len(texts) - _MOST_TEXTS} more")
    return {**entry, "new": new}
