# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An inventory made anew when that of the target is lost: from the labels of restores, and the UIDs of what has them.

Labels are copied by operators, and set by anybody. So what is found is never pruned before a later backup has restored
it, which proves as much as a first restore does; and what its controller made is not taken at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .._cluster.client import METADATA_TYPE
from .._errors import ClusterError, Unauthorized, Unreachable
from .._inventory.entries import BackupInventory, Inventory, InventoryEntry, Labels, RestoreScope
from .._unstructured import as_text, is_controlled, labels_of
from .._values import BACKUP_LABEL, RESTORE_LABEL, BackupInfo, Body, ObjectKey, Resource
from .context import RestoreContext

_TIME = re.compile(r"[0-9]{14}")
_PROBLEMS = 5
"""That are told; the others are counted."""

_Found = dict[Labels, dict[ObjectKey, InventoryEntry]]


@dataclass(frozen=True)
class Rebuilt:
    """What was found."""

    inventory: Inventory
    problems: tuple[str, ...]
    """Types that could not be listed: what they have of earlier restores is not known any more."""


def rebuilt(context: RestoreContext) -> Rebuilt:
    """Lists every type of the target by label, and writes nothing."""
    found: _Found = {}
    problems: list[str] = []
    for resource in context.cluster.discovery.served():
        try:
            _take(resource, context, found)
        except (Unreachable, Unauthorized):
            raise
        except ClusterError as error:
            problems.append(f"{resource.name}: {error}")
    schedule = context.scope.backup.schedule
    parts = (_part(labels, entries, schedule) for labels, entries in sorted(found.items()))
    return Rebuilt(tuple(parts), tuple(_shortened(problems)))


def _take(resource: Resource, context: RestoreContext, found: _Found) -> None:
    for page in context.cluster.client.pages(resource, selector=RESTORE_LABEL, accept=METADATA_TYPE):
        for body in page:
            labels = _labels(body)
            if all(labels) and not is_controlled(body):
                key = _key(resource, body)
                found.setdefault(labels, {})[key] = InventoryEntry(
                    body["metadata"]["uid"], "", key.namespace, labels=labels
                )


def _labels(body: Body) -> Labels:
    labels = labels_of(body)
    return as_text(labels.get(BACKUP_LABEL)), as_text(labels.get(RESTORE_LABEL))


def _key(resource: Resource, body: Body) -> ObjectKey:
    metadata = body["metadata"]
    return ObjectKey(resource.group, resource.kind, metadata.get("namespace") or "", metadata["name"])


def _part(labels: Labels, entries: dict[ObjectKey, InventoryEntry], schedule: str) -> BackupInventory:
    """Velero calls the backups of a schedule after it; of another one's names nothing is known."""
    name = labels[0]
    start, _dash, time = name.rpartition("-")
    known = schedule if schedule and start == schedule and _TIME.fullmatch(time) else ""
    return BackupInventory(RestoreScope(BackupInfo(name, known), "", 0, labels, rebuilt=True), entries)


def _shortened(problems: list[str]) -> Iterator[str]:
    yield from problems[:_PROBLEMS]
    if problems[_PROBLEMS:]:
        yield f"{len(problems) - _PROBLEMS} more types"
