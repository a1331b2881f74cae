# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Init containers that hooks and annotations add to Pods."""

from __future__ import annotations

import re

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.hooks import compile_hooks
from ansible_collections.standby.velero.plugins.module_utils._prepare.init_containers import (
    COMMAND,
    IMAGE,
    NAME,
    add_init_containers,
)

FROM_HOOK = {"name": "hook", "image": "busybox", "command": ["true"]}
HOOKS, _problems = compile_hooks(
    [{"name": "h", "includedNamespaces": ["shop-dr"], "postHooks": [{"init": {"initContainers": [FROM_HOOK]}}]}]
)
FACTS = PrepareContext(hooks=HOOKS, namespace_mapping={"shop": "shop-dr"})


def annotated(body, **annotations):
    return {**body, "metadata": {**body["metadata"], "annotations": annotations}}


def lonely(*init_containers, **annotations):
    body = recorded.body("pods", "shop", "lonely")
    if init_containers:
        body["spec"]["initContainers"] = list(init_containers)
    return annotated(body, **annotations) if annotations else body


def init_containers(body, facts=FACTS):
    return add_init_containers("pods", body, facts)["spec"].get("initContainers")


def test_a_recorded_pod_gets_the_hooks_of_its_namespace_on_the_target_before_its_own():
    own = {"name": "own", "image": "x"}
    body = lonely(own)
    after = add_init_containers("pods", body, FACTS)
    assert after == {**body, "spec": {**body["spec"], "initContainers": [FROM_HOOK, own]}}
    assert body["spec"]["initContainers"] == [own]


def test_a_pod_of_another_namespace_stays_as_it_is():
    body = lonely()
    assert add_init_containers("pods", body, PrepareContext(hooks=HOOKS)) is body


@pytest.mark.parametrize("resource", ["deployments.apps", "podtemplates"])
def test_hooks_are_for_pods_alone(resource):
    body = lonely(**{IMAGE: "busybox"})
    assert add_init_containers(resource, body, FACTS) is body


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ('["sh", "-c", "ls"]', {"command": ["sh", "-c", "ls"]}),
        ("/bin/true", {"command": ["/bin/true"]}),
        ("ls -l", {"command": ["ls -l"]}),
        ("[", {"command": ["["]}),
        ("[1]", {"command": ["[1]"]}),
        ("[" * 100_000, {"command": ["[" * 100_000]}),
        ("[]", {}),
        ("", {}),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_annotations_replace_the_hooks(command, words):
    body = lonely(**{IMAGE: "alpine", NAME: "first", COMMAND: command})
    assert init_containers(body) == [{"name": "first", "image": "alpine", **words}]


@pytest.mark.parametrize("annotations", [{NAME: "first", COMMAND: "x"}, {IMAGE: ""}, {IMAGE: None}])
def test_without_an_image_the_annotations_say_nothing(annotations):
    assert init_containers(lonely(**annotations)) == [FROM_HOOK]


def test_the_name_that_is_not_given_is_the_same_at_each_restore_and_another_for_another_command():
    names = [
        init_containers(lonely(**{IMAGE: image, COMMAND: command}))[0]["name"]
        for image, command in (("alpine", "a"), ("alpine", "a"), ("alpine", "b"), ("busybox", "a"))
    ]
    assert all(re.fullmatch(r"velero-restore-init-[0-9a-f]{8}", name) for name in names)
    assert names[0] == names[1]
    assert len(set(names)) == 3


@pytest.mark.parametrize("annotations", [{}, {IMAGE: "alpine"}, {IMAGE: "alpine", NAME: "first"}])
def test_a_pod_that_was_restored_with_its_hooks_gets_each_once(annotations):
    once = add_init_containers("pods", lonely({"name": "own"}, **annotations), FACTS)
    assert add_init_containers("pods", once, FACTS) == once


@pytest.mark.parametrize("body", [{}, {"spec": None}, {"spec": "x"}, {"spec": {"initContainers": "x"}}])
def test_a_malformed_pod_is_left_to_the_server(body):
    assert add_init_containers("pods", body, PrepareContext()) is body
    add_init_containers("pods", {**body, "metadata": {"annotations": {IMAGE: "x"}}}, FACTS)
