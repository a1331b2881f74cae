"""Which objects the user asks for."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.filters import NEVER_RESTORED, Filters, problems
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey


def item(resource: str, namespace: str) -> BackupItem:
    return BackupItem(ObjectKey("", "Any", namespace, "a"), resource, "v1")


IN_SHOP = item("deployments.apps", "shop")
IN_BILLING = item("deployments.apps", "billing")
CLUSTER = item("clusterroles.rbac.authorization.k8s.io", "")


@pytest.mark.parametrize(
    ("filters", "shop", "billing", "cluster"),
    [
        (Filters(), True, True, True),
        (Filters(included_namespaces=("*",)), True, True, True),
        (Filters(included_namespaces=("shop",)), True, False, False),
        (Filters(excluded_namespaces=("shop",)), False, True, False),
        (Filters(included_namespaces=("*",), excluded_namespaces=("shop",)), False, True, False),
        (Filters(included_namespaces=("shop",), include_cluster_resources=True), True, False, True),
        (Filters(excluded_namespaces=("shop",), include_cluster_resources=True), False, True, True),
        (Filters(include_cluster_resources=False), True, True, False),
        (Filters(included_namespaces=("*",), include_cluster_resources=False), True, True, False),
        (Filters(included_resources=("*",)), True, True, True),
        (Filters(included_resources=("deployments.apps",)), True, True, False),
        (Filters(included_resources=("deployments",)), False, False, False),
        (Filters(excluded_resources=("deployments.apps",)), False, False, True),
        (Filters(included_resources=("*",), excluded_resources=("deployments.apps",)), False, False, True),
        (Filters(included_resources=("deployments.apps",), included_namespaces=("billing",)), False, True, False),
    ],
)
def test_an_object_is_kept(filters, shop, billing, cluster):
    assert (filters.keeps(IN_SHOP), filters.keeps(IN_BILLING), filters.keeps(CLUSTER)) == (shop, billing, cluster)


@pytest.mark.parametrize(
    ("filters", "admitted"),
    [
        (Filters(included_namespaces=("shop",)), True),
        (Filters(excluded_namespaces=("shop",)), True),
        (Filters(included_namespaces=("shop",), include_cluster_resources=False), False),
        (Filters(included_resources=("deployments.apps",)), False),
        (Filters(excluded_resources=(CLUSTER.resource,)), False),
    ],
)
def test_a_cluster_scoped_object_may_come_along_unless_a_filter_other_than_the_scope_drops_it(filters, admitted):
    assert filters.admits(CLUSTER) is admitted


@pytest.mark.parametrize("resource", sorted(NEVER_RESTORED))
def test_some_resources_are_never_restored(resource):
    for included in ((), ("*",), (resource,)):
        assert not Filters(included_resources=included).keeps(item(resource, "shop"))
        assert not Filters(included_resources=included).admits(item(resource, ""))


RESOURCES = "Invalid included/excluded resource lists: "
NAMESPACES = "Invalid included/excluded namespace lists: "


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), []),
        (Filters(("*",), ("shop",), ("*",), ("secrets",)), []),
        (Filters(included_resources=("nodes",)), ["nodes are non-restorable resources"]),
        (
            Filters(included_resources=("*", "pods")),
            [RESOURCES + "includes list must either contain '*' only, or a non-empty list of items"],
        ),
        (
            Filters(included_namespaces=("*", "shop")),
            [NAMESPACES + "includes list must either contain '*' only, or a non-empty list of items"],
        ),
        (Filters(excluded_resources=("*",)), [RESOURCES + "excludes list cannot contain '*'"]),
        (Filters(excluded_namespaces=("*",)), [NAMESPACES + "excludes list cannot contain '*'"]),
        (
            Filters(included_resources=("pods", "secrets"), excluded_resources=("secrets", "pods")),
            [
                RESOURCES + "excludes list cannot contain an item in the includes list: pods",
                RESOURCES + "excludes list cannot contain an item in the includes list: secrets",
            ],
        ),
        (
            Filters(included_namespaces=("shop",), excluded_namespaces=("shop",)),
            [NAMESPACES + "excludes list cannot contain an item in the includes list: shop"],
        ),
        (Filters(included_namespaces=("shop-*",)), [NAMESPACES + "'shop-*' is not an exact name"]),
        (Filters(excluded_resources=("*.example.org",)), [RESOURCES + "'*.example.org' is not an exact name"]),
        (Filters(included_namespaces=("shop,billing",)), [NAMESPACES + "'shop,billing' is not an exact name"]),
    ],
)
def test_every_problem_is_told_in_veleros_words(filters, expected):
    assert problems(filters) == expected


def test_all_problems_are_told_at_once():
    filters = Filters(("*", "a"), ("*",), ("nodes", "*"), ("*",))
    assert len(problems(filters)) == 7
