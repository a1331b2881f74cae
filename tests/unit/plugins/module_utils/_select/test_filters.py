# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects the user asks for."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._select.filters import (
    NEVER_RESTORED,
    Filters,
)
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
        # patterns, and what they mean for cluster-scoped objects
        (Filters(included_namespaces=("sh*",)), True, False, False),
        (Filters(included_namespaces=("*",), excluded_namespaces=("b*",)), True, False, False),
        (Filters(included_namespaces=("sho?", "[a-c]illing")), True, True, False),
        (Filters(included_namespaces=("sh*",), excluded_namespaces=("*op",)), False, False, False),
        (Filters(excluded_namespaces=("sh*",)), False, True, False),
        (Filters(excluded_namespaces=("nothing-*",)), True, True, False),
        (Filters(included_namespaces=("nothing-*",)), False, False, False),
        (Filters(included_namespaces=("nothing-*",), include_cluster_resources=True), False, False, True),
        (Filters(included_namespaces=("sh*",), include_cluster_resources=True), True, False, True),
        (Filters(included_resources=("*.apps",)), True, True, False),
        (Filters(included_resources=("deployments*",)), True, True, False),
        (Filters(included_resources=("*.rbac.*", "deployments.ap?s")), True, True, True),
        (Filters(excluded_resources=("*.apps",)), False, False, True),
        (Filters(included_resources=("*",), excluded_resources=("cluster*",)), True, True, False),
        (Filters(included_resources=("*.apps",), excluded_resources=("deployments.*",)), False, False, False),
        (Filters(included_resources=("cluster*",), include_cluster_resources=False), False, False, False),
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
        (Filters(included_namespaces=("sh*",)), True),
        (Filters(excluded_resources=("*.k8s.io",)), False),
        (Filters(label_selector="app=web"), True),
    ],
)
def test_a_cluster_scoped_object_may_come_along_unless_a_filter_other_than_the_scope_drops_it(filters, admitted):
    assert filters.admits(CLUSTER) is admitted


@pytest.mark.parametrize("resource", sorted(NEVER_RESTORED))
def test_some_resources_are_never_restored(resource):
    for included in ((), ("*",), (resource,), (f"{resource[:3]}*",)):
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
        (Filters(("shop-*", "team-[0-9]"), ("b?",), ("*.apps", "Deployment"), ("deploy", "sc.storage")), []),
        (Filters(label_selector="app=web,tier in (a,b)"), []),
        (Filters(or_label_selectors=["app=web", {"matchLabels": {"app": "db"}}]), []),
        (Filters(label_selector="", or_label_selectors=["app=web"]), []),
        (Filters(label_selector="app=web", or_label_selectors=[""]), []),
        (
            Filters(included_namespaces=("shop**",)),
            [
                NAMESPACES + 'invalid namespace "shop**": wildcard pattern contains consecutive asterisks '
                "(only single * allowed)"
            ],
        ),
        (
            Filters(excluded_namespaces=("{shop,billing}",)),
            [
                NAMESPACES + 'invalid namespace "{shop,billing}": wildcard pattern contains unsupported characters: '
                "|, (, ), !, {, }, ,"
            ],
        ),
        (
            Filters(included_namespaces=("shop.*",)),
            [NAMESPACES + 'invalid namespace "shop.*": must not contain dots'],
        ),
        (
            Filters(excluded_resources=("pods[",)),
            [RESOURCES + "invalid resource \"pods[\": wildcard pattern contains unclosed bracket '['"],
        ),
        (
            Filters(included_resources=("apps/v1",)),
            [
                RESOURCES + 'invalid resource "apps/v1": a resource is <plural>, <plural>.<group>, a singular, '
                "a kind or a short name"
            ],
        ),
        (
            Filters(label_selector="app=web", or_label_selectors=["app=db"]),
            ["encountered labelSelector as well as orLabelSelectors in restore spec, only one can be specified"],
        ),
        (
            Filters(label_selector="app==web==db"),
            ["label_selector: found '==', expected: ',' or 'end of string'"],
        ),
        (
            Filters(or_label_selectors=["app", "=web"]),
            ["or_label_selectors[1]: found '=', expected: !, identifier, or 'end of string'"],
        ),
        (
            Filters(or_label_selectors={"app": "web"}),
            ["or_label_selectors: must be a list of label selectors, or text with ' or ' between them"],
        ),
    ],
)
def test_every_problem_is_told_in_veleros_words(filters, expected):
    assert filters.problems() == expected


def test_all_problems_are_told_at_once():
    filters = Filters(("*", "a"), ("*",), ("nodes", "*"), ("*",), label_selector="=", or_label_selectors=["=", "-"])
    assert len(filters.problems()) == 11


WEB, DB, BARE = {"app": "web"}, {"app": "db", "x": "y"}, {}


@pytest.mark.parametrize(
    ("filters", "web", "db", "bare"),
    [
        (Filters(), True, True, True),
        (Filters(label_selector="app=web"), True, False, False),
        (Filters(label_selector={"matchLabels": {"app": "web"}}), True, False, False),
        (Filters(label_selector="!app"), False, False, True),
        (Filters(label_selector="app!=web"), False, True, True),
        (Filters(label_selector="app,x"), False, True, False),
        (Filters(label_selector="", or_label_selectors=[]), True, True, True),
        (Filters(or_label_selectors=["app=web", "!app"]), True, False, True),
        (Filters(or_label_selectors=["app=web", {"matchLabels": {"app": "db", "x": "y"}}]), True, True, False),
        (Filters(or_label_selectors="app=web or x"), True, True, False),
        (Filters(or_label_selectors=[""]), True, True, True),
    ],
)
def test_labels_are_selected(filters, web, db, bare):
    assert [filters.selects(labels) for labels in (WEB, DB, BARE)] == [web, db, bare]


NAMES = {"deploy": "deployments.apps", "Deployment": "deployments.apps", "po": "pods", "no": "nodes"}


def resolve(word):
    return NAMES.get(word, word)


def test_resources_get_their_full_names():
    filters = Filters(("shop",), (), ("deploy", "Deployment", "gadgets"), ("po", "*.batch"), True, "app=web")
    assert filters.resolved(resolve) == Filters(
        ("shop",), (), ("deployments.apps", "gadgets"), ("pods", "*.batch"), True, "app=web"
    )


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        (Filters(included_resources=("no", "po")), "nodes are non-restorable resources"),
        (
            Filters(included_resources=("deploy",), excluded_resources=("deployments.apps",)),
            RESOURCES + "excludes list cannot contain an item in the includes list: deployments.apps",
        ),
    ],
)
def test_what_only_full_names_show_is_refused(filters, problem):
    assert filters.problems() == []
    with pytest.raises(SettingsError) as caught:
        filters.resolved(resolve)
    assert caught.value.problems == [problem]


@pytest.mark.parametrize(
    ("filters", "sentences"),
    [
        (Filters(), []),
        (Filters(("*",), (), ("*",)), []),
        (Filters(("shop", "bill*"), (), ("deployments.apps", "cluster*"), ()), []),
        (
            Filters(("shop",), ("nothing", "bill*", "kube-system"), (), ("gadgets", "*.batch", "deployments.apps")),
            [
                "excluded_namespaces: 'nothing' matches nothing in the backup",
                "excluded_resources: 'gadgets' matches nothing in the backup",
                "excluded_resources: '*.batch' matches nothing in the backup",
            ],
        ),
        # what no restore takes, and what the target has, may well be left out
        (Filters((), (), (), ("nodes", "ev*", "leases.coordination.k8s.io")), []),
        (Filters(("shop", "team-*")), ["included_namespaces: 'team-*' matches nothing in the backup"]),
        (Filters(("Shop",)), ["included_namespaces: 'Shop' matches nothing in the backup"]),
        (
            Filters(("x",), (), ("gadgets", "deployments.apps", "*.batch")),
            [
                "included_namespaces: 'x' matches nothing in the backup",
                "included_resources: 'gadgets' matches nothing in the backup",
                "included_resources: '*.batch' matches nothing in the backup",
            ],
        ),
        (Filters(included_resources=("ev*",)), ["included_resources: 'ev*' matches nothing in the backup"]),
    ],
)
def test_a_name_that_matches_nothing_is_told(filters, sentences):
    backup = [IN_SHOP, IN_BILLING, CLUSTER, item("events", "shop")]
    assert filters.unmatched(backup, ("leases.coordination.k8s.io", "pods")) == sentences


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        (Filters(), []),
        (Filters(("shopp", "x*"), ("b",)), ["included_namespaces shopp, x*", "excluded_namespaces b"]),
        (Filters((), (), ("pods",), ("c",)), ["included_resources pods", "excluded_resources c"]),
        (Filters(include_cluster_resources=False), ["include_cluster_resources false"]),
        (Filters(label_selector="app=web", or_label_selectors=[]), ["label_selector"]),
        (Filters(label_selector="", or_label_selectors=["app=web"]), ["or_label_selectors"]),
    ],
)
def test_what_is_asked_for_is_said_by_option(filters, said):
    assert filters.said == said
