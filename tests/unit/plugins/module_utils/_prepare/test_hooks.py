# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore hooks: what is taken, what is refused, and which Pods get which init containers."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prepare.hooks import NO_HOOKS, compile_hooks

A = {"name": "a", "image": "busybox", "command": ["true"]}
B = {"name": "b", "image": "busybox", "command": ["sh", "-c", "ls"], "volumeMounts": [{"name": "data"}]}
NEEDED = "invalid InitContainer in restore hook, it doesn't have Command, Name or Image field"


def hook(*containers, **more):
    return {"name": "h", "postHooks": [{"init": {"initContainers": list(containers), "timeout": "5m"}}], **more}


def compiled(*entries):
    hooks, problems = compile_hooks(list(entries))
    assert problems == []
    return hooks


@pytest.mark.parametrize("value", [None, [], ""])
def test_without_hooks_there_is_nothing_to_add(value):
    assert compile_hooks(value) == (NO_HOOKS, [])


@pytest.mark.parametrize(
    ("more", "namespace", "labels", "applies"),
    [
        ({}, "shop", {}, True),
        ({"includedNamespaces": []}, "shop", {}, True),
        ({"includedNamespaces": ["*"]}, "shop", {}, True),
        ({"includedNamespaces": ["shop"]}, "shop", {}, True),
        ({"includedNamespaces": ["sh*"]}, "shop", {}, True),
        ({"includedNamespaces": ["billing"]}, "shop", {}, False),
        ({"excludedNamespaces": ["shop"]}, "shop", {}, False),
        ({"includedNamespaces": ["shop"], "excludedNamespaces": ["s*"]}, "shop", {}, False),
        ({"labelSelector": {"matchLabels": {"app": "web"}}}, "shop", {"app": "web"}, True),
        ({"labelSelector": {"matchLabels": {"app": "web"}}}, "shop", {"app": "db"}, False),
        ({"labelSelector": {"matchLabels": {"app": "web"}}}, "shop", {}, False),
        ({"includedResources": ["deployments"]}, "shop", {}, True),  # as in Velero
        ({"excludedResources": ["pods"]}, "shop", {}, True),
    ],
)
def test_a_hook_is_for_pods_by_namespace_and_labels(more, namespace, labels, applies):
    assert compiled(hook(A, **more)).containers(namespace, labels) == ([A] if applies else [])


def test_containers_of_several_hooks_keep_their_order_and_what_else_they_have():
    hooks = compiled(hook(A), {"name": "none"}, hook(B, includedNamespaces=["shop"]))
    assert hooks.containers("shop", {}) == [A, B]
    assert hooks.containers("billing", {}) == [A]


@pytest.mark.parametrize(
    ("value", "problems"),
    [
        ({"resources": []}, ["hooks: must be a list, as spec.hooks.resources of a Restore is"]),
        (["x"], ["hooks[0]: must be a map"]),
        ([{"postHooks": []}], ["hooks[0].name: a hook needs a name"]),
        ([{"name": "h", "post_hooks": []}], ["hooks[0]: unknown field 'post_hooks'"]),
        ([{"name": "h", "postHooks": {}}], ["hooks[0].postHooks: must be a list"]),
        ([{"name": "h", "postHooks": ["x"]}], ["hooks[0].postHooks[0]: must be a map"]),
        ([{"name": "h", "postHooks": [{"init": "x"}]}], ["hooks[0].postHooks[0].init: must be a map"]),
        ([{"name": "h", "postHooks": [{"wait": {}}]}], ["hooks[0].postHooks[0]: unknown field 'wait'"]),
        ([{"name": "h", "includedNamespaces": "a"}], ["hooks[0].includedNamespaces: must be a list of strings"]),
        ([{"name": "h", "excludedResources": [5]}], ["hooks[0].excludedResources: must be a list of strings"]),
    ],
)
def test_a_structure_that_is_not_veleros_is_refused(value, problems):
    assert compile_hooks(value) == (NO_HOOKS, problems)


@pytest.mark.parametrize(
    "container",
    [
        {},
        {**A, "name": ""},
        {**A, "image": None},
        {**A, "command": []},
        {**A, "command": "true"},
        {**A, "command": ["sleep", 5]},
        {"name": "a", "image": "busybox"},
    ],
)
def test_an_init_container_needs_name_image_and_command(container):
    assert compile_hooks([hook(A, container)])[1] == [f"hooks[0].postHooks[0].init.initContainers[1]: {NEEDED}"]


def test_a_hook_that_would_run_a_command_in_a_pod_is_refused_and_not_forgotten():
    _hooks, problems = compile_hooks([{"name": "h", "postHooks": [{"exec": {"command": ["true"]}}]}])
    assert [problem.partition(": ")[0] for problem in problems] == ["hooks[0].postHooks[0].exec"]


def test_all_problems_are_found_at_once():
    bad = {**hook(A, {}, labelSelector={"matchLabels": {"a b": "c"}}, includedNamespaces=["a**"]), "name": ""}
    _hooks, problems = compile_hooks([bad, {"nmae": "x"}])
    assert [problem.partition(": ")[0] for problem in problems] == [
        "hooks[0].name",
        "hooks[0].includedNamespaces",
        "hooks[0].labelSelector",
        "hooks[0].postHooks[0].init.initContainers[1]",
        "hooks[1]",
        "hooks[1].name",
    ]
