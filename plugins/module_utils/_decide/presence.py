# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a backup has an object that an earlier one had, in whatever form: only what it has in none is gone from it.

Keys are compared as they were before the mapping. A backup has the object when it has

- one with the UID that it had in production, whatever its name,
- one of its kind, namespace and name, in its own or another API group,
- one that is of no use but has its namespace and name: nobody knows what that was,
- one that the mapping brings to its place on the target, or
- for a Namespace or a CustomResourceDefinition, anything that lies in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .._inventory.entries import InventoryEntry
from .._kinds import is_definition, is_namespace
from .._values import BackupItem, ObjectKey

_Place = tuple[str, str, str]
"""Kind, namespace and name."""


@dataclass(frozen=True, slots=True)
class Presence:
    """What is in a backup."""

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

    def has(self, key: ObjectKey, entry: InventoryEntry) -> bool:
        """Whether the object that has this key on the target is in the backup still."""
        namespace, name = _source(key, entry)
        return (
            (bool(entry.source_uid) and entry.source_uid in self.uids)
            or (key.kind, namespace, name) in self.sources
            or (key.kind, key.namespace, key.name) in self.landings
            or (namespace, name) in self.broken
            or (key.namespace, key.name) in self.broken_landings
            or (is_namespace(key) and (name in self.source_namespaces or key.name in self.landing_namespaces))
            or (is_definition(key) and key.name in self.resources)
        )


def _source(key: ObjectKey, entry: InventoryEntry) -> tuple[str, str]:
    """Namespace and name in the backup."""
    if is_namespace(key):
        return "", entry.source_namespace or key.name
    return entry.source_namespace, key.name


def presence_of(items: Iterable[BackupItem]) -> Presence:
    """`items` are all of the backup, selected or not and broken ones too, under their keys on the target: with a
    mapping, each has its key in the backup as `source`, else the same object is a source and a landing."""
    known = tuple(items)
    sources = [item.source or item.key for item in known]
    broken = [item for item in known if item.problem]
    return Presence(
        uids=frozenset(item.uid for item in known if item.uid),
        sources=frozenset((key.kind, key.namespace, key.name) for key in sources),
        landings=frozenset((item.key.kind, item.key.namespace, item.key.name) for item in known),
        source_namespaces=frozenset(key.namespace for key in sources),
        landing_namespaces=frozenset(item.key.namespace for item in known),
        broken=frozenset((key.namespace, key.name) for key in (item.source or item.key for item in broken)),
        broken_landings=frozenset((item.key.namespace, item.key.name) for item in broken),
        resources=frozenset(item.resource for item in known),
    )
