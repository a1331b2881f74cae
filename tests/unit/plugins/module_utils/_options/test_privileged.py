# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`privileged_rules` as a user writes it: every problem at once, and the rows that come of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.privileged_rules import PrivilegedRule
from ansible_collections.standby.velero.plugins.module_utils._options.privileged import WHY, compile_privileged_rules
from options import problems_of, settings

FIELDS = "unknown field"


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"resource": "configmaps"}, PrivilegedRule("configmaps", WHY)),
        ({"resource": " *.apps ", "host_access": True}, PrivilegedRule("*.apps", WHY, host_access=True)),
        (
            {"resource": "ns", "labels": ["team", "x.org/*"], "annotations": ["owner"]},
            PrivilegedRule("ns", WHY, labels=("team", "x.org/*"), annotations=("owner",)),
        ),
        (
            {"resource": "deployments.apps", "path": "/spec/template/spec/volumes/*/secret"},
            PrivilegedRule("deployments.apps", WHY, path=("spec", "template", "spec", "volumes", "*", "secret")),
        ),
        (
            {"resource": "secrets", "path": "/metadata/labels/a~1b", "values": ["x", 1]},
            PrivilegedRule("secrets", WHY, path=("metadata", "labels", "a/b"), values=("x", 1)),
        ),
        (
            {"resource": "pods", "labels": None, "annotations": [], "path": "", "values": None, "host_access": ""},
            PrivilegedRule("pods", WHY),
        ),
    ],
)
def test_a_rule_becomes_a_row(given: dict[str, Any], rule: PrivilegedRule) -> None:
    assert compile_privileged_rules([given]) == ((rule,), [])


@pytest.mark.parametrize("given", [None, []])
def test_no_rules_are_none(given: Any) -> None:
    assert compile_privileged_rules(given) == ((), [])


NAMESPACES = "of Namespaces, which others need, only labels and annotations are withheld; name them"


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"resource": "pods"}, ["privileged_rules: must be a list"]),
        (["pods"], ["privileged_rules[0]: must be a map", "privileged_rules[0].resource: must be given"]),
        ([{}], ["privileged_rules[0].resource: must be given, as the name of a type or a pattern for some"]),
        ([{"resource": "a**"}], ["privileged_rules[0].resource: wildcard pattern contains consecutive asterisks"]),
        ([{"resource": "pods", "lables": ["a"]}], ['privileged_rules[0]: unknown field "lables"']),
        ([{"resource": "pods", "labels": "a"}], ["privileged_rules[0].labels: must be a list"]),
        (
            [{"resource": "pods", "labels": ["a", 7, ""], "annotations": ["[a"]}],
            [
                "privileged_rules[0].labels[1]: must be a name, or a pattern",
                "privileged_rules[0].labels[2]: must be a name, or a pattern",
                "privileged_rules[0].annotations[0]: wildcard pattern contains unclosed bracket",
            ],
        ),
        ([{"resource": "pods", "path": "spec/x"}], ["privileged_rules[0].path: "]),
        ([{"resource": "pods", "path": 7}], ["privileged_rules[0].path: must be a JSON Pointer"]),
        ([{"resource": "pods", "host_access": "yes"}], ["privileged_rules[0].host_access: must be true or false"]),
        ([{"resource": "pods", "values": ["a"]}], ["privileged_rules[0].values: are those at a path; give that too"]),
        (
            [{"resource": "pods", "labels": ["a"], "host_access": True}],
            ["privileged_rules[0]: labels and annotations have a rule of their own, apart from path and host_access"],
        ),
        ([{"resource": "namespaces"}], [f"privileged_rules[0]: {NAMESPACES}"]),
        ([{"resource": "Namespace", "path": "/spec"}], [f"privileged_rules[0]: {NAMESPACES}"]),
        (
            [{"resource": "pods", "host_access": 7}, {"resource": "pods"}, {"resource": ""}],
            ["privileged_rules[0].host_access: must be true", "privileged_rules[2].resource: must be given"],
        ),
    ],
)
def test_every_problem_is_told_with_its_place(given: Any, problems: list[str]) -> None:
    found = compile_privileged_rules(given)[1]
    assert len(found) == len(problems)
    assert all(text.startswith(problem) for text, problem in zip(found, problems, strict=True))


def test_they_are_among_the_problems_of_all_options() -> None:
    found = problems_of(privileged_rules=[{"resource": ""}, {"resource": "pods", "values": ["a"]}], concurrency=0)
    assert [text.partition(":")[0] for text in found] == [
        "concurrency",
        "privileged_rules[0].resource",
        "privileged_rules[1].values",
    ]


def test_mode_and_rows_are_one_setting() -> None:
    made = settings(privileged_objects="skip", privileged_rules=[{"resource": "pods"}]).privileged
    assert (made.mode, [rule.resource for rule in made.own]) == ("skip", ["pods"])
