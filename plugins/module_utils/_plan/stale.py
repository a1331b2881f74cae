# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target has of earlier backups and this one no longer has: inventory -> candidates -> reads -> decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType

from .._cluster.reader import read
from .._decide.active import is_spared
from .._decide.exemptions import LiveObject, PruneExemptions, live_object
from .._decide.prune import PrunePlan, RunHealth, plan_prune
from .._decide.stale import Candidate, Delta, candidates, candidates_of_previous, confirm, unproven
from .._errors import ClusterError, NotFound, Unauthorized, Unreachable
from .._inventory.comparable import last_followed
from .._inventory.entries import Inventory, RestoreScope
from .._inventory.kept_copy import COPIED, KeptCopy
from .._kinds import API_SERVICE, API_SERVICES
from .._prune_words import KeepReason
from .._values import BackupInfo, Change, ObjectKey, ObjectRef, Resource
from .._vocabulary import Action
from .context import Cluster, RestoreContext
from .previous import previous_items

_PROBLEMS = 5
"""That are told; the others count."""
_OPAQUE = (
    "its type is not served, though its API group may have it still; see the group's CustomResourceDefinitions and"
    " APIServices"
)
FEW = 50
"""Objects of one type that are asked for one by one, not out of a list of all."""


@dataclass(frozen=True)
class DeltaPlan:
    """What is stale, and what is meant to happen to it."""

    previous: str
    """Name of the earlier backup; empty when none is known."""
    prune: PrunePlan
    gone: frozenset[ObjectKey]
    """Not on the target any more: the inventory is to forget them."""
    restored_by: Mapping[ObjectKey, str] = field(default_factory=dict)
    """Of each stale object the backup that it was restored from, which need not be the earlier one."""
    previous_started: str = ""
    """When the earlier backup began; empty when nobody knows."""


def planned_delta(context: RestoreContext, inventory: Inventory, changes: Iterable[Change]) -> DeltaPlan:
    """`changes` are those of the items, for what fails among them stops a prune."""
    cluster = context.cluster
    previous, found = _candidates(context, inventory)
    delta, problems = read_candidates(found, cluster, context.exemptions, context.copies)
    failed = sum(change.action is Action.FAIL for change in changes)
    incomplete = (*sorted(cluster.discovery.incomplete), *problems)
    health = RunHealth(failed=failed, incomplete=incomplete, unproven=cluster.discovery.unproven)
    prune = plan_prune(delta, previous, context.scope, health, context.settings.pruning)
    restored_by = {stale.candidate.key: stale.candidate.scope.backup.name for stale in delta.objects}
    earlier = previous.backup if previous else BackupInfo("")
    return DeltaPlan(earlier.name, prune, frozenset(delta.gone), restored_by, earlier.started)


def _candidates(context: RestoreContext, inventory: Inventory) -> tuple[RestoreScope | None, tuple[Candidate, ...]]:
    """The backup to compare with, and what this one lacks of it and of those before it.

    Where the target has no inventory of the schedule, an earlier backup that the user gives serves.
    """
    info, selection = context.scope.backup, context.scope.selection
    items = context.items
    previous = last_followed(inventory, info, selection) if info.schedule else None
    if previous is not None or context.previous is None:
        return previous, (*candidates(inventory, info.schedule, items), *unproven(inventory, info.schedule, items))
    taken = previous_items(context.previous, context.settings, context.desired)
    found = candidates_of_previous(taken, context.previous.info, selection, items)
    return RestoreScope(context.previous.info, selection, len(taken)), found


def read_candidates(
    found: Sequence[Candidate],
    cluster: Cluster,
    exemptions: PruneExemptions,
    copies: Mapping[ObjectKey, KeptCopy] = MappingProxyType({}),
) -> tuple[Delta, tuple[str, ...]]:
    """The delta, as the target has it now, and why some of it could not be read.

    No exception: what cannot be read is kept, and stops the prune; the restore goes on.
    """
    live: dict[ObjectKey, LiveObject | None] = {}
    problems: list[str] = []
    try:
        for key, there in _live(found, cluster, exemptions):
            if isinstance(there, ClusterError):
                problems.append(f"{key}: {there}")
            else:
                live[key] = there
    except (Unreachable, Unauthorized) as error:
        problems.append(str(error))
    live |= dict(_as_copies(found, live, copies, exemptions.active))
    return confirm(found, live), tuple(problems[:_PROBLEMS])


def _as_copies(
    found: Iterable[Candidate],
    live: Mapping[ObjectKey, LiveObject | None],
    copies: Mapping[ObjectKey, KeptCopy],
    active: frozenset[str],
) -> Iterator[tuple[ObjectKey, LiveObject]]:
    """What the target has as a copy alone: that is what may be deleted."""
    for one in found:
        copy, there = copies.get(one.key), live.get(one.key)
        is_copied = one.entry.held == COPIED and copy is not None
        if copy and is_copied and one.key in live and (there is None or there.uid != one.entry.uid):
            ref = ObjectRef(one.key, API_SERVICES, API_SERVICE.version)
            keep = KeepReason.ACTIVE if is_spared(one.key, API_SERVICES, active) else None
            yield one.key, LiveObject(ref, one.entry.uid, keep, labels=copy.labels, copied=True)


_Reads = Iterator[tuple[ObjectKey, "LiveObject | ClusterError | None"]]


def _live(found: Sequence[Candidate], cluster: Cluster, exemptions: PruneExemptions) -> _Reads:
    types = {(served.group, served.kind): served for served in cluster.discovery.served()}
    of_type = attrgetter("key.group", "key.kind")
    for (group, kind), members in groupby(sorted(found, key=attrgetter("key")), key=of_type):
        keys = [candidate.key for candidate in members]
        resource = types.get((group, kind))
        if resource is not None:
            yield from _of_type(keys, resource, cluster, exemptions)
        elif cluster.discovery.tells_all_of(group):  # the type is gone, and all its objects with it
            yield from ((key, None) for key in keys)
        elif group in cluster.discovery.opaque:
            yield from ((key, ClusterError(_OPAQUE)) for key in keys)


def _of_type(keys: list[ObjectKey], resource: Resource, cluster: Cluster, exemptions: PruneExemptions) -> _Reads:
    if len(keys) <= FEW:
        for key in keys:
            yield from _one(key, resource, cluster, exemptions)
        return
    wanted = {(key.namespace, key.name): key for key in keys}
    try:
        reads = list(read(cluster.client, resource, wanted.keys(), len(cluster.namespaces)))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        yield from ((key, error) for key in keys)
        return
    there: dict[ObjectKey, LiveObject | ClusterError | None] = {}
    for one in reads:
        key = wanted[one.place]
        there[key] = one.error if one.body is None else live_object(key, resource, one.body, exemptions)
    yield from there.items()
    for key in (key for key in keys if key not in there):  # that a list lacks it names nobody
        yield from _one(key, resource, cluster, exemptions)


def _one(key: ObjectKey, resource: Resource, cluster: Cluster, exemptions: PruneExemptions) -> _Reads:
    try:
        yield key, live_object(key, resource, cluster.client.get(resource, key.namespace, key.name), exemptions)
    except NotFound:
        yield key, None
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        yield key, error
