# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a run makes of the inventory: what its plan may write, and what stands on the target in the end."""

from __future__ import annotations

from collections.abc import Iterable

from .._kinds import NAMESPACES
from .._values import BackupItem, Change, Done, ObjectKey
from .._vocabulary import Action, Outcome, Reason
from .entries import BackupInventory, RestoreScope, entry_of

_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.RELABEL))
_MADE = frozenset((Outcome.CREATED, Outcome.RECREATED))
_TAKEN = frozenset((Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED))


def planned_entries(scope: RestoreScope, changes: Iterable[Change]) -> BackupInventory:
    """What the run may write; without UIDs, for nothing is proven before it is done."""
    return BackupInventory(scope, {change.key: entry_of(change.item) for change in changes if _may_be_ours(change)})


def _may_be_ours(change: Change) -> bool:
    """Not what exists and gets no labels of ours: a merged ServiceAccount, a Namespace."""
    if change.action not in _WRITES:
        return False
    found = change.comparison
    return found is None or (not found.merged and change.ref.resource != NAMESPACES)


def restored_entries(scope: RestoreScope, done: Iterable[Done]) -> BackupInventory:
    """What the target has of the backup through this run or an earlier one, each with its UID there."""
    uids = ((one.change, _uid(one)) for one in done if isinstance(one.change.ref, BackupItem))
    return BackupInventory(scope, {change.key: entry_of(change.item, uid) for change, uid in uids if uid})


def _uid(done: Done) -> str:
    """Of an object that is ours. One that merely is as the backup says, and no restore ever labelled, is somebody's."""
    change, result = done
    if result.uid or result.outcome in _MADE:
        return result.uid
    found = change.comparison
    if found is None or result.outcome not in _TAKEN or found.merged or change.ref.resource == NAMESPACES:
        return ""
    if result.outcome is Outcome.UNCHANGED and found.labels[1] is None:
        return ""
    return found.uid


def gone_keys(done: Iterable[Done]) -> frozenset[ObjectKey]:
    """Of what was deleted, and is known not to be there any more."""
    return frozenset(one.change.key for one in done if one.change.action is Action.DELETE and _is_gone(one))


def _is_gone(done: Done) -> bool:
    """An object that a finalizer holds is being deleted and still there: its entry stays until it is gone."""
    return done.result.outcome is Outcome.DELETED or done.result.reason is Reason.DELETED_BEFORE
