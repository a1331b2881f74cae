# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects filter policies let through, beside the global filters: a table of policies over one small backup."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._match.short_names import resolver
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policy_rules import compile_filter_policies
from ansible_collections.standby.velero.plugins.module_utils._select.filters import Filters
from ansible_collections.standby.velero.plugins.module_utils._select.select import select
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action
from backups import complete
from filtering import (
    OBJECTS,
    SERVED,
    Wanted,
    all_but,
    backup_of,
    document_of,
    for_cluster,
    for_shop,
    item_of,
    names,
    policies_of,
    selected,
)
from hypothesis import given
from hypothesis import strategies as st

IN_SHOP = ("shop/app", "shop/app-x", "shop/same", "shop/creds", "shop/web", "shop/gear", "shop/runner", "shop/data")


def of_shop(*kept: str) -> set[str]:
    """Everything of the backup, and of shop these alone."""
    return all_but(*(set(IN_SHOP) - set(kept)))


WEB = "labelSelector: {matchLabels: {app: web}}"
CASES: dict[str, tuple[str, set[str], dict[str, Any]]] = {
    "no policy": ("", all_but(), {}),
    "an entry is an allow-list": (for_shop("{kinds: [ConfigMap]}"), of_shop("shop/app", "shop/app-x", "shop/same"), {}),
    "kinds in any spelling": (
        for_shop("{kinds: [cm, SECRETS, Deployments.Apps, widget.example.org]}"),
        of_shop("shop/app", "shop/app-x", "shop/same", "shop/creds", "shop/web", "shop/gear"),
        {},
    ),
    "a kind that the backup alone knows": (for_shop("{kinds: [WIDGET]}"), of_shop("shop/gear"), {}),
    "by its plural": (for_shop("{kinds: [widgets]}"), of_shop("shop/gear"), {}),
    "a kind that nobody knows": (for_shop("{kinds: [Gizmo]}"), of_shop(), {}),
    "labels": (for_shop(f"{{kinds: [cm, deploy, secrets], {WEB}}}"), of_shop("shop/app", "shop/app-x", "shop/web"), {}),
    "expressions": (
        for_shop("{kinds: [cm], labelSelector: {matchExpressions: [{key: tier, operator: DoesNotExist}]}}"),
        of_shop("shop/app", "shop/app-x"),
        {},
    ),
    "one of several selectors": (
        for_shop("{kinds: [cm], orLabelSelectors: [{matchLabels: {tier: a}}, {matchLabels: {app: web}}]}"),
        of_shop("shop/app", "shop/app-x", "shop/same"),
        {},
    ),
    "names": (for_shop("{kinds: [cm], names: ['app*', 's?me']}"), of_shop("shop/app", "shop/app-x", "shop/same"), {}),
    "excluded names go first": (
        for_shop("{kinds: [cm], names: ['app*'], excludedNames: ['*-[xyz]']}"),
        of_shop("shop/app"),
        {},
    ),
    "excluded names alone": (for_shop("{kinds: [cm], excludedNames: [app]}"), of_shop("shop/app-x", "shop/same"), {}),
    "names with alternatives and all but some letters": (
        for_shop("{kinds: [cm], names: ['{app,same}', '[!b]*-x']}"),
        of_shop("shop/app", "shop/app-x", "shop/same"),
        {},
    ),
    "names and labels": (for_shop(f"{{kinds: [cm], names: [same, app], {WEB}}}"), of_shop("shop/app"), {}),
    "each kind by its own row": (
        for_shop("{kinds: [cm], names: [same]}", f"{{kinds: [deploy], {WEB}}}"),
        of_shop("shop/same", "shop/web"),
        {},
    ),
    "a catch-all for all else": (
        for_shop("{kinds: [cm], names: [same]}", "{kinds: ['*']}"),
        all_but("shop/app", "shop/app-x"),
        {},
    ),
    "a catch-all by label": (
        for_shop("{kinds: [secrets]}", f"{{kinds: [], {WEB}}}"),
        of_shop("shop/app", "shop/app-x", "shop/web", "shop/creds"),
        {},
    ),
    "the catch-all may stand first": (
        for_shop("{kinds: ['*']}", "{kinds: [cm], names: [same]}"),
        all_but("shop/app", "shop/app-x"),
        {},
    ),
    "an exact namespace before patterns": (
        """namespacedFilterPolicies:
        - {namespaces: ['*'], resourceFilters: [{kinds: [Service]}]}
        - {namespaces: [billing], resourceFilters: [{kinds: [Secret]}]}""",
        all_but(*IN_SHOP, "billing/ledger"),
        {},
    ),
    "of patterns the first": (
        """namespacedFilterPolicies:
        - {namespaces: ['team-?'], resourceFilters: [{kinds: [Secret]}]}
        - {namespaces: ['team-*'], resourceFilters: [{kinds: [Service]}]}""",
        all_but("team-a/front"),
        {},
    ),
    "a pattern among exact ones": (
        "namespacedFilterPolicies: [{namespaces: [billing, 'sh[o]p'], resourceFilters: [{kinds: [Secret]}]}]",
        of_shop("shop/creds") - {"billing/ledger"},
        {},
    ),
    "a row without labels takes the place of the global selector": (
        for_shop("{kinds: [cm]}"),
        {"shop/app", "shop/app-x", "shop/same", "admin", "north", "pv-spare"},
        {"label_selector": "app=web"},
    ),
    "and so does one with labels": (
        for_shop("{kinds: [cm], labelSelector: {matchLabels: {app: db}}}"),
        {"shop/same", "admin", "north", "pv-spare"},
        {"label_selector": "app=web"},
    ),
    "namespaces without an entry go by the global filters": (
        for_shop("{kinds: [secrets]}"),
        {"shop/creds", "billing/ledger", "billing/keys"},
        {"or_label_selectors": ["app=db"]},
    ),
    "excluded types stay so": (
        for_shop("{kinds: [cm, secrets]}"),
        of_shop("shop/app", "shop/app-x", "shop/same") - {"billing/keys"},
        {"excluded_resources": ("secrets",)},
    ),
    "included types are all there are": (
        for_shop("{kinds: [cm, secrets]}"),
        {"shop/creds", "billing/keys"},
        {"included_resources": ("secrets",)},
    ),
    "excluded namespaces stay so": (
        for_shop("{kinds: [cm]}"),
        {"billing/ledger", "billing/keys", "team-a/front", "team-a1/back"},
        {"excluded_namespaces": ("shop",)},
    ),
    "cluster-scoped types that are listed": (
        for_cluster("{kinds: [ClusterRole], names: ['shop-*']}"),
        all_but("admin"),
        {},
    ),
    "by label, a type that the backup alone knows": (for_cluster(f"{{kinds: [region], {WEB}}}"), all_but("south"), {}),
    "by kind, with the group": (for_cluster("{kinds: [Region.example.org], names: [south]}"), all_but("north"), {}),
    "cluster-scoped types that are not listed go by the global filters": (
        for_cluster("{kinds: [ClusterRole], names: ['shop-*']}"),
        {"shop/app", "shop/app-x", "shop/web", "shop-viewer", "north", "pv-spare"},
        {"label_selector": "app=web"},
    ),
    "no cluster-scoped objects at all": (
        for_cluster("{kinds: [Region]}"),
        all_but("pv-data", "pv-spare", "first", "shop-viewer", "admin", "north", "south"),
        {"include_cluster_resources": False},
    ),
    "both sections": (
        for_shop("{kinds: [secrets]}") + "\n" + for_cluster("{kinds: [region], names: [south]}"),
        of_shop("shop/creds") - {"north"},
        {},
    ),
    "a cluster-scoped kind in an entry for namespaces": (for_shop("{kinds: [region]}"), of_shop(), {}),
    "a kind of namespaces in the entry for the cluster": (for_cluster("{kinds: [cm], names: [none]}"), all_but(), {}),
    "what a Pod needs comes along": (
        for_shop("{kinds: [pods]}") + "\n" + for_cluster("{kinds: [pv, pc], names: [none]}"),
        of_shop("shop/runner", "shop/data") - {"pv-spare"},
        {},
    ),
    "what a claim needs comes along": (
        for_shop("{kinds: [pvc]}") + "\n" + for_cluster("{kinds: [pv, pc], names: [none]}"),
        of_shop("shop/data") - {"pv-spare", "first"},
        {},
    ),
    "but not past the global filters": (
        for_shop("{kinds: [pods]}"),
        of_shop("shop/runner"),
        {"excluded_resources": ("persistentvolumeclaims",)},
    ),
}


@pytest.mark.parametrize(("policies", "kept", "filters"), CASES.values(), ids=CASES)
def test_what_is_selected(policies, kept, filters):
    assert names(selected(policies, **filters)) == kept


# What is counted

ENTRY = "namespacedFilterPolicies[0]"


def test_each_object_that_an_entry_keeps_out_is_known_with_the_entry_or_its_row():
    policies = for_shop("{kinds: [cm], names: ['app*']}", f"{{kinds: [deploy, secrets], {WEB}}}")
    found = selected(policies + "\n" + for_cluster("{kinds: [ClusterRole], names: [admin]}")).filtered
    assert {str(key): entry for key, entry in found.items()} == {
        "ClusterRole.rbac.authorization.k8s.io shop-viewer": "clusterScopedFilterPolicy.resourceFilters[0]",
        "ConfigMap shop/same": f"{ENTRY}.resourceFilters[0]",
        "PersistentVolumeClaim shop/data": ENTRY,
        "Pod shop/runner": ENTRY,
        "Secret shop/creds": f"{ENTRY}.resourceFilters[1]",
        "Widget.example.org shop/gear": ENTRY,
    }


def test_what_the_global_filters_leave_out_no_entry_keeps_out():
    found = selected(for_shop("{kinds: [cm]}"), excluded_resources=("secrets", "pods"), included_namespaces=("shop",))
    assert {key.name for key in found.filtered} == {"web", "gear", "data"}


def test_what_is_kept_out_by_type_or_name_is_not_even_read():
    backup = backup_of(*OBJECTS)
    policies = policies_of(for_shop("{kinds: [cm], names: [app]}"), backup)
    select(backup, Wanted(Filters(included_namespaces=("shop",)), policies))
    assert set(backup.reads) - {"front", "back"} == {"app"}  # every Service tells which Endpoints are made


def test_a_broken_object_is_judged_by_type_and_name_alone():
    backup = backup_of()
    for resource, kind, name in (("configmaps", "ConfigMap", "app"), ("secrets", "Secret", "creds")):
        body = complete(resource, "shop", name, {"kind": kind})
        backup.bodies[item_of(resource, "shop", body, problem="is not valid JSON")] = body
    selection = select(backup, Wanted(Filters(), policies_of(for_shop(f"{{kinds: [cm], {WEB}}}"), backup)))
    assert [(change.action, change.key.name) for change in selection.left_out] == [(Action.FAIL, "app")]


# Names of types

TWICE = {
    "plural and short name": ("[configmaps, cm]", '"configmaps" and "cm" are the same type, configmaps'),
    "upper and lower case": ("[Secret, SECRET]", '"Secret" and "SECRET" are the same type, secrets'),
    "with the group": (
        "[deploy, Deployment.apps]",
        '"deploy" and "Deployment.apps" are the same type, deployments.apps',
    ),
    "of the backup": (
        "[widget, widgets.example.org]",
        '"widget" and "widgets.example.org" are the same type, widgets.',
    ),
    "of nobody": ("[gizmo, Gizmo]", '"gizmo" and "Gizmo" are the same type, gizmo'),
}


@pytest.mark.parametrize(("kinds", "told"), TWICE.values(), ids=TWICE)
@pytest.mark.parametrize(
    ("document", "where"),
    [(for_shop, ENTRY), (for_cluster, "clusterScopedFilterPolicy")],
    ids=["namespaces", "cluster"],
)
def test_one_type_under_two_spellings_is_refused_once_names_are_resolved(document, where, kinds, told):
    with pytest.raises(SettingsError, match=r"^resource_policies: ") as caught:
        policies_of(document(f"{{kinds: {kinds}}}"))
    (problem,) = caught.value.problems
    assert problem.startswith(f"resource_policies: {where}: {told}")


def test_two_filters_and_all_entries_are_looked_at():
    with pytest.raises(SettingsError) as caught:
        policies_of(for_shop("{kinds: [cm]}", "{kinds: [ConfigMap]}") + "\n" + for_cluster("{kinds: [pv, pvc, PV]}"))
    assert len(caught.value.problems) == 2


def test_names_that_match_nothing_in_the_backup_are_told():
    document = """namespacedFilterPolicies:
    - namespaces: [shop, nowhere, 'x*']
      resourceFilters:
      - {kinds: [cm, gizmo], names: [app, appp, 'z*', '{app,x}'], excludedNames: [never]}
      - {kinds: [secrets]}
    - {namespaces: [billing], resourceFilters: [{kinds: ['*']}, {kinds: [svc], names: [front]}]}"""
    assert list(policies_of(document).unmatched(backup_of(*OBJECTS).items)) == [
        f"resource_policies: {ENTRY}.namespaces: 'nowhere' matches nothing in the backup",
        f"resource_policies: {ENTRY}.namespaces: 'x*' matches nothing in the backup",
        f"resource_policies: {ENTRY}.resourceFilters[0].kinds: 'gizmo' matches nothing in the backup",
        f"resource_policies: {ENTRY}.resourceFilters[0].names: 'appp' matches nothing in the backup",
        f"resource_policies: {ENTRY}.resourceFilters[0].names: 'z*' matches nothing in the backup",
    ]


# What stands for them in the selection of a restore


def said(text: str) -> dict[str, Any]:
    return compile_filter_policies(document_of(text)).said


def entries_for(*namespaces: str) -> str:
    entries = (f"{{namespaces: {names}, resourceFilters: [{{}}]}}" for names in namespaces)
    return f"namespacedFilterPolicies: [{', '.join(entries)}]"


SAME = [
    (for_shop("{kinds: [a, B]}"), for_shop("{kinds: [b, A]}")),
    (for_shop("{kinds: []}"), for_shop("{kinds: ['*']}")),
    (for_shop("{kinds: [a]}", "{kinds: [b]}"), for_shop("{kinds: [b], names: []}", "{kinds: [a]}")),
    (
        entries_for("[a, b]"),
        entries_for("[b]", "[a]"),
    ),
]
OTHER = [
    (for_shop("{kinds: [a]}"), for_shop("{kinds: [b]}")),
    (for_shop("{kinds: [a]}"), for_cluster("{kinds: [a]}")),
    (for_shop("{kinds: [a], names: [x]}"), for_shop("{kinds: [a], excludedNames: [x]}")),
    (for_shop(f"{{kinds: [a], {WEB}}}"), for_shop("{kinds: [a]}")),
    (for_shop("{kinds: [a], names: [x]}", "{kinds: [b]}"), for_shop("{kinds: [a]}", "{kinds: [b], names: [x]}")),
    (
        entries_for("['a*']", "['*']"),
        entries_for("['*']", "['a*']"),
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_policies_however_they_are_written_stand_for_one_selection(one, other):
    assert said(one) == said(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_other_policies_are_another_selection(one, other):
    assert said(one) != said(other)


# What holds for all

WORDS = st.lists(st.sampled_from(["cm", "Secret", "deploy", "Widget", "pods"]), min_size=1, max_size=3, unique=True)
LABELS = st.none() | st.just({"matchLabels": {"app": "web"}})
GLOBS = st.lists(st.sampled_from(["app", "app*", "*", "?ame", "[cw]*"]), max_size=2)
ROW = st.fixed_dictionaries({"kinds": WORDS, "labelSelector": LABELS, "names": GLOBS, "excludedNames": GLOBS})
DOCUMENTS = st.fixed_dictionaries(
    {"namespaces": st.lists(st.sampled_from(["shop", "sh*", "billing", "*"]), min_size=1, max_size=2, unique=True)}
    | {"resourceFilters": ROW.map(lambda row: [row])}
)


@given(DOCUMENTS)
def test_a_policy_only_takes_away_and_what_it_takes_away_is_known(entry):
    """But for what comes along, which the backup has none of here."""
    objects = [one for one in OBJECTS if one[0] not in ("pods", "persistentvolumeclaims")]
    backup = backup_of(*objects)
    found = compile_filter_policies({"version": "v1", "namespacedFilterPolicies": [entry]})
    kept = select(backup, Wanted(Filters(), found.resolved(resolver(SERVED, backup).types)))
    everything = {item.key for item in select(backup, Wanted()).items}
    assert {item.key for item in kept.items} == everything - kept.filtered.keys()
    assert kept.filtered.keys() <= everything
