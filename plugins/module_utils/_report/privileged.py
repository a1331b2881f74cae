# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The section on privileged objects: what was written of them, or held back, and what each brings that is new.

Of its own, so that it is seen however many other objects a run changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .._compare.hidden import NOTHING_HIDDEN, HiddenFields
from .._decide.privileged import BodyOf, PrivilegedObjects
from .._kinds import CRDS
from .._merge_patch import apply
from .._text import printable
from .._values import EMPTY, BackupItem, Body, Change, Done
from .._vocabulary import CHANGED, Outcome, Reason
from .objects import identity
from .rights import brought
from .text import cut, entries_within

PRIVILEGED_BYTES = 20_000
_VELEROS = ".velero.io"
_MOST_TEXTS = 8
_LONGEST_TEXT = 200

HIDDEN = "what hidden_fields hides"

_LISTED = CHANGED - {Outcome.RELABELLED}
_HELD = frozenset((Reason.PRIVILEGED, Reason.WITHHELD))


class Privileged:
    """Entries are made when asked for: a body is read again from the spooled backup, only the shown ones are kept."""

    def __init__(
        self,
        done: Iterable[Done],
        privileged: PrivilegedObjects,
        whole: BodyOf,
        hidden: HiddenFields = NOTHING_HIDDEN,
    ) -> None:
        """`whole` gives bodies with what is withheld of them."""
        self._privileged = privileged
        self._hidden = hidden
        self._whole = whole
        placed = ((self._place(one), one) for one in done if _is_listed(one))
        rows = [(place, one) for place, one in placed if place is not None]
        rows.sort(key=lambda row: (_is_veleros(row[1]), row[0], row[1].change.key))
        self._rows = [one for _place, one in rows]

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def veleros(self) -> int:
        """How many are Velero's own types, which come last: they are in each backup and nobody's news."""
        return sum(map(_is_veleros, self._rows))

    def entries(self) -> Iterator[Body]:
        """All of them with all their texts, one at a time."""
        for done in self._rows:
            yield _entry(done, self._brought(done.change))

    def shown(self) -> list[Body]:
        """As many as fit into the section of a module's result, long ones shortened."""
        return entries_within(map(shortened, self.entries()), PRIVILEGED_BYTES)

    def _place(self, done: Done) -> int | None:
        """Where it stands in the list; None for what is not privileged, or brings nothing that is."""
        place = self._privileged.place_of(done.change.ref.resource)
        if place is not None:
            return place
        found = self._privileged.brought(done.change, self._whole)
        return found[0] if found else None

    def _brought(self, change: Change) -> list[str]:
        if not isinstance(change.ref, BackupItem):
            return []
        whole = self._whole(change.item)
        texts = self._texts(change, whole)
        if not self._hidden.paths:
            return texts
        shown = self._texts(*_hiding(self._hidden, change, whole))
        return shown if len(shown) >= len(texts) else [*shown, HIDDEN]

    def _texts(self, change: Change, whole: Body) -> list[str]:
        if self._privileged.place_of(change.ref.resource) is not None:
            return brought(change, whole)
        found = self._privileged.brought(change, lambda _item: whole)
        return list(map(printable, found[1])) if found else []


def _hiding(hidden: HiddenFields, change: Change, whole: Body) -> tuple[Change, Body]:
    """What the texts are made from: what is hidden differs still where it differs."""
    comparison = change.comparison
    if comparison is None:
        return change, hidden.hide(EMPTY, whole)[1]
    before, patch = comparison.before, comparison.patch
    shown = replace(
        comparison, before=hidden.hide(before, apply(before, patch))[0], patch=hidden.hide(before, patch)[1]
    )
    return replace(change, comparison=shown), hidden.hide(before, whole)[1]


def _is_veleros(done: Done) -> bool:
    return done.change.ref.resource == CRDS and done.change.key.name.endswith(_VELEROS)


def _is_listed(done: Done) -> bool:
    return done.result.outcome in _LISTED or done.result.reason in _HELD or _withholds(done)


def _withholds(done: Done) -> bool:
    """Also where another reason was the first to be told."""
    comparison = done.change.comparison
    return comparison is not None and bool(comparison.withheld)


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
