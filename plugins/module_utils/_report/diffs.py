# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The diff of a whole run: an entry for each object that changed, those that lose something to it first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from .._compare.hidden import NOTHING_HIDDEN, HiddenFields
from .._compare.normalise import strip
from .._kinds import NAMESPACES
from .._values import BACKUP_LABEL, RESTORE_LABEL, BackupItem, Body, Done
from .._vocabulary import CHANGED, Action, Outcome
from .diff import Entry, create_entry, delete_entry, relabel_entry, update_entry, within
from .objects import identity

DIFF_BYTES = 150_000

_LAST = {Outcome.CREATED: 1, Outcome.RELABELLED: 2}
"""What is overwritten comes first: new objects are large, a few definitions among them fill the whole budget."""


class Diffs:
    """Entries are made when asked for: a body is read again from the spooled backup, only the shown ones are kept."""

    def __init__(
        self,
        done: Iterable[Done],
        desired: Callable[[BackupItem], Body],
        labels: Mapping[str, str],
        hidden: HiddenFields = NOTHING_HIDDEN,
    ) -> None:
        self._changed = sorted(
            (one for one in done if one.result.outcome in CHANGED),
            key=lambda one: (_LAST.get(one.result.outcome, 0), one.change.key),
        )
        self._desired = desired
        self._labels = (labels[BACKUP_LABEL], labels[RESTORE_LABEL])
        self._hidden = hidden

    def entries(self) -> Iterator[Entry]:
        """All of them, masked, one at a time."""
        return map(self._entry, self._changed)

    def described(self) -> Iterator[Body]:
        """The same for the report file, which names object and outcome where Ansible has a heading."""
        for done in self._changed:
            entry = self._entry(done)
            texts = {side: entry[side] for side in ("before", "after")}
            yield {**identity(done.change.key), "outcome": done.result.outcome.value, **texts}

    def shown(self, elsewhere: str) -> list[Entry]:
        """Whole entries within the budget of a module's result; a last one says how many are left out."""
        shown, more = within(self.entries(), DIFF_BYTES, total=len(self._changed))
        if more:
            text = f"{more} more {elsewhere}"
            shown.append({"before_header": text, "after_header": text, "before": "", "after": f"{text}\n"})
        return shown

    def _entry(self, done: Done) -> Entry:
        change = done.change
        if change.action is Action.DELETE:
            return delete_entry(change, self._hidden)
        if done.result.outcome is Outcome.RELABELLED:
            return relabel_entry(change, self._labels, self._hidden)
        if change.action is Action.CREATE:
            return create_entry(change.key, self._desired(change.item), self._hidden)
        bare = change.comparison is None or change.comparison.merged or change.ref.resource == NAMESPACES
        desired = strip(self._desired(change.item), change.ref.resource)
        return update_entry(change, desired, None if bare else self._labels, self._hidden)
