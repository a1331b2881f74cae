# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Label selectors in both forms, and what each matches."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._match.selectors import (
    compile_or_selectors,
    compile_selector,
    is_given,
)

WEB = {"app": "web", "tier": "front"}
DB = {"app": "db"}
BARE: dict[str, str] = {}

BOTH_FORMS = [
    # text, structure, then whether it matches web, db, and an object without labels
    ("", {}, True, True, True),
    ("app=web", {"matchLabels": {"app": "web"}}, True, False, False),
    ("app=web,tier=front", {"matchLabels": {"app": "web", "tier": "front"}}, True, False, False),
    ("app=web,tier=back", {"matchLabels": {"app": "web", "tier": "back"}}, False, False, False),
    (
        "app in (web,db)",
        {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", "db"]}]},
        True,
        True,
        False,
    ),
    (
        "app notin (web)",
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
        False,
        True,
        True,
    ),
    ("app!=web", {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}, False, True, True),
    ("tier", {"matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True, False, False),
    ("!tier", {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}, False, True, True),
    (
        "app,!tier,app!=web",
        {
            "matchExpressions": [
                {"key": "app", "operator": "Exists", "values": []},
                {"key": "tier", "operator": "DoesNotExist", "values": None},
                {"key": "app", "operator": "NotIn", "values": ["web"]},
            ]
        },
        False,
        True,
        False,
    ),
    (
        "app=web,tier in (front)",
        {"match_labels": {"app": "web"}, "match_expressions": [{"key": "tier", "operator": "In", "values": ["front"]}]},
        True,
        False,
        False,
    ),
]


@pytest.mark.parametrize(("text", "structure", "web", "db", "bare"), BOTH_FORMS)
def test_a_selector_matches_in_both_forms(text, structure, web, db, bare):
    for form in (text, structure):
        selector = compile_selector(form)
        assert [selector.matches(labels) for labels in (WEB, DB, BARE)] == [web, db, bare]


@pytest.mark.parametrize("value", [None, "", "  ", {}, {"matchLabels": {}, "matchExpressions": []}])
def test_what_says_nothing_matches_everything(value):
    assert compile_selector(value).matches(BARE)


OPERATOR = 'matchExpressions[0].operator: "{}" is not a valid label selector operator'


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        (7, ["must be text (app=web,tier in (a,b)) or a map with matchLabels and matchExpressions"]),
        (["app=web"], ["must be text (app=web,tier in (a,b)) or a map with matchLabels and matchExpressions"]),
        ({"app": "web"}, ['unknown field "app"']),
        ({"matchLabels": {}, "match_labels": {}}, ['duplicate field "matchLabels"']),
        ({"matchLabels": ["app"]}, ["matchLabels: must be a map of strings"]),
        ({"matchLabels": {"app": 7}}, ["matchLabels[app]: key and value must be strings; put them in quotes"]),
        ({"matchLabels": {"app": True}}, ["matchLabels[app]: key and value must be strings; put them in quotes"]),
        ({"matchExpressions": {"key": "app"}}, ["matchExpressions: must be a list"]),
        ({"matchExpressions": ["app"]}, ["matchExpressions[0]: must be a map with key, operator and values"]),
        ({"matchExpressions": [{"operator": "Exists"}]}, ["matchExpressions[0].key: must be a string"]),
        ({"matchExpressions": [{"key": "app"}]}, [OPERATOR.format(None)]),
        ({"matchExpressions": [{"key": "app", "operator": "in", "values": ["a"]}]}, [OPERATOR.format("in")]),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["1"]}]}, [OPERATOR.format("Gt")]),
        (
            {"matchExpressions": [{"key": "app", "operator": "In", "values": "web"}]},
            ["matchExpressions[0].values: must be a list of strings; put them in quotes"],
        ),
        (
            {"matchExpressions": [{"key": "app", "operator": "In"}]},
            ["matchExpressions[0].values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty"],
        ),
        (
            {"matchExpressions": [{"key": "app", "operator": "Exists", "value": "web"}]},
            ['matchExpressions[0]: unknown field "value"'],
        ),
    ],
)
def test_a_structure_that_is_refused(value, problems):
    with pytest.raises(SettingsError) as caught:
        compile_selector(value)
    assert caught.value.problems == problems


def test_all_problems_of_a_structure_are_told_at_once():
    value = {
        "matchLabels": {"a": "-", "b": 1},
        "matchExpressions": [{"key": "/", "operator": "In", "values": ["x"]}, {"key": "c", "operator": "Exist"}],
        "matchNames": {},
    }
    with pytest.raises(SettingsError) as caught:
        compile_selector(value)
    assert len(caught.value.problems) == 7


@pytest.mark.parametrize(
    ("value", "web", "db", "bare"),
    [
        (["app=web", "app=db"], True, True, False),
        (["app=web", {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}], True, False, True),
        ("app=web or app=db", True, True, False),
        ("tier in (front, back)\n or !app", True, False, True),
        ("app=web", True, False, False),
        (["", "app=db", None, " "], False, True, False),
    ],
)
def test_of_or_selectors_one_is_enough(value, web, db, bare):
    found = compile_or_selectors(value)
    assert [any(selector.matches(labels) for selector in found) for labels in (WEB, DB, BARE)] == [web, db, bare]


@pytest.mark.parametrize("value", [None, "", " ", [], [""], [None, " "]])
def test_a_field_left_blank_gives_no_or_selector(value):
    assert compile_or_selectors(value) == ()
    assert not is_given(value)


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"matchLabels": {"app": "web"}}, ["must be a list of label selectors, or text with ' or ' between them"]),
        (7, ["must be a list of label selectors, or text with ' or ' between them"]),
        (["app=web", {}], ["[1]: an empty selector matches everything"]),
        ([{"matchLabels": {}}], ["[0]: an empty selector matches everything"]),
        (
            ["x==a==b", "app", "=", ["x"]],
            [
                "[0]: found '==', expected: ',' or 'end of string'",
                "[2]: found '=', expected: !, identifier, or 'end of string'",
                "[3]: must be text (app=web,tier in (a,b)) or a map with matchLabels and matchExpressions",
            ],
        ),
    ],
)
def test_or_selectors_that_are_refused(value, problems):
    with pytest.raises(SettingsError) as caught:
        compile_or_selectors(value)
    assert caught.value.problems == problems
