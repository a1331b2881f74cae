# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target has beside volumes and claims of the restore: the claims that volumes were given to, and sources.

Read before any body is made, for both say what a volume or a claim is to look like.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._cluster.reader import Place, read
from .._decide.volumes import claim_of, claim_uid, is_released, why_not_rebound
from .._errors import ClusterError, ModifierError, Unauthorized, Unreachable
from .._kinds import CLAIMS, CRDS, VOLUMES
from .._prepare.desired import DesiredState
from .._prepare.persistent_volume_claim import sources_of
from .._select.select import Selection
from .._unstructured import nested
from .._values import EMPTY, BackupItem, Body, Change, ObjectKey, Resource
from .._vocabulary import Action, Reason


@dataclass(frozen=True, slots=True)
class Storage:
    """What is known of storage before anything is compared."""

    rebound: frozenset[ObjectKey] = frozenset()
    """PersistentVolumes that are to forget the claim they had, so that the one of its name gets them."""
    released: Mapping[ObjectKey, str] = field(default_factory=dict)
    """Those that lost their claim and stay as they are, and why."""
    sourceless: Mapping[ObjectKey, ObjectKey] = field(default_factory=dict)
    """Claims made from something that is neither restored nor there, and what that is."""


class Target(NamedTuple):
    """The target, as far as reading goes."""

    client: Client
    discovery: Discovery
    namespaces: int
    """How many it has."""

    def read(self, resource: Resource | None, wanted: Collection[Place]) -> dict[Place, Body | None]:
        """Those that are there; None for what could not be read, which is all of a type that is not served."""
        if resource is None:
            return dict.fromkeys(wanted)
        if not wanted:
            return {}
        try:
            return {one.place: one.body for one in read(self.client, resource, wanted, self.namespaces)}
        except (Unreachable, Unauthorized):
            raise
        except ClusterError:
            return dict.fromkeys(wanted)


def storage_of(target: Target, selection: Selection, desired: DesiredState) -> Storage:
    """Reads what the volumes and claims of the restore call for, and nothing where it has none."""
    rebound: set[ObjectKey] = set()
    released: dict[ObjectKey, str] = {}
    for item, why in _unclaimed(target, selection, desired):
        if why:
            released[item.key] = why
        else:
            rebound.add(item.key)
    return Storage(frozenset(rebound), released, dict(_sourceless(target, selection, desired)))


def with_storage(changes: Iterable[Change], storage: Storage) -> list[Change]:
    """The changes: a volume that stays released is left alone, a claim without its source is told."""
    return [_told(change, storage) for change in changes]


def _told(change: Change, storage: Storage) -> Change:
    source = storage.sourceless.get(change.key)
    if source is not None and change.action is Action.CREATE:
        return replace(change, reason=Reason.SOURCE_MISSING, detail=str(source))
    why = storage.released.get(change.key)
    if why is not None and change.action is not Action.FAIL and change.comparison is not None:
        return replace(change, action=Action.SKIP, reason=Reason.VOLUME_RELEASED, detail=why)
    return change


# Volumes that lost their claim


def _unclaimed(target: Target, selection: Selection, desired: DesiredState) -> Iterator[tuple[BackupItem, str]]:
    """With why each is left as it is; empty for those that are to be bound again."""
    volumes = {("", item.key.name): item for item in selection.items if item.resource == VOLUMES}
    there = target.read(target.discovery.find(VOLUMES, "v1"), volumes.keys())
    given = {place: body for place, body in there.items() if body and claim_uid(body)}
    coming = {_place(item.key) for item in selection.items if item.resource == CLAIMS}
    claims = target.read(target.discovery.find(CLAIMS, "v1"), {claim_of(body) for body in given.values()})
    for place, volume in given.items():
        why = _why_left(volume, claims, coming, _wanted(volumes[place], desired))
        if why is not None:
            yield volumes[place], why


def _why_left(
    volume: Body, claims: Mapping[Place, Body | None], coming: Collection[Place], wanted: Place
) -> str | None:
    """None for a volume that has its claim, as far as is known."""
    place = claim_of(volume)
    claim = claims.get(place)
    if place in claims and claim is None:
        return f"whether its claim {'/'.join(place)} is there could not be read" if is_released(volume) else None
    if claim is not None and nested(claim, "metadata", "uid") == claim_uid(volume):
        return None
    return why_not_rebound(volume, wanted, claim, place in coming)


def _wanted(item: BackupItem, desired: DesiredState) -> Place:
    return claim_of(_body(item, desired))


def _body(item: BackupItem, desired: DesiredState) -> Body:
    """Empty for one on which a modifier fails: it is not restored at all."""
    try:
        return desired.body(item)
    except ModifierError:
        return EMPTY


def _place(key: ObjectKey) -> Place:
    return key.namespace, key.name


# Claims without their source


def _sourceless(target: Target, selection: Selection, desired: DesiredState) -> Iterator[tuple[ObjectKey, ObjectKey]]:
    wanted = {
        item.key: key
        for item in selection.items
        if item.resource == CLAIMS
        for key in sources_of(_body(item, desired), item.key.namespace)
    }
    restored = _restored(target.discovery, selection)
    unknown = {key for key in wanted.values() if key not in restored}
    missing = frozenset(_missing(target, unknown))
    yield from ((claim, source) for claim, source in wanted.items() if source in missing)


def _restored(discovery: Discovery, selection: Selection) -> frozenset[ObjectKey]:
    """Keys of what is selected, and of a type that the target serves or gets by this restore."""
    definitions = (*selection.items, *selection.definitions)
    coming = {item.key.name for item in definitions if item.resource == CRDS}
    return frozenset(
        item.key for item in selection.items if item.resource in discovery.types or item.resource in coming
    )


def _missing(target: Target, keys: Iterable[ObjectKey]) -> Iterator[ObjectKey]:
    """Those that are known not to be there."""
    types = {(served.group, served.kind): served for served in target.discovery.served()}
    wanted: dict[tuple[str, str], dict[Place, ObjectKey]] = {}
    for key in keys:
        wanted.setdefault((key.group, key.kind), {})[_place(key)] = key
    for (group, kind), places in wanted.items():
        if (group, kind) in types:
            there = target.read(types[group, kind], places.keys())
            yield from (key for place, key in places.items() if place not in there)
        elif target.discovery.tells_all_of(group):
            yield from places.values()
