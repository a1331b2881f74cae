# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a target owes before and after a restore: the union before its first write, the settled state at its end.

Only a UID proves that an object is the one that was restored, and only `settle` brings a UID into a state: after the
run has seen the object. The union names the planned keys without one. So when a run is killed in between

- an object that an earlier run restored keeps the UID it has in the state, and is proven by it as before;
- an object that the killed run has created or taken over stands in the state without a UID. It is not forgotten, but
  nothing proves that it is ours: somebody else may have made it, before or since. The next run that restores a backup
  with it finds it, equal or not, does with it what the policy says, and settles with its UID. When no backup holds it
  any more, it is never deleted: a person has to.

The price is an object that is left behind where a run was killed, never one deleted that was somebody else's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from .._values import ObjectKey, Owed, Owing, State


def union(state: State, planned: Owing) -> State:
    """The state to be written before the first write of a run; the planned backup is the last of it.

    `planned` are the objects that the run may write or keep; their UIDs are not looked at. A row with a UID stays as it
    is and where it is: until the run has settled, what was restored is what the older backup had.
    """
    objects = {key: owed for owing in state if _same_backup(owing, planned) for key, owed in owing.objects.items()}
    older = [owing for owing in state if not _same_backup(owing, planned)]
    elsewhere = keys(tuple(older))
    for key, owed in planned.objects.items():
        if key not in elsewhere and (key not in objects or not objects[key].uid):
            objects[key] = owed._replace(uid="")
    return _remembered((*older, replace(planned, objects=objects)))


def settle(state: State, restored: Owing, gone: Collection[ObjectKey]) -> State:
    """The state to be written at the end of a run.

    `restored` are the objects that the target now has of the backup, each with its UID there: they replace every older
    row of the same key. One without a UID (it failed, and nothing is known of it) leaves an older row as it is.
    `gone` are the keys that are not on the target: pruned, or seen to be missing. All other rows stay, those that the
    new backup lacks under the backup that had them last.
    """
    *older, last = union(state, restored)
    proven = {key: owed for key, owed in restored.objects.items() if owed.uid}
    missing = frozenset(gone)
    rest = [_without(owing, [key for key in owing.objects if key in proven or key in missing]) for owing in older]
    objects = {key: owed for key, owed in {**last.objects, **proven}.items() if key not in missing}
    return _remembered((*rest, replace(last, objects=objects)))


def proves(owed: Owed, uid: str) -> bool:
    """Whether the object of the target with this UID is the one that was restored."""
    return bool(uid) and owed.uid == uid


def keys(state: State) -> set[ObjectKey]:
    """Of all objects that are owed."""
    return set().union(*(owing.objects for owing in state))


def rows(state: State) -> Iterator[tuple[Owing, ObjectKey, Owed]]:
    """All that is owed, by backup, the one that was restored last at the end."""
    for owing in state:
        for key, owed in owing.objects.items():
            yield owing, key, owed


def last_restored(state: State) -> Owing | None:
    """The backup whose restore began last, whether it came to its end or not: the target may hold parts of it."""
    return state[-1] if state else None


def last_of_schedule(state: State, schedule: str) -> Owing | None:
    """The one of them that is of the schedule; None without a schedule: then no backup follows another."""
    found = (owing for owing in reversed(state) if schedule and owing.backup.schedule == schedule)
    return next(found, None)


def _line(owing: Owing) -> tuple[str, str]:
    """Backups of the same line follow one another: what one had and the next lacks is left over."""
    return owing.backup.schedule, owing.selection


def _same_backup(owing: Owing, planned: Owing) -> bool:
    return owing.backup == planned.backup and owing.selection == planned.selection


def _without(owing: Owing, dropped: Collection[ObjectKey]) -> Owing:
    if not dropped:
        return owing
    lost = frozenset(dropped)
    return replace(owing, objects={key: owed for key, owed in owing.objects.items() if key not in lost})


def _remembered(state: State) -> State:
    """Without backups that nothing is owed to any more. The last of a line stays: guards ask for its facts."""
    last = {_line(owing): owing for owing in state}
    return tuple(owing for owing in state if owing.objects or last[_line(owing)] is owing)
