# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""(policy, what the target has) -> what to do and why: a table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from .._kinds import NAMESPACES
from .._values import BACKUP_LABEL, RESTORE_LABEL, BackupItem, Change, Comparison
from .._vocabulary import Action, Policy, Reason
from .active import spared
from .policies import Choices
from .privileged import withheld_text


class Found(Enum):
    """What the target has of an object."""

    MISSING = "missing"
    EQUAL = "equal"
    EQUAL_UNLABELLED = "equal, but the two labels are not this restore's"
    STATUS_DUE = "equal, but the status that is restored too differs"
    DIFFERENT = "different"
    MERGE_DUE = "a ServiceAccount that lacks something of the backup's"
    MERGED = "a ServiceAccount that differs and has all of the backup's"
    CONTROLLED = "an object whose controlling owner is in the backup"


class Decision(NamedTuple):
    action: Action
    reason: Reason | None = None


_BOTH: dict[Found, Decision] = {
    Found.MISSING: Decision(Action.CREATE),
    Found.EQUAL: Decision(Action.NOOP),
    Found.MERGE_DUE: Decision(Action.UPDATE),
    Found.MERGED: Decision(Action.NOOP),
    Found.CONTROLLED: Decision(Action.SKIP, Reason.HAS_CONTROLLER),
}
_CHANGING: dict[Found, Decision] = {
    **_BOTH,
    Found.EQUAL_UNLABELLED: Decision(Action.RELABEL),
    Found.STATUS_DUE: Decision(Action.UPDATE),
    Found.DIFFERENT: Decision(Action.UPDATE),
}
TABLE: dict[Policy, dict[Found, Decision]] = {
    Policy.NONE: {
        **_BOTH,
        Found.EQUAL_UNLABELLED: Decision(Action.NOOP),
        Found.STATUS_DUE: Decision(Action.NOOP),
        Found.DIFFERENT: Decision(Action.SKIP, Reason.EXISTS_DIFFERENT),
    },
    Policy.UPDATE: _CHANGING,
    Policy.RECREATE: _CHANGING,
}
"""Under `recreate` an object is updated too; only the server's refusal shows that it has to be recreated."""


_MERGES = frozenset((Action.NOOP, Action.UPDATE))


class Decider(NamedTuple):
    """The table with what one restore knows."""

    choices: Choices
    labels: Mapping[str, str]
    """The two labels of this restore."""
    label_unchanged: bool
    controlled: frozenset[object]
    """Keys of the items whose controlling owner is in the backup."""
    active: frozenset[str] = frozenset()
    """Namespaces on the target that serve as production."""

    def decide(self, item: BackupItem, comparison: Comparison | None) -> Change:
        """The Change of one item; `comparison` is None when the target has no such object."""
        choice = self.choices.of(item.key)
        action, reason = TABLE[choice.policy][self._found(item, comparison)]
        detail = ""
        if comparison is not None and comparison.not_overwritten and action in _MERGES:
            reason, detail = Reason.NOT_OVERWRITTEN, ", ".join(comparison.not_overwritten)
        elif comparison is not None and comparison.withheld and reason is None:
            reason, detail = Reason.WITHHELD, withheld_text(comparison.withheld)
        return spared(Change(item, action, reason, detail, comparison, choice), self.active)

    def _found(self, item: BackupItem, comparison: Comparison | None) -> Found:
        if comparison is None:
            return Found.MISSING
        if item.key in self.controlled:
            return Found.CONTROLLED
        if comparison.merged:
            return Found.MERGED if comparison.equal else Found.MERGE_DUE
        if not comparison.equal or comparison.trust is not None:
            return Found.DIFFERENT
        if comparison.status:
            return Found.STATUS_DUE
        return Found.EQUAL_UNLABELLED if self.label_unchanged and self.labels_due(item, comparison) else Found.EQUAL

    def labels_due(self, item: BackupItem, comparison: Comparison) -> bool:
        """Whether the two labels are yet to be written."""
        wanted = (self.labels[BACKUP_LABEL], self.labels[RESTORE_LABEL])
        return carries_labels(item) and comparison.labels != wanted


def carries_labels(item: BackupItem) -> bool:
    """Not a Namespace, which Velero ensures and does not restore."""
    return item.resource != NAMESPACES
