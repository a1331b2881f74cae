# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory before and after a restore: with what is planned before its first write, with what stands at its end.

Only a UID proves that an object is the one that was restored, and only `record_restored` brings a UID into an
inventory: after the run has seen the object. `record_planned` names the planned keys without one. So when a run is
killed in between

- an object that an earlier run restored keeps the UID of its entry, and is proven by it as before;
- an object that the killed run has created or taken over has an entry without a UID. It is not forgotten, but nothing
  proves that it is ours: somebody else may have made it, before or since. The next run that restores a backup with it
  finds it, equal or not, does with it what the policy says, and records its UID. When no backup holds it any more, it
  is never deleted: a person has to.

The price is an object that is left behind where a run was killed, never one deleted that was somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from .._values import ObjectKey
from .entries import BackupInventory, Inventory, InventoryEntry
from .kept_copy import COPIED


def record_planned(inventory: Inventory, planned: BackupInventory) -> Inventory:
    """The inventory to be written before the first write of a run; the planned backup is the last of it.

    `planned` has what the run may write or keep; its UIDs are not looked at. An entry with a UID stays as it is and
    where it is: until the run has ended, what was restored is what the older backup had. Only what production has of a
    workload that sleeps is the newest at once: once the object says so, nothing older may be given back to it.
    """
    entries = _entries([part for part in inventory if _same_backup(part, planned)])
    older = [_with_held(part, planned) for part in inventory if not _same_backup(part, planned)]
    elsewhere = planned_keys(tuple(older)) if planned.entries else ()
    added = {}
    for key, entry in planned.entries.items():
        if key not in elsewhere and (key not in entries or not entries[key].uid):
            added[key] = entry._replace(uid="") if entry.uid else entry
        elif key in entries and entry.held:
            added[key] = entries[key]._replace(held=entry.held)
    entries = {**entries, **added} if added else entries
    return _without_empty((*older, _relabelled(inventory, replace(planned, entries=entries))))


def record_restored(inventory: Inventory, restored: BackupInventory, gone: Collection[ObjectKey]) -> Inventory:
    """The inventory to be written at the end of a run.

    `restored` has what the target now has of the backup, each with its UID there: it replaces every older entry of the
    same key. One without a UID (it failed, and nothing is known of it) leaves an older entry as it is. `gone` are the
    keys that are not on the target: pruned, or seen to be missing. All other entries stay, those that the new backup
    lacks under the backup that had them last.
    """
    unproven = {key: entry for key, entry in restored.entries.items() if not entry.uid}
    proven = _without(restored, unproven).entries
    missing = frozenset(gone)
    *older, last = record_planned(inventory, replace(restored, entries=unproven))
    rest = [_without(_without(part, proven), missing) for part in older]
    entries = proven if last.entries.keys() <= proven.keys() else {**last.entries, **proven}
    if not missing.isdisjoint(entries):
        entries = {key: entry for key, entry in entries.items() if key not in missing}
    return _without_empty((*rest, _relabelled(inventory, replace(restored, entries=entries))))


def _entries(parts: Sequence[BackupInventory]) -> dict[ObjectKey, InventoryEntry]:
    """Of one part they are not copied: there may be a hundred thousand."""
    if len(parts) == 1:
        return parts[0].entries
    return {key: entry for part in parts for key, entry in part.entries.items()}


def _relabelled(inventory: Inventory, part: BackupInventory) -> BackupInventory:
    """With the labels of the restore before where this one writes none: then there is nothing new to be kept."""
    scope = part.scope
    earlier = next((one.scope for one in inventory if _same_backup(one, part)), None)
    writes = any(not entry.uid or entry.labels == scope.labels for entry in part.entries.values())
    return part if writes or earlier is None else replace(part, scope=scope._replace(labels=earlier.labels))


def _with_held(part: BackupInventory, planned: BackupInventory) -> BackupInventory:
    held = {key: entry.held for key, entry in planned.entries.items() if entry.held and key in part.entries}
    if not held:
        return part
    newer = {key: part.entries[key]._replace(held=text) for key, text in held.items()}
    return replace(part, entries={**part.entries, **newer})


def with_keys(inventory: Inventory, keys: Iterable[ObjectKey]) -> Inventory:
    """The same, with these for those that are equal: of a hundred thousand keys each is in memory once."""
    known = {key: key for key in keys}
    if not known:
        return inventory
    return tuple(
        replace(part, entries=dict(zip(map(known.get, part.entries, part.entries), part.entries.values(), strict=True)))
        for part in inventory
    )


def planned_keys(inventory: Inventory) -> set[ObjectKey]:
    """Of all entries, proven or not."""
    return set().union(*(part.entries for part in inventory))


def _same_backup(part: BackupInventory, planned: BackupInventory) -> bool:
    return part.scope[:2] == planned.scope[:2]


def _without(part: BackupInventory, dropped: Collection[ObjectKey]) -> BackupInventory:
    """`dropped` is a set or a map."""
    if not any(key in dropped for key in part.entries):
        return part
    return replace(part, entries={key: entry for key, entry in part.entries.items() if key not in dropped})


def _without_empty(inventory: Inventory) -> Inventory:
    """Without backups of which nothing is left. The last of a line stays: preflight asks for what is known of it."""
    last = {part.scope.line: part for part in inventory}
    return tuple(
        part for part in inventory if part.entries or (last[part.scope.line] is part and not part.scope.rebuilt)
    )


def with_production(inventory: Inventory, held: Mapping[ObjectKey, str]) -> Inventory:
    """The inventory with what production has of these workloads; an empty text for one that does not sleep any more.

    Only what it knows with a UID: what it does not know it does not learn by the way.
    """
    return tuple(_with_texts(part, held) for part in inventory)


def with_uids(inventory: Inventory, uids: Mapping[ObjectKey, str]) -> Inventory:
    """The inventory with the UIDs of copies, or of what was created from them; no other row is touched."""
    return tuple(_with_uids(part, uids) for part in inventory)


def _with_uids(part: BackupInventory, uids: Mapping[ObjectKey, str]) -> BackupInventory:
    entries = {key: part.entries[key] for key in uids if key in part.entries}
    newer = {
        key: entry._replace(uid=uids[key])
        for key, entry in entries.items()
        if entry.held == COPIED and uids[key] not in ("", entry.uid)
    }
    return replace(part, entries={**part.entries, **newer}) if newer else part


def _with_texts(part: BackupInventory, held: Mapping[ObjectKey, str]) -> BackupInventory:
    entries = {key: part.entries[key] for key in held if key in part.entries}
    newer = {
        key: entry._replace(held=held[key], own=False)
        for key, entry in entries.items()
        if entry.uid and entry.held != held[key]
    }
    return replace(part, entries={**part.entries, **newer}) if newer else part
