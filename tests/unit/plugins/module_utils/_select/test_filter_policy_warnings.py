# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of which their entry can say nothing are told, and no others."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policy_warnings import policy_warnings
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters
from filtering import OBJECTS, SERVED, backup_of, for_cluster, for_shop, policies_of

ROW = "resource_policies: namespacedFilterPolicies[0].resourceFilters[0]"
CLUSTER_ROW = "resource_policies: clusterScopedFilterPolicy.resourceFilters[0]"
CLUSTER_SCOPED = "is cluster-scoped, so that an entry for namespaces says nothing of it; see clusterScopedFilterPolicy"
IN_NAMESPACES = "lies in namespaces, so that the entry for cluster-scoped types says nothing of it; see"
LEFT_OUT = "is left out by included_resources, excluded_resources or include_cluster_resources"

CASES = {
    "all as it should be": (for_shop("{kinds: [cm, widget]}") + "\n" + for_cluster("{kinds: [region, pv]}"), {}, []),
    "no policy": ("", {"excluded_resources": ("secrets",)}, []),
    "a type of the target's": (for_shop("{kinds: [cm, ClusterRole]}"), {}, [f"{ROW}: ClusterRole {CLUSTER_SCOPED}"]),
    "a type that the backup alone knows": (for_shop("{kinds: [Region]}"), {}, [f"{ROW}: Region {CLUSTER_SCOPED}"]),
    "one of namespaces": (for_cluster("{kinds: [pods]}"), {}, [f"{CLUSTER_ROW}: pods {IN_NAMESPACES}"]),
    "one of the backup's": (for_cluster("{kinds: [Widget]}"), {}, [f"{CLUSTER_ROW}: Widget {IN_NAMESPACES}"]),
    "an excluded type": (
        for_shop("{kinds: [cm, Secret]}"),
        {"excluded_resources": ("secrets",)},
        [f"{ROW}: Secret {LEFT_OUT}"],
    ),
    "one that is not included": (
        for_shop("{kinds: [cm, Secret]}"),
        {"included_resources": ("secrets",)},
        [f"{ROW}: cm {LEFT_OUT}"],
    ),
    "no cluster-scoped objects": (
        for_shop("{kinds: [cm, ClusterRole]}") + "\n" + for_cluster("{kinds: [pv]}"),
        {"include_cluster_resources": False},
        [f"{ROW}: ClusterRole {CLUSTER_SCOPED}", f"{CLUSTER_ROW}: pv {LEFT_OUT}"],
    ),
    "none but what others need": (
        for_cluster("{kinds: [pv]}"),
        {"included_namespaces": ("shop",)},
        [f"{CLUSTER_ROW}: pv {LEFT_OUT}"],
    ),
    "a kind that nobody knows": (for_shop("{kinds: [Gizmo]}"), {"excluded_resources": ("secrets",)}, []),
}


@pytest.mark.parametrize(("policies", "filters", "told"), CASES.values(), ids=CASES)
def test_what_is_told_of_kinds(policies, filters, told):
    found = list(policy_warnings(policies_of(policies), Filters(**filters), SERVED, backup_of(*OBJECTS).items))
    assert len(found) == len(told)
    assert all(one.startswith(start) for one, start in zip(found, told, strict=True)), found
