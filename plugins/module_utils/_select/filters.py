# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which objects of a backup the user asks for: by namespace, by resource, by scope.

Velero 1.18, pkg/restore/restore.go (getOrderedResourceCollection, restoreItem), pkg/controller/restore_controller.go
(validateAndComplete) and pkg/util/collections/includes_excludes.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .._values import BackupItem

EVERYTHING = "*"

NEVER_RESTORED = frozenset(
    (
        "backuprepositories.velero.io",
        "backups.velero.io",
        "csinodes.storage.k8s.io",
        "events",
        "events.events.k8s.io",
        "nodes",
        "resticrepositories.velero.io",
        "restores.velero.io",
        "volumeattachments.storage.k8s.io",
    )
)
"""Velero's nonRestorableResources: they describe one cluster, or one Velero."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Exact names: namespaces as the backup has them, resources as `<plural>[.<group>]`; `*` alone is everything."""

    included_namespaces: tuple[str, ...] = ()
    excluded_namespaces: tuple[str, ...] = ()
    included_resources: tuple[str, ...] = ()
    excluded_resources: tuple[str, ...] = ()
    include_cluster_resources: bool | None = None
    """Unset: cluster-scoped objects only when no namespace is included or excluded by name."""

    def keeps(self, item: BackupItem) -> bool:
        """Whether the user asks for the object."""
        return self.admits(item) and (bool(item.key.namespace) or self._whole_cluster())

    def admits(self, item: BackupItem) -> bool:
        """Whether the object may come along with one that names it: only the rule for an unset scope is waived."""
        if item.resource in NEVER_RESTORED:
            return False
        if not _included(item.resource, self.included_resources, self.excluded_resources):
            return False
        if item.key.namespace:
            return _included(item.key.namespace, self.included_namespaces, self.excluded_namespaces)
        return self.include_cluster_resources is not False

    def rules_out(self, item: BackupItem) -> bool:
        """Whether the user says that he does not want the cluster-scoped object, not merely fails to ask for it."""
        return self.include_cluster_resources is False or item.resource in self.excluded_resources

    def _whole_cluster(self) -> bool:
        if self.include_cluster_resources is None:
            return not self.excluded_namespaces and self.included_namespaces in ((), (EVERYTHING,))
        return self.include_cluster_resources


def problems(filters: Filters) -> list[str]:
    """Everything that is wrong with the filters, in Velero's words; nothing may be read or written when there is any.

    Patterns and `,`-joined names are refused as long as only exact names are understood: they would match nothing.
    """
    never = sorted(NEVER_RESTORED & set(filters.included_resources))
    found = [f"{name} are non-restorable resources" for name in never]
    for what, included, excluded in (
        ("resource", filters.included_resources, filters.excluded_resources),
        ("namespace", filters.included_namespaces, filters.excluded_namespaces),
    ):
        messages = [*_contradictions(included, excluded), *_inexact(included + excluded)]
        found.extend(f"Invalid included/excluded {what} lists: {message}" for message in messages)
    return found


def _included(name: str, included: tuple[str, ...], excluded: tuple[str, ...]) -> bool:
    return name not in excluded and (not included or name in included or EVERYTHING in included)


def _contradictions(included: tuple[str, ...], excluded: tuple[str, ...]) -> Iterable[str]:
    if EVERYTHING in included and len(set(included)) > 1:
        yield "includes list must either contain '*' only, or a non-empty list of items"
    if EVERYTHING in excluded:
        yield "excludes list cannot contain '*'"
    for name in sorted(set(included) & set(excluded)):
        yield f"excludes list cannot contain an item in the includes list: {name}"


def _inexact(names: tuple[str, ...]) -> Iterable[str]:
    for name in sorted(set(names) - {EVERYTHING}):
        if any(sign in name for sign in "*?[],/ "):
            yield f"{name!r} is not an exact name"
