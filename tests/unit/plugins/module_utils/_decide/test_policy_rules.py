# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three forms of the policy that the design has, compiled, and what is refused."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import PolicyConflict
from ansible_collections.standby.velero.plugins.module_utils._decide.policy_rules import compile_policies
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Choice, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Policy

NONE, UPDATE, RECREATE = Policy.NONE, Policy.UPDATE, Policy.RECREATE
CONFIG = "existing_resource_policy_config"
DEFAULT = "existing_resource_default_policy"
OVERRIDES = "existing_resource_policy_overrides"


def item(resource, namespace="shop"):
    key = ObjectKey(resource.partition(".")[2], "Kind", namespace, "x")
    return BackupItem(key, resource, "v1", size=1)


def body_with(**labels):
    return lambda _item: {"metadata": {"labels": labels}}


def unread(_item):
    raise AssertionError("no rule asks for labels")


# In the design's words


def test_the_form_of_one_policy_for_all():
    for word, policy in (("none", NONE), ("update", UPDATE), ("patch", UPDATE), ("recreate", RECREATE)):
        policies = compile_policies(word, None, None, None)
        assert policies.choose(item("secrets"), unread) == Choice(policy, "existing_resource_policy")


@pytest.mark.parametrize("nothing", [None, "", " ", {}, []])
def test_what_is_empty_is_not_given_and_nothing_given_is_none(nothing):
    policies = compile_policies(nothing, nothing, nothing, nothing)
    assert policies.choose(item("secrets"), unread) == Choice(NONE, "existing_resource_policy")


@pytest.mark.parametrize(
    ("resource", "policy", "rule"),
    [
        ("secrets", UPDATE, f"{CONFIG}.patch"),
        ("daemonsets.apps", UPDATE, f"{CONFIG}.patch"),
        ("jobs.batch", RECREATE, f"{CONFIG}.recreate"),
        ("services", NONE, f"{CONFIG} (all else)"),
    ],
)
def test_the_form_of_a_config_names_resources_and_all_else_is_none(resource, policy, rule):
    config = {
        "patch": {"included_resources": ["secrets", "daemonsets.apps"]},
        "recreate": {"includedResources": ["jobs.*"]},
    }
    assert compile_policies(None, config, None, None).choose(item(resource), unread) == Choice(policy, rule)


@pytest.mark.parametrize(
    ("resource", "policy", "rule"),
    [("secrets", NONE, f"{OVERRIDES}.none"), ("configmaps", UPDATE, DEFAULT)],
)
def test_the_form_of_a_default_with_overrides_as_a_map(resource, policy, rule):
    policies = compile_policies(None, None, "patch", {"none": {"included_resources": ["secrets"]}})
    assert policies.choose(item(resource), unread) == Choice(policy, rule)


LIST = [
    {"policy": "none", "included_resources": ["services", "deployments.apps"]},
    {"policy": "recreate", "included_namespaces": ["shop-*"]},
    {"policy": "update", "included_resources": ["secrets"], "label_selector": "app=web"},
    {"policy": "update", "includedNamespaces": ["web"], "labelSelector": {"matchLabels": {"app": "web"}}},
]


@pytest.mark.parametrize(
    ("resource", "namespace", "labels", "expected"),
    [
        ("services", "web", {}, Choice(NONE, f"{OVERRIDES}[0]")),
        ("configmaps", "shop-1", {}, Choice(RECREATE, f"{OVERRIDES}[1]")),
        ("secrets", "x", {"app": "web"}, Choice(UPDATE, f"{OVERRIDES}[2]")),
        ("secrets", "x", {"app": "db"}, Choice(NONE, DEFAULT)),
        ("secrets", "web", {"app": "web"}, Choice(UPDATE, f"{OVERRIDES}[2]")),
        ("namespaces", "", {"app": "web"}, Choice(NONE, DEFAULT)),
        (
            "services",
            "shop-1",
            {},
            PolicyConflict(Choice(NONE, f"{OVERRIDES}[0]"), Choice(RECREATE, f"{OVERRIDES}[1]")),
        ),
        (
            "secrets",
            "shop-1",
            {"app": "web"},
            PolicyConflict(Choice(RECREATE, f"{OVERRIDES}[1]"), Choice(UPDATE, f"{OVERRIDES}[2]")),
        ),
    ],
)
def test_the_form_of_a_list_matches_by_resource_namespace_and_labels(resource, namespace, labels, expected):
    policies = compile_policies(None, None, None, LIST)
    assert policies.choose(item(resource, namespace), body_with(**labels)) == expected


def overrides(*rules):
    return None, None, None, list(rules)


SECRETS = {"included_resources": ["secrets"]}


@pytest.mark.parametrize(
    ("forms", "problems"),
    [
        (("update", {"patch": SECRETS}, None, None), [f"existing_resource_policy and {CONFIG} exclude each other"]),
        (("update", None, "none", None), [f"existing_resource_policy and {DEFAULT} exclude each other"]),
        (
            ("update", None, "none", {"update": SECRETS}),
            [f"existing_resource_policy and {DEFAULT} with {OVERRIDES} exclude each other"],
        ),
        ((None, {"patch": SECRETS}, "none", None), [f"{CONFIG} and {DEFAULT} exclude each other"]),
        (
            ("replace", {"none": SECRETS}, None, "update"),
            [
                f"existing_resource_policy and {CONFIG} and {OVERRIDES} exclude each other",
                "existing_resource_policy: 'replace' is not one of none, update, patch, recreate",
                f"{CONFIG}: 'none' is not one of patch, recreate, update",
                f"{OVERRIDES}: is neither a list of rules nor a dictionary by policy",
            ],
        ),
        ((None, ["patch"], None, None), [f"{CONFIG}: is not a dictionary by policy"]),
        ((None, {"patch": {}}, None, None), [f"{CONFIG}.patch: names nothing"]),
        ((None, {"patch": None}, None, None), [f"{CONFIG}.patch: is not a dictionary with included_resources"]),
        ((None, {"patch": {"includedResources": []}}, None, None), [f"{CONFIG}.patch: names nothing"]),
        ((None, None, "none", False), [f"{OVERRIDES}: is neither a list of rules nor a dictionary by policy"]),
        ((None, None, "none", {"update": ["a"]}), [f"{OVERRIDES}.update: is not a dictionary"]),
        (
            (None, None, "none", {"update": {"included_namespaces": ["a"]}}),
            [f"{OVERRIDES}.update: 'included_namespaces' is not one of included_resources"],
        ),
        (overrides("update"), [f"{OVERRIDES}[0]: is not a dictionary"]),
        (overrides({"policy": "update"}), [f"{OVERRIDES}[0]: names nothing"]),
        (overrides({}), [f"{OVERRIDES}[0]: has no policy", f"{OVERRIDES}[0]: names nothing"]),
        (overrides(SECRETS), [f"{OVERRIDES}[0]: has no policy"]),
        (
            (
                None,
                None,
                "x",
                [
                    {"policy": "y", **SECRETS},
                    {"policy": "update", "resources": ["a"]},
                    {"policy": "update", "included_resources": "a"},
                    {"policy": "update", "included_namespaces": ["a[", "b"]},
                    {"policy": "update", "label_selector": "a in b"},
                ],
            ),
            [
                f"{DEFAULT}: 'x' is not one of",
                f"{OVERRIDES}[0]: 'y' is not one of",
                f"{OVERRIDES}[1]: 'resources' is not one of",
                f"{OVERRIDES}[2].included_resources: is not a list of names",
                f"{OVERRIDES}[3].included_namespaces: 'a[': wildcard pattern contains unclosed bracket",
                f"{OVERRIDES}[4].label_selector: ",
            ],
        ),
    ],
)
def test_every_problem_is_named_before_anything_runs(forms, problems):
    with pytest.raises(SettingsError) as refused:
        compile_policies(*forms)
    for problem, said in zip(problems, refused.value.problems, strict=True):
        assert said.startswith(problem)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"label_selector": {"matchLabels": {}}}, ".label_selector: an empty selector matches everything"),
        (
            {"included_namespaces": ["shop"], "label_selector": {"matchExpressions": []}},
            ".label_selector: an empty selector matches everything",
        ),
        (
            {"included_resources": ["", " "], "included_namespaces": ["shop"]},
            ".included_resources: holds blank names only",
        ),
        (
            {"included_resources": ["jobs.batch"], "includedResources": ["*"]},
            ": included_resources is given in both spellings",
        ),
    ],
)
def test_a_rule_never_covers_more_than_its_author_wrote(rule, problem):
    with pytest.raises(SettingsError) as refused:
        compile_policies(*overrides({"policy": "recreate", **rule}))
    assert [said.startswith(f"{OVERRIDES}[0]{problem}") for said in refused.value.problems] == [True]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"included_resources": ["secrets", "config maps"]}, ".included_resources: 'config maps': a resource is"),
        ({"included_resources": ["deployments/apps"]}, ".included_resources: 'deployments/apps': a resource is"),
        ({"included_namespaces": ["Shop"]}, ".included_namespaces: 'Shop': a lowercase RFC 1123 label"),
        ({"included_namespaces": ["shop.web"]}, ".included_namespaces: 'shop.web': must not contain dots"),
    ],
)
def test_a_name_that_can_match_nothing_is_refused_for_what_it_spares_would_be_overwritten(rule, problem):
    with pytest.raises(SettingsError) as refused:
        compile_policies(*overrides({"policy": "none", **rule}))
    assert [said.startswith(f"{OVERRIDES}[0]{problem}") for said in refused.value.problems] == [True]


@pytest.mark.parametrize("word", ["*", "deploy*", "Deployment", "po", "*.batch", "widgets.v2.example.org", "[cd]*"])
def test_any_word_that_can_mean_a_resource_is_taken(word):
    (rule,) = compile_policies(*overrides({"policy": "update", "included_resources": [f" {word} ", ""]})).rules
    assert rule.resources == (word,)
