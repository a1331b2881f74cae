# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workloads answer for sleeping webhooks that change objects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.services import Services
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, NotFound, Unauthorized
from ansible_collections.standby.velero.plugins.module_utils._hold.guard_waking import Guard
from ansible_collections.standby.velero.plugins.module_utils._hold.guards import asleep
from ansible_collections.standby.velero.plugins.module_utils._plan.injectors import Injectors
from guarding import GET, REF, SERVED, Body, configuration, deployment, service, webhook
from scripted_target import ScriptedTarget

TWO = configuration(webhook("a"), webhook("b"))
VALIDATING = replace(REF, resource="validatingwebhookconfigurations.admissionregistration.k8s.io")


def everywhere(_namespace: str) -> bool:
    return True


FOUND = ((GET, service()),)


def injectors(*guards: Guard, script: Any = FOUND, means: Any = everywhere) -> Injectors:
    target = ScriptedTarget(*script)
    found = Injectors(guards, Services(target, SERVED), means)
    assert target.requests == target.script
    return found


@pytest.mark.parametrize(
    ("body", "injects"),
    [
        (deployment(), True),
        (deployment(app="other"), False),
        (deployment(namespace="elsewhere"), False),
        (deployment(ownerReferences=[{"controller": True}]), False),
        ({}, False),
    ],
)
def test_it_is_what_the_service_leads_to(body: Body, injects: bool) -> None:
    found = injectors(Guard(REF, asleep(TWO, ["a", "b"])))
    assert found.has(body) is injects
    assert found


@pytest.mark.parametrize(
    ("guard", "means"),
    [
        (Guard(REF, TWO), everywhere),
        (Guard(VALIDATING, asleep(TWO, ["a"])), everywhere),
        (Guard(REF, asleep(TWO, ["a"])), lambda namespace: namespace == "elsewhere"),
    ],
    ids=["awake", "one that changes nothing", "of a namespace that is not meant"],
)
def test_of_any_other_webhook_nobody_is_asked(guard: Guard, means: Any) -> None:
    found = injectors(guard, script=(), means=means)
    assert not found
    assert not found.has(deployment())


@pytest.mark.parametrize("answer", [NotFound("gone"), Forbidden("no"), service(selector=None)])
def test_a_service_that_leads_nowhere_or_may_not_be_read_holds_nobody_up(answer: Any) -> None:
    found = injectors(Guard(REF, asleep(TWO, ["a"])), script=((GET, answer),))
    assert not found
    assert not found.has(deployment())


def test_without_the_target_there_is_no_plan() -> None:
    with pytest.raises(Unauthorized):
        injectors(Guard(REF, asleep(TWO, ["a"])), script=((GET, Unauthorized("no")),))
