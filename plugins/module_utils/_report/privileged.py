# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The section on privileged objects: what was written of them, or held back, and what each brings that is new.

Of its own, so that it is seen however many other objects a run changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from .._decide.privileged import place_of, place_of_key
from .._values import CHANGED, Action, BackupItem, Body, Change, ObjectKey, ObjectResult, Outcome, Reason
from .rights import brought
from .text import cut, json_size, printable

PRIVILEGED_BYTES = 20_000
_MOST_TEXTS = 8
_LONGEST_TEXT = 200

_LISTED = CHANGED - {Outcome.RELABELLED}

_Row = tuple[int, ObjectKey, "Change | None", ObjectResult]


class Privileged:
    """Entries are made when asked for: a body is read again from the spooled backup, only the shown ones are kept."""

    def __init__(
        self,
        changes: Sequence[Change],
        results: Sequence[ObjectResult],
        desired: Callable[[BackupItem], Body],
        pruned: Iterable[ObjectResult] = (),
    ) -> None:
        """`changes` and `results` belong together one by one, the refused ones among them."""
        rows = [*_of_changes(changes, results), *_of_pruned(pruned)]
        self._rows = sorted(rows, key=lambda row: row[:2])
        self._desired = desired

    def __len__(self) -> int:
        return len(self._rows)

    def entries(self) -> Iterator[Body]:
        """All of them with all their texts, one at a time."""
        for _place, _key, change, result in self._rows:
            yield _entry(result, [] if change is None else self._brought(change))

    def shown(self) -> list[Body]:
        """As many as fit into the section of a module's result, long ones shortened."""
        shown: list[Body] = []
        left = PRIVILEGED_BYTES
        for entry in map(shortened, self.entries()):
            left -= json_size(entry) + len(", ")
            if left < 0:
                break
            shown.append(entry)
        return shown

    def _brought(self, change: Change) -> list[str]:
        return [] if change.action is Action.DELETE else brought(change, self._desired(change.item))


def _of_changes(changes: Sequence[Change], results: Sequence[ObjectResult]) -> Iterator[_Row]:
    for change, result in zip(changes, results, strict=True):
        place = place_of(change.item.resource)
        if place is not None and (result.outcome in _LISTED or result.reason is Reason.PRIVILEGED):
            yield place, result.key, change, result


def _of_pruned(results: Iterable[ObjectResult]) -> Iterator[_Row]:
    for result in results:
        place = place_of_key(result.key)
        if place is not None and result.outcome is Outcome.DELETED:
            yield place, result.key, None, result


def _entry(result: ObjectResult, new: list[str]) -> Body:
    key = result.key
    return {
        "group": printable(key.group),
        "kind": printable(key.kind),
        "namespace": printable(key.namespace),
        "name": printable(key.name),
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
