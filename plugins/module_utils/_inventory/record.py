# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run makes of the inventory: what its plan may write, and what stands on the target in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._kinds import NAMESPACES
from .._values import BackupItem, Change, Comparison, Done, ObjectKey
from .._vocabulary import Action, Outcome, Reason
from .by_key import ByKey, Row
from .entries import NO_LABELS, BackupInventory, Inventory, InventoryEntry, Labels, RestoreScope, entry_of
from .kept_copy import COPIED
from .rows import MOST_FIELD

NEVER_MADE = "{}"
"""Of a Pod that a hold leaves out: nothing of it sleeps that could be woken."""

HeldOf = Callable[[BackupItem], str]


def _awake(_item: BackupItem) -> str:
    return ""


_WRITES = frozenset((Action.CREATE, Action.UPDATE, Action.RELABEL))
_MADE = frozenset((Outcome.CREATED, Outcome.RECREATED))
_TAKEN = frozenset((Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED))


def planned_entries(scope: RestoreScope, changes: Iterable[Change]) -> BackupInventory:
    """What the run may write; without UIDs, for nothing is proven before it is done."""
    written = filter(_may_be_ours, changes)
    return BackupInventory(
        scope, {change.key: entry_of(change.item)._replace(held=_held(change)) for change in written}
    )


def _held(change: Change) -> str:
    """What production has of a workload that is there; known before the object itself is told."""
    held = change.comparison.held if change.comparison else None
    return _kept(held.production) if held else ""


def _kept(text: str) -> str:
    """A row has a bound. What is longer stands on the object alone."""
    return text if len(text) <= MOST_FIELD else ""


def _may_be_ours(change: Change) -> bool:
    """Not what exists and gets no labels of ours: a merged ServiceAccount, a Namespace."""
    if change.action not in _WRITES:
        return False
    found = change.comparison
    return found is None or (not found.merged and change.ref.resource != NAMESPACES)


def restored_entries(
    scope: RestoreScope, done: Iterable[Done], inventory: Inventory = (), created_held: HeldOf = _awake
) -> BackupInventory:
    """What the target has of the backup through this run or an earlier one, each with its UID there and its labels.

    `inventory` is the one before: what a run left alone has the labels that an earlier one wrote.
    `created_held` says what production has of a workload that was created asleep.
    """
    earlier = ByKey(inventory)
    entries = {}
    for one in done:
        is_item = isinstance(one.change.ref, BackupItem) and one.result.reason is not Reason.KEPT_AS_COPY
        before = earlier.get(one.change.key)
        uid = _uid(one, scope, before) if is_item else ""
        if uid:
            held, own = _in_sleep(one, before, created_held)
            entry = entry_of(one.change.item, uid, _labels(one, uid, scope, before), held, own)
            entries[one.change.key] = before.entry if before and before.entry == entry else entry  # one in memory
        elif one.result.reason is Reason.KEPT_AS_COPY:
            entries.update(_copied(one, scope))
        elif one.result.reason is Reason.BARE_POD:
            entries[one.change.key] = entry_of(one.change.item)._replace(held=NEVER_MADE)
    return BackupInventory(scope, entries)


def _copied(done: Done, scope: RestoreScope) -> dict[ObjectKey, InventoryEntry]:
    """The row of a copy, by its own UID; none of one that a dry run did not write."""
    found, written = done.change.comparison, done.result.uid
    if not written and found is None:
        return {}
    has = (found.labels[0] or "", found.labels[1] or "") if found else NO_LABELS
    entry = entry_of(done.change.item, written or (found.uid if found else ""), scope.labels if written else has)
    return {done.change.key: entry._replace(held=COPIED)}


def _in_sleep(done: Done, before: Row | None, created_held: HeldOf) -> tuple[str, bool]:
    """What production has of it, and whether it is the target's own.

    What was there before us stays the target's own, unless it sleeps.
    """
    found = done.change.comparison
    if found is None or done.result.outcome is Outcome.CREATED:
        return _kept(created_held(done.change.item)), False
    if found.held:
        return _kept(found.held.production), found.held.own
    if before is None or before.entry.uid != _uid_in(found, before):
        return "", True
    return (COPIED, False) if before.entry.held == COPIED else ("", before.entry.own)


def made_by_restores(inventory: Inventory) -> dict[ObjectKey, str]:
    """UIDs of what restores made on the target, or put to sleep there."""
    entries = ((key, entry) for part in inventory for key, entry in part.entries.items())
    return {key: entry.uid for key, entry in entries if entry.uid and not entry.own}


def never_made(inventory: Inventory, restored: BackupInventory) -> frozenset[ObjectKey]:
    """Pods that earlier backups of the line had, and that are not left out any more."""
    alike = (part for part in inventory if part.scope.line == restored.scope.line)
    told = (key for part in alike for key, entry in part.entries.items() if entry.held == NEVER_MADE)
    return frozenset(key for key in told if key not in restored.entries)


def _uid(done: Done, scope: RestoreScope, before: Row | None) -> str:
    """Of an object that is ours. One that merely is as the backup says, and no restore ever labelled, is somebody's."""
    change, result = done
    if result.uid or result.outcome in _MADE:
        return result.uid
    found = change.comparison
    if found is None or found.merged or change.ref.resource == NAMESPACES:
        return ""
    if result.outcome is Outcome.FAILED:
        return found.uid if _is_labelled(done, scope) and _is_of(found.uid, before) else ""
    if result.outcome not in _TAKEN or (result.outcome is Outcome.UNCHANGED and found.labels[1] is None):
        return ""
    return _uid_in(found, before)


def _uid_in(found: Comparison, before: Row | None) -> str:
    return before.entry.uid if found.known and before else found.uid


def _is_labelled(done: Done, scope: RestoreScope) -> bool:
    """Whether an object that failed bears this restore's labels all the same: they are written apart."""
    found = done.change.comparison
    return found is not None and (done.result.stored or found.labels == scope.labels)


def _is_of(uid: str, earlier: Row | None) -> bool:
    return earlier is not None and earlier.entry.uid == uid


def _labels(done: Done, uid: str, scope: RestoreScope, before: Row | None) -> Labels:
    """That a run of ours wrote on it: this one, or an earlier one of which a row says so."""
    change, result = done
    if change.ref.resource == NAMESPACES:
        return NO_LABELS
    if result.outcome is not Outcome.UNCHANGED:
        return scope.labels
    has = change.comparison.labels if change.comparison else (None, None)
    if has == scope.labels:
        return scope.labels
    if before is None:
        return NO_LABELS
    if before.entry.uid == uid:
        return before.entry.labels
    planned = not before.entry.uid and has == before.own
    return before.own if planned else NO_LABELS


def gone_keys(done: Iterable[Done]) -> frozenset[ObjectKey]:
    """Of what was deleted, and is known not to be there any more."""
    return frozenset(one.change.key for one in done if one.change.action is Action.DELETE and _is_gone(one))


def _is_gone(done: Done) -> bool:
    """An object that a finalizer holds is being deleted and still there: its entry stays until it is gone."""
    return done.result.outcome is Outcome.DELETED or done.result.reason is Reason.DELETED_BEFORE
