# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is told of filter policies that cannot do what their author meant, and refused for nothing.

Velero's main branch of August 2026, pkg/restore/restore.go (resolveRestoreNamespacedFilterPolicies and
resolveRestoreClusterScopedFilterPolicy).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .._values import BackupItem, Resource
from .filter_policies import OPTION, FilterPolicies, Kind
from .filters import Filters

_OTHER_SECTION = {
    True: "is cluster-scoped, so that an entry for namespaces says nothing of it; see clusterScopedFilterPolicy",
    False: "lies in namespaces, so that the entry for cluster-scoped types says nothing of it; see"
    " namespacedFilterPolicies",
}
"""By whether the entry is one for namespaces."""
_LEFT_OUT = (
    "is left out by included_resources, excluded_resources or include_cluster_resources, which go before all entries"
)


def policy_warnings(
    policies: FilterPolicies, filters: Filters, served: Iterable[Resource], items: Iterable[BackupItem]
) -> Iterator[str]:
    """A sentence for each kind that its entry can say nothing of; both are with full names.

    `served` is in the target's order. Where the target does not know a type, the backup's objects tell its scope.
    """
    if not policies:
        return
    namespaced = {item.resource: bool(item.key.namespace) for item in items if not item.problem}
    namespaced |= {resource.name: resource.namespaced for resource in served}
    rows = [(bool(entry.namespaces), row) for entry in policies.entries for row in entry.filters]
    for for_namespaces, row in rows:
        problems = ((kind, _problem(kind, for_namespaces, namespaced, filters)) for kind in row.kinds)
        yield from (f"{OPTION}: {row.entry}: {kind.word} {problem}" for kind, problem in problems if problem)


def _problem(kind: Kind, for_namespaces: bool, namespaced: Mapping[str, bool], filters: Filters) -> str:
    """Empty when some type of the kind is of use, or nothing is known of any."""
    known = [name for name in kind.types if name in namespaced]
    fit = [name for name in known if namespaced[name] is for_namespaces]
    if known and not fit:
        return _OTHER_SECTION[for_namespaces]
    return _LEFT_OUT if fit and not any(filters.admits_type(name, for_namespaces) for name in fit) else ""
