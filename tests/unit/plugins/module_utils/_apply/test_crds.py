# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for types and fields that the definitions of this run bring."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.breaker import UNREACHABLE_IN_A_ROW
from ansible_collections.standby.velero.plugins.module_utils._apply.crds import wait_learnt, wait_served
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, Invalid, Throttled, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._stopping import Stopping
from executing import DISCOVERY, LABELS, SERVING, body_of, change_of, executor, live
from scripted_target import Body, ScriptedTarget, failing, patched, stored

WANTED = [("widgets.example.org", "v1")]


def polls(*served: tuple[str, ...]) -> list[tuple[str, Body]]:
    """What each look at the target's discovery is answered: these versions of Widget are served."""
    return [line for versions in served for line in (("get /api", groups()), ("get /apis", groups(*versions)))]


def groups(*versions: str) -> Body:
    widget = {"resource": "widgets", "responseKind": {"kind": "Widget"}, "scope": "Namespaced", "verbs": ["list"]}
    example = {
        "metadata": {"name": "example.org"},
        "versions": [{"version": version, "resources": [widget]} for version in versions],
    }
    return {"kind": "APIGroupDiscoveryList", "items": [example] if versions else []}


def served(target: ScriptedTarget, pauses: list[float], **how: object) -> Discovery:
    return wait_served(executor(target, sleep=pauses.append), WANTED, **how)


def test_it_is_asked_until_every_wanted_type_is_served_at_its_version():
    pauses: list[float] = []
    target = ScriptedTarget(*polls((), ("v1alpha1",), ("v1", "v1alpha1")))
    assert served(target, pauses).versions("widgets.example.org") == ("v1", "v1alpha1")
    assert target.requests == target.script
    assert len(pauses) == 2


def test_pauses_grow_up_to_a_bound():
    pauses: list[float] = []
    served(ScriptedTarget(*polls(*[()] * 20, ("v1",))), pauses)
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.2, 5.0)


def test_when_time_is_up_what_is_there_is_given():
    target = ScriptedTarget(*polls(()))
    assert served(target, [], deadline=0).find(*WANTED[0]) is None
    assert target.requests == target.script


def test_what_is_answered_instead_of_discovery_is_waited_out():
    target = ScriptedTarget(("get /api", failing(Throttled)), ("get /api", {}), *polls(("v1",)))
    assert served(target, []).find(*WANTED[0])
    assert sorted(target.requests) == sorted(target.script)


def test_where_nothing_else_is_answered_the_types_are_those_that_were_known():
    target = ScriptedTarget(("get /api", failing(Throttled)))
    assert served(target, [], deadline=0) is DISCOVERY


def test_a_target_that_is_not_reached_any_more_is_not_waited_for():
    target = ScriptedTarget(*[("get /api", failing(Unreachable))] * UNREACHABLE_IN_A_ROW)
    assert served(target, []) is DISCOVERY
    assert target.requests == target.script


def test_a_run_that_is_to_end_waits_for_nothing():
    target, stopping = ScriptedTarget(*polls(())), Stopping()
    stopping.cancel()
    wait_served(executor(target, stopping=stopping), WANTED)
    assert target.requests == target.script


# Fields that a definition gains

WIDGET = body_of("Widget", "gear", spec={"size": 1, "region": "eu"})
PLAIN = body_of("Widget", "plain", spec={"size": 1})
FOUND = live(body_of("Widget", "gear", spec={"size": 1}), LABELS)
TRY, ADMIT = "dry-run patch widgets.example.org shop/gear", "dry-run create widgets.example.org shop/gear-*"
GAINED = {("widgets.example.org", "v1"): (("spec", "region"),)}


def waited(target: ScriptedTarget, found: Body | None, **how: object) -> list[float]:
    """How long it was waited for the first object with a new field, after another without one."""
    pauses: list[float] = []
    running = executor(target, PLAIN, WIDGET, gained=GAINED, discovery=SERVING, sleep=pauses.append)
    wait_learnt(running, [change_of(running, PLAIN), change_of(running, WIDGET, found)], **how)
    assert target.requests == target.script
    return pauses


@pytest.mark.parametrize(
    ("found", "request_", "without", "whole"),
    [(None, ADMIT, stored(spec={"region": None}), stored()), (FOUND, TRY, FOUND, patched(FOUND))],
    ids=["created", "updated"],
)
def test_a_dry_run_is_asked_until_its_answer_has_the_new_field(found, request_, without, whole):
    target = ScriptedTarget((request_, without), (request_, without), (request_, whole))
    pauses = waited(target, found)
    assert (len(pauses), pauses) == (2, sorted(pauses))
    assert all(sent.body["spec"]["region"] == "eu" for sent in target.sent)


@pytest.mark.parametrize("error", [Forbidden, Invalid, Unreachable])
def test_any_other_answer_is_for_the_write_to_meet(error):
    assert waited(ScriptedTarget((ADMIT, failing(error))), None) == []


def test_when_time_is_up_the_writes_see_to_it_themselves():
    assert waited(ScriptedTarget(), None, deadline=0) == []


def test_objects_without_the_new_field_are_not_waited_for():
    target = ScriptedTarget()
    running = executor(target, PLAIN, gained=GAINED, discovery=SERVING)
    wait_learnt(running, [change_of(running, PLAIN), change_of(running, PLAIN, live(PLAIN, LABELS))])
    assert target.requests == []
