# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text form, as Kubernetes' own parser takes and refuses it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._match.requirement import Operator
from ansible_collections.standby.velero.plugins.module_utils._match.selector_text import parse

IN, NOT_IN, EXISTS, NOT = Operator.IN, Operator.NOT_IN, Operator.EXISTS, Operator.DOES_NOT_EXIST
GREATER, LESS = Operator.GREATER, Operator.LESS


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        (" \t\n", []),
        ("x=a", [("x", IN, {"a"})]),
        ("x==a", [("x", IN, {"a"})]),
        ("x!=a,y=b", [("x", NOT_IN, {"a"}), ("y", IN, {"b"})]),
        ("x=a,y=b,z=c", [("x", IN, {"a"}), ("y", IN, {"b"}), ("z", IN, {"c"})]),
        ("x=", [("x", IN, {""})]),
        ("x= ,z= ", [("x", IN, {""}), ("z", IN, {""})]),
        ("x != a", [("x", NOT_IN, {"a"})]),
        ("x", [("x", EXISTS, set())]),
        ("a ", [("a", EXISTS, set())]),
        ("\rx", [("x", EXISTS, set())]),
        ("!x", [("x", NOT, set())]),
        ("! x , y", [("x", NOT, set()), ("y", EXISTS, set())]),
        ("x>1,z<5", [("x", GREATER, {"1"}), ("z", LESS, {"5"})]),
        ("a.domain.com/key in (so,what)", [("a.domain.com/key", IN, {"so", "what"})]),
        ("0.1.2.domain/99 notin (10.10.1, tick.tack)", [("0.1.2.domain/99", NOT_IN, {"10.10.1", "tick.tack"})]),
        ("foo  in\t (abc)", [("foo", IN, {"abc"})]),
        ("x notin\n (abc)", [("x", NOT_IN, {"abc"})]),
        ("x in(a,b)", [("x", IN, {"a", "b"})]),
        ("x in (abc,abc)", [("x", IN, {"abc"})]),
        ("x in ()", [("x", IN, {""})]),
        ("x notin ( )", [("x", NOT_IN, {""})]),
        ("x in (a,)", [("x", IN, {"a", ""})]),
        ("x in (,a)", [("x", IN, {"a", ""})]),
        ("x in (a,,a,,,)", [("x", IN, {"a", ""})]),
        (
            "x notin (abc,,def),bar,z in (),w",
            [("x", NOT_IN, {"abc", "", "def"}), ("bar", EXISTS, set()), ("z", IN, {""}), ("w", EXISTS, set())],
        ),
        ("x,y in (a)", [("x", EXISTS, set()), ("y", IN, {"a"})]),
        ("a in (x,notin, in)", [("a", IN, {"x", "notin", "in"})]),
        ("in in (in)", [("in", IN, {"in"})]),
        ("notin=in", [("notin", IN, {"in"})]),
        ("in,!notin", [("in", EXISTS, set()), ("notin", NOT, set())]),
    ],
)
def test_a_text_that_kubernetes_takes(text, terms):
    assert [(term.key, term.operator, term.values) for term in parse(text)] == terms


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x==a==b", "found '==', expected: ',' or 'end of string'"),
        ("!x=a", "found '=', expected: ',' or 'end of string'"),
        ("x=a y=b", "found 'y', expected: ',' or 'end of string'"),
        ("a in (xyz)b notin ()", "found 'b', expected: ',' or 'end of string'"),
        ("x,,y", "found ',', expected: identifier after ','"),
        ("a in (xyz),", "found '', expected: identifier after ','"),
        (",x,y", "found ',', expected: !, identifier, or 'end of string'"),
        ("(", "found '(', expected: !, identifier, or 'end of string'"),
        ("=a", "found '=', expected: !, identifier, or 'end of string'"),
        ("x nott in (y)", "found 'nott', expected: in, notin, =, ==, !=, >, <"),
        ("x !", "found '!', expected: in, notin, =, ==, !=, >, <"),
        ("a (", "found '(', expected: in, notin, =, ==, !=, >, <"),
        ("!", "found '', expected: identifier"),
        ("!!x", "found '!', expected: identifier"),
        ("x=(", "found '(', expected: identifier"),
        ("x in a", "found 'a', expected: '('"),
        ("x in", "found '', expected: '('"),
        ("a in (xyz abc)", "found 'abc', expected: ',' or ')'"),
        ("a notin(", "found '', expected: ',' or ')'"),
        ("a in (b", "found '', expected: ',' or ')'"),
        ("a in (=)", "found '=', expected: ',' or ')'"),
        ("x<a", "values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer"),
    ],
)
def test_a_text_that_kubernetes_refuses(text, problem):
    with pytest.raises(SettingsError) as caught:
        parse(text)
    assert caught.value.problems == [problem]


@pytest.mark.parametrize("text", ["x=a||y=b", "-x", "x=a/b", "a/b/c", "x>-1", "x>", "x>99999999999999999999", "x\0"])
def test_keys_and_values_are_those_that_labels_can_have(text):
    with pytest.raises(SettingsError, match="Invalid value"):
        parse(text)
