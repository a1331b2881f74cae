# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filter policies as a user writes them: what is read, what is refused and in which words, and all of it at once."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policies import FilterPolicies
from ansible_collections.standby.velero.plugins.module_utils._select.filter_policy_rules import compile_filter_policies
from hypothesis import given
from hypothesis import strategies as st

NAMESPACED = "namespacedFilterPolicies"
CLUSTER = "clusterScopedFilterPolicy"
ENTRY = f"{NAMESPACED}[0]"
ROW = f"{ENTRY}.resourceFilters[0]"
CLUSTER_ROW = f"{CLUSTER}.resourceFilters[0]"


def of_entries(*entries, **rest):
    return {"version": "v1", NAMESPACED: list(entries), **rest}


def with_rows(*rows, namespaces=("shop",)):
    return of_entries({"namespaces": list(namespaces), "resourceFilters": list(rows)})


def with_row(**fields):
    return with_rows({"kinds": ["Pod"], **fields})


def for_cluster(*rows):
    return {"version": "v1", CLUSTER: {"resourceFilters": list(rows)}}


def problems_of(document):
    with pytest.raises(SettingsError) as caught:
        compile_filter_policies(document)
    return caught.value.problems


TOLD_TWICE = "wildcard pattern contains consecutive asterisks (only single * allowed)"
KIND = "a kind is <plural>, <plural>.<group>, a singular, a kind or a short name, and no pattern"
TEXT = "must be text, and not empty; put numbers and bare words in quotes"
CATCH_ALL = "names or excludedNames cannot be specified for catch-all filters"

REFUSED = {
    "nothing at all": (None, "version: incompatible version number  with supported version v1"),
    "no version": ({}, "version: incompatible version number  with supported version v1"),
    "another version": ({"version": "v2"}, "version: incompatible version number v2 with supported version v1"),
    "version as a number": ({"version": 1}, "version: incompatible version number 1 with supported version v1"),
    "unknown section": ({"version": "v1", "filters": []}, 'resource policies: unknown field "filters"'),
    "volumes": ({"version": "v1", "volumePolicies": [{}]}, "volumePolicies are not supported for restore"),
    "includes": ({"version": "v1", "includeExcludePolicy": {}}, "includeExcludePolicy is not supported for restore"),
    "entries as a map": ({"version": "v1", NAMESPACED: {"a": 1}}, f"{NAMESPACED}: must be a list"),
    "unknown field of an entry": (
        of_entries({"namespaces": ["shop"], "resourceFilters": [{"kinds": ["Pod"]}], "kinds": ["Pod"]}),
        f'{ENTRY}: unknown field "kinds"',
    ),
    "no namespaces": (
        of_entries({"resourceFilters": [{"kinds": ["Pod"]}]}),
        f"{ENTRY}: at least one namespace must be specified",
    ),
    "no filters": (with_rows(), f"{ENTRY}: at least one resourceFilter must be specified"),
    "an empty filter": (with_rows(None), f"{ROW}: must be a map; a filter that lets everything through says"),
    "unknown field of a filter": (with_row(labels={}), f'{ROW}: unknown field "labels"'),
    "namespaces as text": (
        of_entries({"namespaces": "shop", "resourceFilters": [{"kinds": ["Pod"]}]}),
        f"{ENTRY}.namespaces: must be a list",
    ),
    "a pattern that does not parse": (
        with_rows({"kinds": ["Pod"]}, namespaces=["sh**"]),
        f'{ENTRY}.namespaces[0]: "sh**": {TOLD_TWICE}',
    ),
    "a name that no namespace has": (
        with_rows({"kinds": ["Pod"]}, namespaces=["shop.one"]),
        f'{ENTRY}.namespaces[0]: "shop.one": must not contain dots',
    ),
    "a namespace as a number": (with_rows({"kinds": ["Pod"]}, namespaces=[7]), f"{ENTRY}.namespaces[0]: {TEXT}"),
    "a namespace in two entries": (
        of_entries(*({"namespaces": ["a", name], "resourceFilters": [{"kinds": ["Pod"]}]} for name in ("b", "c"))),
        f"{NAMESPACED}: duplicate namespace pattern 'a' found in policies [0, 1]",
    ),
    "a namespace twice in one": (
        with_rows({"kinds": ["Pod"]}, namespaces=["a*", "a*"]),
        f"{NAMESPACED}: duplicate namespace pattern 'a*' found in policies [0, 0]",
    ),
    "two catch-alls": (with_rows({"kinds": ["*"]}, {"kinds": []}), f"{ENTRY}: only one catch-all resource filter is"),
    "names on a catch-all": (with_rows({"kinds": ["*"], "names": ["a"]}), f"{ROW}: {CATCH_ALL}"),
    "excluded names on one": (with_rows({"excludedNames": ["a"]}), f"{ROW}: {CATCH_ALL}"),
    "* beside a kind": (with_rows({"kinds": ["*", "Pod"]}), f"{ROW}.kinds: '*' stands alone"),
    "a kind in two filters": (
        with_rows({"kinds": ["Pod"]}, {"kinds": ["Secret", "Pod"]}),
        f'{ENTRY}: kind "Pod" appears in both resourceFilters[0] and resourceFilters[1]',
    ),
    "a kind twice in one": (
        with_rows({"kinds": ["Pod", "Pod"]}),
        f'{ENTRY}: kind "Pod" appears in both resourceFilters[0] and resourceFilters[0]',
    ),
    "a pattern for kinds": (with_rows({"kinds": ["Po*"]}), f'{ROW}.kinds[0]: "Po*": {KIND}'),
    "a kind with its version": (with_rows({"kinds": ["apps/v1"]}), f'{ROW}.kinds[0]: "apps/v1": {KIND}'),
    "kinds as text": (with_rows({"kinds": "Pod"}), f"{ROW}.kinds: must be a list"),
    "a name that does not parse": (with_row(names=["a["]), f'{ROW}.names[0]: "a[": a bracket is not closed'),
    "an excluded one": (with_row(excludedNames=["a", "{b"]), f'{ROW}.excludedNames[1]: "{{b": a brace is not closed'),
    "an empty name": (with_row(names=[""]), f"{ROW}.names[0]: {TEXT}"),
    "a bare word as a name": (with_row(names=[True]), f"{ROW}.names[0]: {TEXT}"),
    "both selectors": (
        with_row(labelSelector={"matchLabels": {"a": "b"}}, orLabelSelectors=[{"matchLabels": {"c": "d"}}]),
        f"{ROW}: labelSelector and orLabelSelectors cannot co-exist",
    ),
    "a selector as text": (with_row(labelSelector="a=b"), f"{ROW}.labelSelector: must be a map with matchLabels"),
    "a selector without its form": (
        with_row(labelSelector={"app": "web"}),
        f'{ROW}.labelSelector: unknown field "app"',
    ),
    "a label that no object has": (
        with_row(labelSelector={"matchLabels": {"a b": "c"}}),
        f'{ROW}.labelSelector: matchLabels.key: Invalid value: "a b"',
    ),
    "a label as a number": (
        with_row(labelSelector={"matchLabels": {"a": 1}}),
        f"{ROW}.labelSelector: matchLabels[a]: key and value must be strings; put them in quotes",
    ),
    "an operator that there is not": (
        with_row(labelSelector={"matchExpressions": [{"key": "a", "operator": "Is"}]}),
        f'{ROW}.labelSelector: matchExpressions[0].operator: "Is" is not a valid label selector operator',
    ),
    "one of several that does not parse": (
        with_row(
            orLabelSelectors=[{"matchLabels": {"a": "b"}}, {"matchExpressions": [{"key": "a", "operator": "In"}]}]
        ),
        f"{ROW}.orLabelSelectors[1]: matchExpressions[0].values: Invalid value",
    ),
    "one of several that is empty": (
        with_row(orLabelSelectors=[{"matchLabels": {"a": "b"}}, {}]),
        f"{ROW}.orLabelSelectors[1]: an empty selector matches everything",
    ),
    "one of several as text": (with_row(orLabelSelectors=["a=b"]), f"{ROW}.orLabelSelectors[0]: must be a map with"),
    "several as a map": (with_row(orLabelSelectors={"a": "b"}), f"{ROW}.orLabelSelectors: must be a list"),
    "no filters for the cluster": (for_cluster(), f"{CLUSTER}: resourceFilters cannot be empty"),
    "namespaces for the cluster": (
        {"version": "v1", CLUSTER: {"namespaces": ["a"], "resourceFilters": [{"kinds": ["Node"]}]}},
        f'{CLUSTER}: unknown field "namespaces"',
    ),
    "a catch-all for the cluster": (for_cluster({"kinds": ["*"]}), f"{CLUSTER_ROW}: kinds must be specified"),
    "a filter without kinds for it": (for_cluster({"names": ["a"]}), f"{CLUSTER_ROW}: kinds must be specified"),
    "a kind twice for the cluster": (
        for_cluster({"kinds": ["Region"]}, {"kinds": ["Region"]}),
        f'{CLUSTER}: kind "Region" appears in both resourceFilters[0] and resourceFilters[1]',
    ),
    "both selectors for the cluster": (
        for_cluster(
            {
                "kinds": ["Region"],
                "labelSelector": {"matchLabels": {"a": "b"}},
                "orLabelSelectors": [{"matchLabels": {"c": "d"}}],
            }
        ),
        f"{CLUSTER_ROW}: labelSelector and orLabelSelectors cannot co-exist",
    ),
    "a name that does not parse there": (
        for_cluster({"kinds": ["Region"], "names": ["[]"]}),
        f"{CLUSTER_ROW}.names[0]",
    ),
}


@pytest.mark.parametrize(("document", "problem"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_told_with_its_place_and_nothing_besides(document, problem):
    (told,) = problems_of(document)
    assert told.startswith(problem)


@pytest.mark.parametrize(
    ("document", "place"),
    [([], "resource policies"), (of_entries("shop"), ENTRY), ({"version": "v1", CLUSTER: [1]}, CLUSTER)],
)
def test_what_is_no_map_is_told_before_what_it_lacks(document, place):
    assert problems_of(document)[0] == f"{place}: must be a map"


def test_all_problems_come_at_once():
    document = {
        "version": "v3",
        "volumePolicies": [{"conditions": {}}],
        NAMESPACED: [
            {"namespaces": ["a", "["], "resourceFilters": [{"kinds": ["Pod"]}, {"kinds": ["Pod"], "names": ["{"]}]},
            {"namespaces": ["a"], "resourceFilters": [{"kinds": []}, {"kinds": ["*"]}]},
        ],
        CLUSTER: {"resourceFilters": [{"kinds": [], "labelSelector": {"x": "y"}}]},
    }
    assert [problem.partition(":")[0] for problem in problems_of(document)] == [
        "version",
        "volumePolicies are not supported for restore",
        f"{ENTRY}.namespaces[1]",
        f"{ENTRY}.resourceFilters[1].names[0]",
        ENTRY,
        f"{NAMESPACED}[1]",
        NAMESPACED,
        f"{CLUSTER_ROW}.labelSelector",
        CLUSTER_ROW,
    ]


NOTHING = [{"version": "v1"}, of_entries(), {"version": "v1", NAMESPACED: None, CLUSTER: None}]


@pytest.mark.parametrize("document", [*NOTHING, {"version": "v1", "volumePolicies": [], "includeExcludePolicy": None}])
def test_a_document_without_entries_is_none(document):
    assert compile_filter_policies(document) == FilterPolicies()
    assert not compile_filter_policies(document)


@pytest.mark.parametrize("kinds", [{}, {"kinds": None}, {"kinds": []}, {"kinds": ["*"]}])
def test_a_filter_for_every_kind(kinds):
    (entry,) = compile_filter_policies(with_rows(kinds)).namespaced
    assert entry.filter_for("anything.example.org") is entry.filters[0]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"labelSelector": None},
        {"labelSelector": {}},
        {"labelSelector": {"matchLabels": {}, "matchExpressions": []}},
        {"orLabelSelectors": []},
        {"orLabelSelectors": [None]},
        {"labelSelector": {"matchLabels": {}}, "orLabelSelectors": []},
    ],
)
def test_a_selector_that_says_nothing_asks_for_no_labels(fields):
    (entry,) = compile_filter_policies(with_row(**fields)).namespaced
    assert entry.filters[0].selectors == ()


def test_an_empty_selector_leaves_several_to_say_which():
    document = with_row(labelSelector={"matchLabels": {}}, orLabelSelectors=[{"matchLabels": {"a": "b"}}])
    (entry,) = compile_filter_policies(document).namespaced
    assert len(entry.filters[0].selectors) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(["v1", "*", "Pod", "a["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
FIELDS = ("kinds", "labelSelector", "orLabelSelectors", "names", "excludedNames", "namespaces", "resourceFilters")
ROWS = st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4)
ENTRIES = st.dictionaries(st.sampled_from(FIELDS), st.lists(ROWS | JSON, max_size=3) | JSON, max_size=3)


@given(st.fixed_dictionaries({"version": st.just("v1")}, optional={NAMESPACED: st.lists(ENTRIES), CLUSTER: ENTRIES}))
def test_whatever_is_written_it_compiles_or_is_refused_with_a_place(document):
    outcome = tried(document)
    if isinstance(outcome, SettingsError):
        assert all(problem.startswith((NAMESPACED, CLUSTER)) for problem in outcome.problems)
    else:
        assert bool(outcome) is bool(document.get(NAMESPACED) or document.get(CLUSTER))


def tried(document):
    try:
        return compile_filter_policies(document)
    except SettingsError as error:
        return error
