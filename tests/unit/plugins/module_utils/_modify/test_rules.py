# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource modifiers as a user writes them: what is read, what is refused, and that all problems come at once."""

from __future__ import annotations

import json

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._modify import json_patch, rules, text
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers
from hypothesis import given
from hypothesis import strategies as st

RULE = {"conditions": {"groupResource": "pods"}, "mergePatches": [{"patchData": '{"spec": {"a": 1}}'}]}
GOOD = {"version": "v1", "resourceModifierRules": [RULE]}
WHERE = "resourceModifierRules[0]"


def with_rule(**fields):
    return {"version": "v1", "resourceModifierRules": [{**RULE, **fields}]}


def with_condition(**fields):
    return with_rule(conditions={"groupResource": "pods", **fields})


def with_operation(**fields):
    rule = {"conditions": {"groupResource": "pods"}, "patches": [{"operation": "add", "path": "/a", **fields}]}
    return {"version": "v1", "resourceModifierRules": [rule]}


def with_patch_data(data):
    return with_rule(mergePatches=[{"patchData": data}])


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_nothing_is_no_rules(value):
    assert compile_modifiers(value).rules == ()


CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"any.yml": yaml.safe_dump(GOOD)}}


@pytest.mark.parametrize(
    "value",
    [GOOD, yaml.safe_dump(GOOD), json.dumps(GOOD), CONFIG_MAP, yaml.safe_dump(CONFIG_MAP), {**GOOD, "version": "V1"}],
    ids=["structure", "YAML", "JSON", "ConfigMap", "ConfigMap as text", "version in upper case"],
)
def test_every_form_gives_the_same_rules(value):
    (rule,) = compile_modifiers(value).rules
    assert rule.name == "resourceModifierRules[0] (pods)"
    assert rule.patch.patches == ({"spec": {"a": 1}},)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({}, "version: unsupported resource modifier version "),
        ({"version": "v2"}, "version: unsupported resource modifier version v2"),
        ({"version": 1}, "version: unsupported resource modifier version 1"),
        ({"version": "v1"}, "resourceModifierRules: resource modifier rules cannot be empty"),
        ({"version": "v1", "resourceModifierRules": {}}, "resourceModifierRules: must be a list"),
        ({**GOOD, "rules": []}, 'resource modifiers: unknown field "rules"'),
        ({**GOOD, "kind": "Pod"}, 'resource modifiers: unknown field "kind"'),
        ([], "resource modifiers: must be a map"),
        ("just text", "resource modifiers: must be a map"),
        ({"version": "v1", "resourceModifierRules": ["x"]}, f"{WHERE}: must be a map"),
        (with_rule(when={}), f'{WHERE}: unknown field "when"'),
        (with_rule(mergePatches=[]), f"{WHERE}: no patch data found"),
        (
            with_rule(patches=[{"operation": "remove", "path": "/a"}]),
            f"{WHERE}: only one of patches, mergePatches, strategicPatches can be specified",
        ),
        (with_rule(conditions=None), f"{WHERE}.conditions: groupResource cannot be empty"),
        (with_rule(conditions={"groupResource": ""}), f"{WHERE}.conditions: groupResource cannot be empty"),
        (with_condition(groupResource="[a"), f"{WHERE}.conditions.groupResource: a bracket is not closed"),
        (with_condition(name="x"), f'{WHERE}.conditions: unknown field "name"'),
        (with_condition(namespaces="shop"), f"{WHERE}.conditions.namespaces: must be a list"),
        (with_condition(namespaces=["a", "[b"]), f"{WHERE}.conditions.namespaces[1]: a bracket is not closed"),
        (with_condition(namespaces=[["a"]]), f"{WHERE}.conditions.namespaces[0]: must be text"),
        (with_condition(resourceNameRegex="("), f"{WHERE}.conditions.resourceNameRegex: it is no regular expression"),
        (with_condition(resourceNameRegex="(?=a)"), f"{WHERE}.conditions.resourceNameRegex: position 1"),
        (with_condition(labelSelector="a=b"), f"{WHERE}.conditions.labelSelector: must be a map"),
        (with_condition(labelSelector={"a": "b"}), f'{WHERE}.conditions.labelSelector: unknown field "a"'),
        (
            with_condition(labelSelector={"matchExpressions": [{"key": "a", "operator": "Gt", "values": [1]}]}),
            f"{WHERE}.conditions.labelSelector: ",
        ),
        (with_condition(matches=[{"value": "a"}]), f"{WHERE}.conditions.matches[0]: path is required for match rule"),
        (with_condition(matches=[{"path": "a"}]), f"{WHERE}.conditions.matches[0].path: path must start with /"),
        (with_condition(matches=[{"path": "/a", "op": 1}]), f'{WHERE}.conditions.matches[0]: unknown field "op"'),
        (with_operation(operation=""), f"{WHERE}.patches[0]: operation cannot be empty"),
        (with_operation(operation="merge"), f"{WHERE}.patches[0]: unsupported operation merge"),
        (with_operation(path=""), f"{WHERE}.patches[0]: path cannot be empty"),
        (with_operation(path="a"), f"{WHERE}.patches[0].path: path must start with /"),
        (with_operation(operation="move"), f"{WHERE}.patches[0]: from cannot be empty for move"),
        (with_operation(op="add"), f'{WHERE}.patches[0]: unknown field "op"'),
        (with_operation(value="{a"), f"{WHERE}.patches[0].value: Velero makes broken JSON of it"),
        (with_patch_data(""), f"{WHERE}.mergePatches[0].patchData: must be a map"),
        (with_patch_data("[1]"), f"{WHERE}.mergePatches[0].patchData: must be a map"),
        (with_patch_data("{a: 1, a: 2}"), f"{WHERE}.mergePatches[0].patchData: line 1: a key stands twice"),
        (with_rule(mergePatches=[{"patch": "{}"}]), f'{WHERE}.mergePatches[0]: unknown field "patch"'),
        ({"kind": "ConfigMap"}, "illegal resource modifiers configmap"),
        ({"kind": "ConfigMap", "data": {"a": "x", "b": "y"}}, "illegal resource modifiers configmap"),
        ("version: [", "line 1: "),
        ("version: v1\nversion: v1", "line 2: a key stands twice"),
    ],
)
def test_what_is_refused(value, problem):
    with pytest.raises(SettingsError) as caught:
        compile_modifiers(value)
    assert any(found.startswith(problem) for found in caught.value.problems), caught.value.problems


def test_all_problems_come_at_once():
    rule = {
        "conditions": {"resourceNameRegex": "("},
        "patches": [{"operation": "x"}, {"path": "a", "operation": "add"}],
    }
    with pytest.raises(SettingsError) as caught:
        compile_modifiers({"version": "v2", "resourceModifierRules": [rule, rule]})
    assert len(caught.value.problems) == 1 + 2 * 5


@pytest.mark.parametrize(
    ("given_value", "value"),
    [
        ("3", 3),
        (3, 3),
        (True, True),
        ("true", True),
        ('"true"', "true"),
        (None, ""),  # YAML's null is no text: Velero's value stays empty
        ("null", None),
        ({"a": [1]}, {"a": [1]}),
        ('{"a": [1]}', {"a": [1]}),
        ([1], [1]),
    ],
)
def test_a_value_is_text_typed_by_its_look_or_a_structure_as_it_is(given_value, value):
    (rule,) = compile_modifiers(with_operation(value=given_value)).rules
    assert rule.patch.operations[0].value == value
    assert type(rule.patch.operations[0].value) is type(value)


def test_labels_may_be_bare_numbers_and_booleans():
    selector = {"matchLabels": {"tier": 1, "on": True}}
    (rule,) = compile_modifiers(with_condition(labelSelector=selector)).rules
    assert rule.conditions.selector.matches({"tier": "1", "on": "true"})


def test_patch_data_may_be_a_structure():
    (rule,) = compile_modifiers(with_patch_data({"spec": {"a": None}})).rules
    assert rule.patch.patches == ({"spec": {"a": None}},)


def test_a_missing_library_is_named_with_a_way_around(monkeypatch):
    monkeypatch.setattr(rules, "HAS_JSONPATCH", False)
    with pytest.raises(SettingsError, match=r"package jsonpatch .* or write mergePatches"):
        compile_modifiers(with_operation())
    monkeypatch.setattr(text, "HAS_YAML", False)
    with pytest.raises(SettingsError, match=r"package PyYAML .* or give a structure"):
        compile_modifiers("version: v1")
    assert compile_modifiers(json.dumps(GOOD)).rules, "JSON needs neither"
    assert json_patch.HAS_JSONPATCH


NAMES = [
    "version", "resourceModifierRules", "conditions", "groupResource", "namespaces", "resourceNameRegex",
    "labelSelector", "matches", "patches", "operation", "path", "from", "value", "mergePatches", "strategicPatches",
    "patchData", "kind", "data", "matchLabels", "matchExpressions",
]  # fmt: skip
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=20,
)


@given(ANYTHING)
def test_whatever_is_given_is_compiled_or_refused(value):
    for given_value in (value, with_rule(conditions=value), with_rule(patches=value, mergePatches=None)):
        try:
            compile_modifiers(given_value)
        except SettingsError:
            continue
