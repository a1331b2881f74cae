# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One term of a selector against the labels of an object."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._match.requirement import Operator, requirement


@pytest.mark.parametrize(
    ("operator", "values", "same", "other", "empty", "without"),
    [
        (Operator.IN, ["web"], True, False, False, False),
        (Operator.IN, ["web", ""], True, False, True, False),
        (Operator.NOT_IN, ["web"], False, True, True, True),
        (Operator.NOT_IN, [""], True, True, False, True),
        (Operator.EXISTS, [], True, True, True, False),
        (Operator.DOES_NOT_EXIST, [], False, False, False, True),
    ],
)
def test_a_term_matches(operator, values, same, other, empty, without):
    labels = ({"app": "web", "x": "y"}, {"app": "db"}, {"app": ""}, {})
    term = requirement("app", operator, values)
    assert [term.matches(each) for each in labels] == [same, other, empty, without]


@pytest.mark.parametrize(
    ("label", "greater", "less"),
    [
        ("2", True, False),
        ("1", False, False),
        ("0", False, True),
        ("-5", False, True),
        ("007", True, False),
        ("v2", False, False),
        ("", False, False),
        ("2.5", False, False),
        ("1_0", False, False),
        ("9223372036854775807", True, False),
        ("9223372036854775808", False, False),
        ("9" * 5000, False, False),
        (None, False, False),
    ],
)
def test_integers_are_compared_and_nothing_else(label, greater, less):
    labels = {"x": label} if label is not None else {}
    found = [requirement("x", operator, ["1"]).matches(labels) for operator in (Operator.GREATER, Operator.LESS)]
    assert found == [greater, less]


@pytest.mark.parametrize(
    ("operator", "values", "problem"),
    [
        (Operator.IN, [], "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"),
        (Operator.NOT_IN, [], "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"),
        (
            Operator.EXISTS,
            ["a"],
            'values: Invalid value: ["a"]: values set must be empty for exists and does not exist',
        ),
        (
            Operator.DOES_NOT_EXIST,
            ["a"],
            'values: Invalid value: ["a"]: values set must be empty for exists and does not exist',
        ),
        (Operator.GREATER, [], "values: Invalid value: []: for 'Gt', 'Lt' operators, exactly one value is required"),
        (
            Operator.LESS,
            ["1", "2"],
            "values: Invalid value: [\"1\", \"2\"]: for 'Gt', 'Lt' operators, exactly one value is required",
        ),
        (
            Operator.LESS,
            ["a"],
            "values[0]: Invalid value: \"a\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ],
)
def test_an_operator_has_the_values_it_can_have(operator, values, problem):
    with pytest.raises(SettingsError) as caught:
        requirement("x", operator, values)
    assert caught.value.problems == [problem]


def test_all_that_is_wrong_with_a_term_is_told_with_its_place():
    with pytest.raises(SettingsError) as caught:
        requirement("-x", Operator.IN, ["a b", "ok", "-"], "matchExpressions[3].")
    places = [problem.partition(": ")[0] for problem in caught.value.problems]
    assert places == [
        "matchExpressions[3].key",
        "matchExpressions[3].values[0][-x]",
        "matchExpressions[3].values[2][-x]",
    ]
