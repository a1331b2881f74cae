# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workloads of the backup stand on the target, those that are not selected among them.

A restore without ReplicaSets meets the ReplicaSets of the target all the same: its Pods would be one too many there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from .._cluster.reader import read
from .._decide.controlled import left_to_controllers, owners_of, standing_in, workloads_in
from .._errors import ClusterError, Unauthorized, Unreachable
from .._prepare.mapping import mapped
from .._values import BackupItem, Change
from .._vocabulary import Action
from .context import RestoreContext


def without_children(changes: Sequence[Change], context: RestoreContext) -> list[Change]:
    """The changes, with what the controllers of standing workloads make left to them."""
    creates = [change.item for change in changes if change.action is Action.CREATE and change.item.owner]
    if not creates:
        return list(changes)
    workloads = workloads_in(context.backup.content.items)
    owners = {uid for item in creates for uid in owners_of(item, workloads)}
    unread = owners - {change.item.uid for change in changes}
    standing = standing_in(changes) | _found(unread, workloads, context)
    return left_to_controllers(changes, workloads, standing)


def _found(unread: Collection[str], workloads: Mapping[str, BackupItem], context: RestoreContext) -> frozenset[str]:
    """Those of the workloads that are on the target; one that must not be read counts as missing, as for Velero."""
    mapping = context.desired.context.namespace_mapping
    items = sorted((mapped(workloads[uid], mapping) for uid in unread), key=attrgetter("resource"))
    groups = (list(members) for _resource, members in groupby(items, key=attrgetter("resource")))
    return frozenset(uid for members in groups for uid in _there(members, context))


def _there(items: Sequence[BackupItem], context: RestoreContext) -> Iterator[str]:
    cluster = context.cluster
    served = cluster.discovery.types.get(items[0].resource)
    if not served:
        return
    wanted = {(item.key.namespace, item.key.name): item.uid for item in items}
    try:
        reads = list(read(cluster.client, served[0], wanted.keys(), len(cluster.namespaces)))
    except (Unreachable, Unauthorized):
        raise
    except ClusterError:
        return
    yield from (wanted[one.place] for one in reads if one.body)
