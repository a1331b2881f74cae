# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Globs, by the rules of gobwas and as names of namespaces and resources have them."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._match.globs import (
    Patterns,
    compile_glob,
    is_pattern,
    pattern_problem,
    plain,
    unmatched_names,
)


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("shop", ["shop"], ["shop-2", "shopx", "Shop", ""]),
        ("*", ["shop", "a.b", ""], []),
        ("shop-*", ["shop-", "shop-a", "shop-a-b"], ["shop", "a-shop-b"]),
        ("*-prod", ["shop-prod", "-prod"], ["prod", "shop-prod-2"]),
        ("team-*-prod", ["team-a-prod", "team-a-b-prod"], ["team-prod", "team-a-test"]),
        ("shop-?", ["shop-1", "shop-a"], ["shop-", "shop-12"]),
        ("shop-[ab]", ["shop-a", "shop-b"], ["shop-c", "shop-ab", "shop-"]),
        ("shop-[0-3]", ["shop-0", "shop-3"], ["shop-4", "shop--"]),
        ("shop[-a]b", ["shop-b", "shopab"], ["shopb"]),
        ("shop[^a]", ["shop^", "shopa"], ["shopb"]),
        ("*.example.org", ["widgets.example.org", "a.b.example.org"], ["widgets.example.com", "example.org"]),
        ("deployments*", ["deployments", "deployments.apps"], ["deployment"]),
        ("a.b", ["a.b"], ["axb"]),
        ("a+*", ["a+", "a+b"], ["aa", "aab"]),
        ("a\\*", ["a\\", "a\\b"], ["a*", "ab"]),
    ],
)
def test_a_pattern_matches(pattern, names, others):
    patterns = Patterns([pattern])
    assert [name for name in (*names, *others) if patterns.match(name)] == names


def test_one_pattern_is_enough():
    patterns = Patterns(["shop", "b*", "c?"])
    assert [name for name in ("shop", "b", "bill", "c", "cd", "cde", "") if patterns.match(name)] == [
        "shop",
        "b",
        "bill",
        "cd",
    ]


def test_without_patterns_nothing_matches():
    assert not Patterns([]).match("shop")


@pytest.mark.parametrize("pattern", ["", "shop", "*", "a*b*c", "a?", "[ab]", "[a-c]x[0-9]", "[-a]", "[-]", "[a-a]"])
def test_a_pattern_that_is_fine(pattern):
    assert pattern_problem(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a|b", "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"),
        ("{a,b}", "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"),
        ("a,b", "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"),
        ("[!a]", "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"),
        ("(a)", "wildcard pattern contains unsupported characters: |, (, ), !, {, }, ,"),
        ("**", "wildcard pattern contains consecutive asterisks (only single * allowed)"),
        ("shop-***", "wildcard pattern contains consecutive asterisks (only single * allowed)"),
        ("a[]", "wildcard pattern contains empty bracket pattern '[]'"),
        ("a[b", "wildcard pattern contains unclosed bracket '['"),
        ("[ab]c[", "wildcard pattern contains unclosed bracket '['"),
        ("a]", "wildcard pattern contains unmatched closing bracket ']'"),
        ("[a]b]", "wildcard pattern contains unmatched closing bracket ']'"),
        ("[c-a]", "wildcard pattern contains brackets with neither a list of characters nor one range"),
        ("[a-cx]", "wildcard pattern contains brackets with neither a list of characters nor one range"),
        ("[xa-c]", "wildcard pattern contains brackets with neither a list of characters nor one range"),
        ("[a-]", "wildcard pattern contains brackets with neither a list of characters nor one range"),
        ("[[a]", "wildcard pattern contains brackets with neither a list of characters nor one range"),
    ],
)
def test_a_pattern_that_velero_refuses_or_that_could_mean_two_things(pattern, problem):
    assert pattern_problem(pattern) == problem


@pytest.mark.parametrize(
    ("pattern", "letters", "wild"),
    [("shop", "shop", False), ("sh*-?.[a-c]x", "shx-x.xx", True), ("*", "x", True), ("", "", False)],
)
def test_the_rest_of_a_pattern_can_be_judged_as_a_name(pattern, letters, wild):
    assert plain(pattern) == letters
    assert is_pattern(pattern) is wild


@pytest.mark.parametrize(
    ("pattern", "separator", "matching", "others"),
    [
        ("pods", ".", ["pods"], ["pod", "pods.metrics.k8s.io", "xpods"]),
        ("*", ".", ["pods", "services"], ["deployments.apps", "pods.metrics.k8s.io"]),
        ("*.apps", ".", ["deployments.apps"], ["pods", "a.b.apps", "deployments.apps.x"]),
        ("*.*", ".", ["deployments.apps"], ["pods", "ingresses.networking.k8s.io"]),
        ("**", ".", ["pods", "ingresses.networking.k8s.io"], []),
        ("*.**", ".", ["deployments.apps", "ingresses.networking.k8s.io"], ["pods"]),
        ("deploymentsXapps", ".", ["deploymentsXapps"], ["deployments.apps"]),
        ("deployments?apps", ".", ["deploymentsXapps"], ["deployments.apps"]),
        ("{deployments,statefulsets}.apps", ".", ["deployments.apps", "statefulsets.apps"], ["daemonsets.apps"]),
        ("{*.apps,pods}", ".", ["deployments.apps", "pods"], ["services"]),
        ("*", "", ["shop", "a.b"], []),
        ("shop-?", "", ["shop-1", "shop-."], ["shop-", "shop-12"]),
        ("shop-[ab]", "", ["shop-a"], ["shop-c"]),
        ("shop-[0-9]", "", ["shop-7"], ["shop-a"]),
        ("shop-[!0-9]", "", ["shop-a"], ["shop-7"]),
        ("shop-[!ab]", "", ["shop-c"], ["shop-a"]),
        ("a\\*b", "", ["a*b"], ["axb"]),
        ("a,b}", "", ["a,b}"], ["a"]),
        ("a{b,{c,d}}", "", ["ab", "ac", "ad"], ["a"]),
        ("a{b,c\\,d}", "", ["ab", "ac,d"], ["ac"]),
        ("", "", [""], ["a"]),
    ],
)
def test_what_a_glob_matches(pattern, separator, matching, others):
    glob = compile_glob(pattern, separator)
    assert [name for name in (*matching, *others) if glob.fullmatch(name)] == matching


@pytest.mark.parametrize("pattern", ["[a", "a{b", "a\\", "[z-a]", "[]"])
def test_what_is_not_closed_is_refused(pattern):
    with pytest.raises(ValueError, match=r"not closed|backwards"):
        compile_glob(pattern)


@pytest.mark.parametrize(
    ("names", "told"),
    [
        ([], []),
        (["shop", "bank"], []),
        (["*", "sh*", "?ank", "[a-c]ank"], []),
        (["shopp"], ["shopp"]),
        (["Shop", "shop.*", "x"], ["Shop", "shop.*", "x"]),
        (["x", "shop", "x"], ["x"]),
        (["[x]*", "*p"], ["[x]*"]),
        ([""], [""]),
    ],
)
def test_a_name_that_matches_nothing_is_told_once_with_its_option(names, told):
    found = unmatched_names("included_namespaces", names, {"shop", "bank"})
    assert found == [f"included_namespaces: {name!r} matches nothing in the backup" for name in told]


def test_everything_is_meant_so_even_where_there_is_nothing():
    assert unmatched_names("included_resources", ["*"], ()) == []
    assert unmatched_names("included_resources", ["a*"], ()) == [
        "included_resources: 'a*' matches nothing in the backup"
    ]


@pytest.mark.parametrize("pattern", ["*-*-prod", "*a*a*a*a*b", "**{a,aa,aaa}{a,aa,aaa}{a,aa,aaa}**b", "?*?*?*?*?*b"])
@pytest.mark.parametrize("separator", ["", "."])
def test_no_name_hangs_a_glob(pattern, separator):
    assert not compile_glob(pattern, separator).fullmatch("a-" * 30_000)


def test_no_name_hangs_patterns_of_names():
    assert not Patterns(["*-*-prod", "*-*-*-*-prod"]).match("-" * 60_000)


@pytest.mark.parametrize(
    ("pattern", "names", "others"),
    [
        ("*.*.x", ["a.b.x", "..x"], ["a.x", "a.b.c.x"]),
        ("**.a*b", ["x.a.y.ab", "x.ab"], ["x.a.b"]),
        ("{a,b*}-{c,d*}", ["a-c", "bb-dd"], ["a-cc", "c-c"]),
        ("*\n*", ["a\nb"], ["ab"]),
    ],
)
def test_a_glob_of_many_stars_matches_as_one_of_few(pattern, names, others):
    glob = compile_glob(pattern, ".")
    assert [name for name in (*names, *others) if glob.fullmatch(name)] == names
