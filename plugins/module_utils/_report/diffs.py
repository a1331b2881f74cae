# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The diff of a whole run: an entry for each object that changed, those that lose something to it first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from .._compare.normalise import strip
from .._values import BACKUP_LABEL, CHANGED, RESTORE_LABEL, Action, BackupItem, Body, Change, ObjectResult, Outcome
from .diff import Entry, create_entry, relabel_entry, update_entry, within

DIFF_BYTES = 150_000

_LAST = {Outcome.CREATED: 1, Outcome.RELABELLED: 2}
"""What is overwritten comes first: new objects are large, a few definitions among them fill the whole budget."""


class Diffs:
    """Entries are made when asked for: a body is read again from the spooled backup, only the shown ones are kept."""

    def __init__(
        self,
        changes: Sequence[Change],
        results: Sequence[ObjectResult],
        desired: Callable[[BackupItem], Body],
        labels: Mapping[str, str],
    ) -> None:
        both = zip(changes, results, strict=True)
        self._changed = sorted(
            ((change, result) for change, result in both if result.outcome in CHANGED),
            key=lambda pair: (_LAST.get(pair[1].outcome, 0), pair[1].key),
        )
        self._desired = desired
        self._labels = (labels[BACKUP_LABEL], labels[RESTORE_LABEL])

    def entries(self) -> Iterator[Entry]:
        """All of them, masked, one at a time."""
        for change, result in self._changed:
            yield self._entry(change, result)

    def shown(self, report_path: str) -> list[Entry]:
        """Whole entries within the budget of a module's result; a last one says how many are left out."""
        shown, more = within(self.entries(), DIFF_BYTES, total=len(self._changed))
        if more:
            where = "in report_path" if report_path else "not shown (report_path was not set)"
            text = f"{more} more {where}"
            shown.append({"before_header": text, "after_header": text, "before": "", "after": f"{text}\n"})
        return shown

    def _entry(self, change: Change, result: ObjectResult) -> Entry:
        if result.outcome is Outcome.RELABELLED:
            return relabel_entry(change, self._labels)
        if change.action is Action.CREATE:
            return create_entry(result.key, self._desired(change.item))
        labels = (
            None
            if change.comparison is None or change.comparison.merged or change.item.resource == "namespaces"
            else self._labels
        )
        return update_entry(change, strip(self._desired(change.item)), labels)
