# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user has written is read to its end, however much is wrong with it."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._match.reading import Reader, placed


def refuse(problem):
    def make(_value):
        raise problem

    return make


def test_problems_are_gathered_in_their_order_and_blanks_stand_instead():
    reader = Reader()
    assert reader.fields("rule", ["not", "a", "map"], ()) == {}
    assert reader.elements("rule.names", {"not": "a list"}) == []
    assert reader.made("rule.number", int, "x", 0) == 0
    assert reader.made("rule.selector", refuse(SettingsError(["one", "two"])), None, "blank") == "blank"
    assert [problem.partition(":")[0] for problem in reader.problems] == [
        "rule",
        "rule.names",
        "rule.number",
        "rule.selector",
        "rule.selector",
    ]


def test_what_is_known_and_what_is_not_there_is_no_problem():
    reader = Reader()
    assert reader.fields("rule", {"a": 1}, ("a", "b")) == {"a": 1}
    assert (reader.fields("rule", None, ()), reader.elements("names", None), reader.elements("names", [1])) == (
        {},
        [],
        [1],
    )
    assert reader.made("number", int, "7", 0) == 7
    assert reader.problems == []


def test_an_unknown_field_is_named_and_the_others_are_read_all_the_same():
    reader = Reader()
    assert reader.fields("rule", {"a": 1, "x": 2}, ("a",))["a"] == 1
    assert reader.problems == ['rule: unknown field "x"']


def test_elements_are_known_by_their_places():
    assert list(placed("rules", ["a", "b"])) == [("rules[0]", "a"), ("rules[1]", "b")]
