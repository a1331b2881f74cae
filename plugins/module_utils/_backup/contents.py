# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in a backup, in numbers, and whether `delta: prune` could go by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from .._source.files import SourceFile
from .._source.index import BackupEntry
from .._values import ObjectKey
from .resource_list import read_resource_list

_KUBE_SYSTEM = ObjectKey("", "Namespace", "", "kube-system")


@dataclass(frozen=True)
class Contents:
    """Of one backup."""

    entry: BackupEntry
    types: dict[str, int]
    """`Deployment.apps` -> number of objects."""
    namespaces: dict[str, int]
    cluster_scoped: int
    tells_source: bool
    """Whether it has Namespace kube-system, by which a cluster is known."""

    @property
    def objects(self) -> int:
        return sum(self.types.values())


def listed_contents(entry: BackupEntry, resource_list: SourceFile) -> Contents:
    """By Velero's own list."""
    return contents_of(entry, read_resource_list(resource_list))


def contents_of(entry: BackupEntry, keys: Iterable[ObjectKey]) -> Contents:
    """By the keys of its objects."""
    types: Counter[str] = Counter()
    namespaces: Counter[str] = Counter()
    tells_source = False
    for key in keys:
        types[f"{key.kind}.{key.group}" if key.group else key.kind] += 1
        namespaces[key.namespace] += 1
        tells_source = tells_source or key == _KUBE_SYSTEM
    cluster_scoped = namespaces.pop("", 0)
    return Contents(entry, _sorted(types), _sorted(namespaces), cluster_scoped, tells_source)


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))
