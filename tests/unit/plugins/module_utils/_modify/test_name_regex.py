# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""resourceNameRegex: what Go and Python read alike, and nothing that a crafted name could hang on."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._modify.name_regex import compile_name_regex


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("^mysql.*$", ["mysql", "mysql-0"], ["my-mysql"]),
        ("sql", ["mysql-0"], ["web"]),
        (".*", ["web"], []),
        (r"^web-\d+$", ["web-12"], ["web-x", "web-\u0663"]),
        (r"^web\.example\.org\z", ["web.example.org"], ["webxexample.org"]),
        (r"\Aweb\b", ["web", "web-1"], ["web1"]),
        ("(?i)^WEB$", ["web"], ["api"]),
        ("^(?:web|api)(-[0-9]+)?$", ["web", "api-1"], ["web-", "db"]),
        ("^(?P<name>web)", ["web-1"], ["api"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]),
        ("^[a-z]+?[^0-9-]$", ["web"], ["web1"]),
        ("^(ab){2}$", ["abab"], ["ab"]),
        (r"^[\w.-]+$", ["a.b-c"], [""]),
        ("^[]a]$", ["a", "]"], ["b"]),
        ("a{x}", ["a{x}"], ["a"]),
    ],
)
def test_a_regex_is_searched_in_the_name(pattern, matching, others):
    regex = compile_name_regex(pattern)
    assert [name for name in (*matching, *others) if regex.search(name)] == matching


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "[", "*a", "a**", "a*+", "a++", "a?+", "a{1}{2}", "a{,2}", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)",
     "(?P=a)", "(a)\\1", "(?>a)", "(?(1)a)", "(?#a)", "a(?i)b", "(?U)a", "(?<n>a)", "[[:alpha:]]", "[a&&b]", r"\pL",
     r"[\pL]", r"\Qa\E", r"\Z", r"\x41", r"\u0041", "a{2,1}", "[b-a]", "a" * 1001, "a{99999999999}", "\\"],
)  # fmt: skip
def test_what_go_or_python_alone_understands_is_refused(pattern):
    with pytest.raises(ValueError, match=r"."):
        compile_name_regex(pattern)


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("^(a+)+$", ["a", "aa"], ["", "ab"]),
        ("^(a|a)*$", ["", "aa"], ["b"]),
        ("^((a*)*)*$", ["", "aa"], ["b"]),
        ("^(?:(?:a|b))+$", ["ab"], ["", "c"]),
        ("^(x(a+)y)*$", ["", "xayxaay"], ["xy"]),
        ("^team$", ["team"], ["team\n"]),  # as in Go: Python's $ is in front of a last line end too
        ("(?m)^team$", ["team\n"], ["team-2"]),
        ("(?s)a.b", ["a\nb"], ["ab"]),
        ("(?i:w)eb", ["Web"], ["WEB"]),
    ],
)
def test_go_s_own_ways_are_kept_to(pattern, matching, others):
    regex = compile_name_regex(pattern)
    assert [name for name in (*matching, *others) if regex.search(name)] == matching


@pytest.mark.parametrize(
    "pattern", ["a*" * 12 + "b", "(a*)*" * 6 + "b", "(a|a|a)*b", "(?:a{0,9}){0,50}b", ".*.*.*=", "(a?){40}b"]
)
def test_no_name_hangs_a_regex(pattern):
    assert not compile_name_regex(pattern).search("a" * 1000)


@pytest.mark.parametrize("pattern", ["a{1001}", "(a{1000}){1000}", "((){1000}){1000}", "((a{0,100}){0,100}){0,100}"])
def test_a_regex_that_is_too_large_is_refused(pattern):
    with pytest.raises(ValueError, match=r"too large|more than 1000 times"):
        compile_name_regex(pattern)
