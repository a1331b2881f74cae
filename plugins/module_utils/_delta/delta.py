# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an earlier backup of the same schedule restored, is on the target still, and this backup no longer has.

It is computed from what backups hold, never from labels alone: operators copy labels to what they make
(kustomize-controller#315). Keys are compared as they were before the mapping. An object is not gone when the backup has

- one with the UID that it had in production, whatever its name,
- one of its kind, namespace and name, in its own or another API group,
- one that is of no use but has its namespace and name: nobody knows what that was,
- one that the mapping brings to its place on the target, or
- for a Namespace or a CustomResourceDefinition, anything that lies in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .._prepare.labels import restore_labels
from .._values import BACKUP_LABEL, BackupFacts, BackupItem, ObjectKey, Owed, State
from .live import Live
from .places import Label, is_definition, is_namespace, lies_in, opened_by
from .terms import Terms, terms_of

_Place = tuple[str, str, str]
"""Kind, namespace and name."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An object that this backup no longer has; whether the target has it still, a read must tell."""

    key: ObjectKey
    """On the target."""
    owed: Owed
    """Its UID, if known, proves who made the object."""
    terms: Terms
    """Under which it was restored."""
    label: str = ""
    """Where there is no state: what the label velero.io/backup-name must be to prove that."""
    holding: bool = False
    """A Namespace or definition in which objects lie that are owed and not left over."""
    doubtful: bool = False
    """Where no state knows its mapping: it may be a copy of what the backup has under its name in another namespace."""

    @property
    def provable(self) -> bool:
        """Whether anything can tell it from an object that somebody else made."""
        return bool(self.owed.uid or self.label)


@dataclass(frozen=True, slots=True)
class Left:
    """An object of the delta."""

    candidate: Candidate
    live: Live | None
    """None when it could not be read."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What became of the candidates."""

    objects: tuple[Left, ...] = ()
    """Sorted by key. They are on the target, or nothing is known of it."""
    gone: tuple[ObjectKey, ...] = ()
    """Not on the target any more, or another one of the name is: the state is to forget them."""


def previous_of(state: State, schedule: str, selection: str) -> Terms | None:
    """The backup to compare with: the one of the schedule that was restored last, with this selection if there is one.

    Several plays may each restore a part of every backup; each has its own last one.
    """
    found = [owing for owing in state if schedule and owing.backup.schedule == schedule]
    alike = [owing for owing in found if owing.selection == selection]
    return next((terms_of(owing) for owing in reversed(alike or found)), None)


def candidates(state: State, schedule: str, items: Iterable[BackupItem]) -> tuple[Candidate, ...]:
    """What the state says was restored of this schedule and this backup lacks.

    `items` are all items of the backup, selected or not and broken ones too, under their keys on the target: with a
    mapping, each has its key in the backup as `source`. A row without a UID proves nothing and is never a candidate.
    """
    found = _found(state, schedule, _present(items), proven=True)
    return _with_holding(found, state)


def unproven(state: State, schedule: str, items: Iterable[BackupItem]) -> tuple[Candidate, ...]:
    """What a run that did not end may have made, and this backup lacks: rows without a UID, which are never deleted.

    Looked at with the candidates, those that the target does not have are gone; the others are nobody's business.
    """
    return _found(state, schedule, _present(items), proven=False)


def candidates_of_previous(
    previous: Iterable[BackupItem], facts: BackupFacts, selection: str, items: Iterable[BackupItem]
) -> tuple[Candidate, ...]:
    """What an earlier backup has and this one lacks, for a target without a state of this schedule.

    `previous` are its selected items under their keys on the target, `items` all of this backup as in `candidates`. No
    UID is known, so that a label has to prove who made the object, in addition to its having been in that backup. Nor
    is the mapping known.
    """
    known, taken = tuple(items), tuple(previous)
    present = _present(known)
    names = {(_kind(item), item.key.name) for item in known if item.key.namespace}
    terms = Terms(facts, selection, len(taken))
    label = restore_labels(facts.name, "")[BACKUP_LABEL]
    rows = ((item.key, owed_of(item)) for item in taken)
    return tuple(
        Candidate(key, owed, terms, label=label, doubtful=is_namespace(key) or not names.isdisjoint(_called(key)))
        for key, owed in rows
        if not present.has(key, owed)
    )


def _kind(item: BackupItem) -> str:
    """Empty when the item is of no use, for its kind may be any."""
    return "" if item.problem else item.key.kind


def _called(key: ObjectKey) -> tuple[tuple[str, str], ...]:
    return (key.kind, key.name), ("", key.name)


def owed_of(item: BackupItem, uid: str = "") -> Owed:
    """The row of a state for an item under its key on the target, where it has this UID.

    A Namespace lies in none and is renamed itself: its row has the name in the backup instead.
    """
    source = item.source or item.key
    return Owed(uid, item.uid, source.name if is_namespace(source) else source.namespace)


def looked_at(found: Iterable[Candidate], live: Mapping[ObjectKey, Live | None]) -> Delta:
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
            objects += [Left(candidate, None)] if candidate.provable else []
        elif candidate.label or there.uid == candidate.owed.uid:
            objects.append(Left(candidate, there))
        elif candidate.provable:
            gone.append(candidate.key)
    return Delta(tuple(sorted(objects, key=lambda left: left.candidate.key)), tuple(sorted(gone)))


@dataclass(frozen=True, slots=True)
class _Present:
    """What is in the backup."""

    uids: frozenset[str]
    sources: frozenset[_Place]
    """As they are in the backup."""
    landings: frozenset[_Place]
    """As they are on the target."""
    source_namespaces: frozenset[str]
    landing_namespaces: frozenset[str]
    broken: frozenset[tuple[str, str]]
    """Namespace and name in the backup."""
    broken_landings: frozenset[tuple[str, str]]
    resources: frozenset[str]

    def has(self, key: ObjectKey, owed: Owed) -> bool:
        """Whether the object that has this key on the target is in the backup still."""
        namespace, name = _source(key, owed)
        return (
            (bool(owed.origin) and owed.origin in self.uids)
            or (key.kind, namespace, name) in self.sources
            or (key.kind, key.namespace, key.name) in self.landings
            or (namespace, name) in self.broken
            or (key.namespace, key.name) in self.broken_landings
            or (is_namespace(key) and (name in self.source_namespaces or key.name in self.landing_namespaces))
            or (is_definition(key) and key.name in self.resources)
        )


def _source(key: ObjectKey, owed: Owed) -> tuple[str, str]:
    """Namespace and name in the backup."""
    if is_namespace(key):
        return "", owed.namespace or key.name
    return owed.namespace, key.name


def _present(items: Iterable[BackupItem]) -> _Present:
    """The same object is a source and a landing unless the mapping moves it."""
    known = tuple(items)
    sources = [item.source or item.key for item in known]
    broken = [item for item in known if item.problem]
    return _Present(
        uids=frozenset(item.uid for item in known if item.uid),
        sources=frozenset((key.kind, key.namespace, key.name) for key in sources),
        landings=frozenset((item.key.kind, item.key.namespace, item.key.name) for item in known),
        source_namespaces=frozenset(key.namespace for key in sources),
        landing_namespaces=frozenset(item.key.namespace for item in known),
        broken=frozenset((key.namespace, key.name) for key in (item.source or item.key for item in broken)),
        broken_landings=frozenset((item.key.namespace, item.key.name) for item in broken),
        resources=frozenset(item.resource for item in known),
    )


def _found(state: State, schedule: str, present: _Present, proven: bool) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(key, owed, terms)
        for owing in state
        if schedule and owing.backup.schedule == schedule
        for terms in (terms_of(owing),)
        for key, owed in owing.objects.items()
        if bool(owed.uid) is proven and not present.has(key, owed)
    )


def _with_holding(found: tuple[Candidate, ...], state: State) -> tuple[Candidate, ...]:
    """The candidates, those marked that others would go with: what other schedules restored, what is not proven."""
    if not any(opened_by(candidate.key) for candidate in found):
        return found
    going = {candidate.key for candidate in found}
    held: set[Label] = set()
    for owing in state:
        for key in owing.objects.keys() - going:
            held.update(lies_in(key))
    return tuple(replace(one, holding=True) if opened_by(one.key) in held else one for one in found)
