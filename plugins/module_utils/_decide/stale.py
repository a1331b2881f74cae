# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an earlier backup of the same schedule restored, is on the target still, and this backup no longer has.

It is computed from what backups hold, never from labels alone: operators copy labels to what they make
(kustomize-controller#315). What a backup has in another form it does not lack (presence.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .._inventory.entries import Inventory, InventoryEntry, RestoreScope, entry_of
from .._kinds import is_namespace
from .._prepare.labels import restore_labels
from .._values import BACKUP_LABEL, BackupInfo, BackupItem, ObjectKey
from .exemptions import LiveObject
from .places import Label, lies_in, opened_by
from .presence import Presence, presence_of


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that this backup no longer has; whether the target has it still, a read must tell."""

    key: ObjectKey
    """On the target."""
    entry: InventoryEntry
    """Its UID, if known, proves who made the object."""
    scope: RestoreScope
    """Under which it was restored."""
    label: str = ""
    """Where there is no inventory: what the label velero.io/backup-name must be to prove that."""
    holding: bool = False
    """A Namespace or definition in which objects lie that are in the inventory and not stale."""
    doubtful: bool = False
    """Where no inventory knows its mapping: it may be a copy of what the backup has in another namespace."""

    @property
    def provable(self) -> bool:
        """Whether anything can tell it from an object that somebody else made."""
        return bool(self.entry.uid or self.label)

    @property
    def labels(self) -> tuple[str | None, str | None]:
        """That the live object must have; None for one that does not matter."""
        backup, restore = self.entry.labels
        return self.label or backup or None, restore or None


@dataclass(frozen=True, slots=True)
class StaleObject:
    """An object of the delta."""

    candidate: Candidate
    live: LiveObject | None
    """None when it could not be read."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What became of the candidates."""

    objects: tuple[StaleObject, ...] = ()
    """Sorted by key. They are on the target, or nothing is known of it."""
    gone: tuple[ObjectKey, ...] = ()
    """Not on the target any more, or another one of the name is: the inventory is to forget them."""


def candidates(inventory: Inventory, schedule: str, items: Iterable[BackupItem]) -> tuple[Candidate, ...]:
    """What the inventory says was restored of this schedule and this backup lacks.

    `items` are all items of the backup, selected or not and broken ones too, under their keys on the target: with a
    mapping, each has its key in the backup as `source`. An entry without a UID proves nothing and is never a candidate.
    """
    found = _found(inventory, schedule, presence_of(items), proven=True)
    return _with_holding(found, inventory)


def unproven(inventory: Inventory, schedule: str, items: Iterable[BackupItem]) -> tuple[Candidate, ...]:
    """What a run that did not end may have made, and this backup lacks: entries without a UID, which are never deleted.

    Looked at with the candidates, those that the target does not have are gone; the others are nobody's business.
    """
    return _found(inventory, schedule, presence_of(items), proven=False)


def candidates_of_previous(
    previous: Iterable[BackupItem], info: BackupInfo, selection: str, items: Iterable[BackupItem]
) -> tuple[Candidate, ...]:
    """What an earlier backup has and this one lacks, for a target without an inventory of this schedule.

    `previous` are its selected items under their keys on the target, `items` all of this backup as in `candidates`. No
    UID is known, so that a label has to prove who made the object, in addition to its having been in that backup. Nor
    is the mapping known.
    """
    known, taken = tuple(items), tuple(previous)
    present = presence_of(known)
    names = {(_kind(item), item.key.name) for item in known if item.key.namespace}
    scope = RestoreScope(info, selection, len(taken))
    label = restore_labels(info.name, "")[BACKUP_LABEL]
    rows = ((item.key, entry_of(item)) for item in taken)
    return tuple(
        Candidate(key, entry, scope, label=label, doubtful=is_namespace(key) or not names.isdisjoint(_called(key)))
        for key, entry in rows
        if not present.has(key, entry)
    )


def _kind(item: BackupItem) -> str:
    """Empty when the item is of no use, for its kind may be any."""
    return "" if item.problem else item.key.kind


def _called(key: ObjectKey) -> tuple[tuple[str, str], ...]:
    return (key.kind, key.name), ("", key.name)


def confirm(found: Iterable[Candidate], live: Mapping[ObjectKey, LiveObject | None]) -> Delta:
    """The delta, by what reads of the target gave.

    None says that the target does not have the object, nor its type. A key that is missing was not read, for whatever
    reason: nothing is known of it.
    """
    objects, gone = [], []
    for candidate in found:
        there = live.get(candidate.key)
        if there is None and candidate.key in live:
            gone.append(candidate.key)
        elif there is None or not there.uid:
            objects += [StaleObject(candidate, None)] if candidate.provable else []
        elif candidate.label or there.uid == candidate.entry.uid:
            objects.append(StaleObject(candidate, there))
        elif candidate.provable:
            gone.append(candidate.key)
    return Delta(tuple(sorted(objects, key=lambda stale: stale.candidate.key)), tuple(sorted(gone)))


def _found(inventory: Inventory, schedule: str, present: Presence, proven: bool) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(key, entry, scope)
        for part in inventory
        if schedule and part.scope.backup.schedule == schedule
        for scope in (part.scope,)
        for key, entry in part.entries.items()
        if bool(entry.uid) is proven and not present.has(key, entry)
    )


def _with_holding(found: tuple[Candidate, ...], inventory: Inventory) -> tuple[Candidate, ...]:
    """The candidates, those marked that others would go with: what other schedules restored, what is not proven."""
    if not any(opened_by(candidate.key) for candidate in found):
        return found
    going = {candidate.key for candidate in found}
    held: set[Label] = set()
    for part in inventory:
        for key in part.entries.keys() - going:
            held.update(lies_in(key))
    return tuple(replace(one, holding=True) if opened_by(one.key) in held else one for one in found)
