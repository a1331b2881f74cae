# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the target type by type and decides each item; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from .._cluster.ahead import in_turn
from .._cluster.reader import Batch, Place, Read, batches
from .._decide.exemptions import held_by
from .._errors import ClusterError, Unauthorized, Unreachable
from .._kinds import CRDS, is_built_in
from .._values import BackupItem, Body, Change, Resource
from .._vocabulary import Action, Reason
from .context import Cluster, RestoreContext

AT_A_TIME = 4
"""Types that are read: the one that is compared, and the first pages of those behind it."""

_WRITTEN = frozenset((Action.CREATE, Action.UPDATE))
"""Actions that will ask for the desired body again."""


def decided(items: Iterable[BackupItem], context: RestoreContext) -> Iterator[Change]:
    """A Change for each item, in no order.

    Raises Unreachable or Unauthorized: without the target there is no plan. A type that cannot be read fails alone.
    """
    ordered = sorted(items, key=lambda item: (item.resource, item.version))
    coming = frozenset(item.key.name for item in ordered if item.resource == CRDS)
    failed: list[Change] = []
    most = min(AT_A_TIME, context.settings.concurrency)  # there are as many connections, and one
    for asked, read in in_turn(_asked_for(ordered, context, coming, failed), most):
        yield from _of_type(asked, read, context)
    yield from failed


def _asked_for(
    items: Iterable[BackupItem], context: RestoreContext, coming: frozenset[str], left: list[Change]
) -> Iterator[tuple[_Asked, Iterator[Batch]]]:
    """Type by type what is looked for on the target, and how it is read there; what is not goes to `left`."""
    cluster = context.cluster
    for (name, version), group in groupby(items, key=lambda item: (item.resource, item.version)):
        resource = cluster.discovery.find(name, version)
        if resource is not None:
            asked = _Asked(resource, dict(_wanted(resource, group, cluster, left)))
            yield asked, batches(cluster.client, resource, asked.wanted.keys(), len(cluster.namespaces))
        elif name in coming:  # its CRD is restored first; what is there already is found by the create
            left += [context.decider.decide(item, None) for item in group]
        else:
            reason, detail = _not_served(name, version, cluster)
            left += [Change(item, Action.FAIL, reason, detail) for item in group]


def _wanted(
    resource: Resource, items: Iterable[BackupItem], cluster: Cluster, failed: list[Change]
) -> Iterator[tuple[Place, BackupItem]]:
    """Those that can be looked for."""
    for item in items:
        problem = _mismatch(item, resource)
        if problem:
            failed.append(Change(item, Action.FAIL, Reason.INVALID_OBJECT, problem))
        elif cluster.namespaces.get(item.key.namespace):
            failed.append(Change(item, Action.FAIL, Reason.NAMESPACE_TERMINATING, "run again once it is gone"))
        else:
            yield (item.key.namespace, item.key.name), item


def _not_served(name: str, version: str, cluster: Cluster) -> tuple[Reason, str]:
    served = ", ".join(cluster.discovery.versions(name))
    if served:
        return Reason.NOT_SERVED, f"the backup has {name} at version {version}, the target serves {served}"
    if cluster.discovery.is_incomplete(name):
        group = name.partition(".")[2]
        said = f"the API group {group} of the target does not answer with all that it has; see its APIServices"
        return Reason.DISCOVERY_INCOMPLETE, f"{said} and CustomResourceDefinitions"
    if is_built_in(name):
        kubernetes = f"Kubernetes {cluster.identity.version}" if cluster.identity.version else "Kubernetes"
        said = f"the target's {kubernetes} does not serve {name}, which is a type of Kubernetes itself"
        return Reason.NOT_SERVED, f"{said}; excluded_resources leaves it out"
    return Reason.NOT_SERVED, f"the target does not serve {name}, and no CustomResourceDefinition {name} is selected"


class _Asked(NamedTuple):
    """The objects of one type that are looked for on the target."""

    resource: Resource
    wanted: dict[Place, BackupItem]


def _of_type(asked: _Asked, read: Iterator[Batch], context: RestoreContext) -> Iterator[Change]:
    resource, wanted = asked
    try:
        found = _found(resource, wanted, read, context)
    except (Unreachable, Unauthorized):
        raise
    except ClusterError as error:
        incomplete = context.cluster.discovery.is_incomplete(resource.name)
        reason = Reason.DISCOVERY_INCOMPLETE if incomplete else Reason.READ_FAILED
        yield from (Change(item, Action.FAIL, reason, str(error)) for item in wanted.values())
        return
    for place, item in wanted.items():
        yield found[place] if place in found else _missing(item, context)


def _found(
    resource: Resource, wanted: dict[Place, BackupItem], read: Iterator[Batch], context: RestoreContext
) -> dict[Place, Change]:
    """What becomes of those that are there. A list that is read anew gives some twice: the later one counts."""
    pages = context.memory.of_type(resource, wanted) if context.memory else None
    found: dict[Place, Change] = {}
    for batch in read:
        known = pages.changes(batch, context.decider.decide) if pages else None
        if known is None:
            known = {one.place: _compared(wanted[one.place], one, context) for one in batch.reads}
            if pages:
                pages.learn(batch, known)
        else:
            context.tell(resource.name, len(known))
            for change in known.values():
                context.desired.release(change.item)
        found.update(known)
    return found


def _missing(item: BackupItem, context: RestoreContext) -> Change:
    context.tell(item.resource)
    return context.decider.decide(item, None)


def _compared(item: BackupItem, one: Read, context: RestoreContext) -> Change:
    context.tell(item.resource)
    if one.body is None:
        return Change(item, Action.FAIL, Reason.READ_FAILED, str(one.error))
    wanted = context.desired.body(item)
    comparison = context.compare(item, one.body, wanted)
    if comparison.terminating:
        held = held_by(item.resource, one.body) or "its deletion has begun"
        detail = f"{held}; once it is gone the next run restores it"
        return Change(item, Action.FAIL, Reason.TERMINATING, detail, comparison)
    return _held(context.recorded.slim(context.decider.decide(item, comparison)), wanted, context)


def _held(change: Change, wanted: Body, context: RestoreContext) -> Change:
    if change.action in _WRITTEN:
        context.desired.hold(change.item, wanted)
    else:
        context.desired.release(change.item)
    return change


def _mismatch(item: BackupItem, resource: Resource) -> str:
    """Only the target knows which kind a folder's objects must have, and whether they lie in namespaces."""
    if item.key.kind != resource.kind:
        return f"its kind is {item.key.kind}, that of {item.resource} is {resource.kind}"
    if bool(item.key.namespace) != resource.namespaced:
        scope = "lie in namespaces" if resource.namespaced else "are cluster-scoped"
        return f"{item.resource} {scope} on the target, not in the backup"
    return ""
