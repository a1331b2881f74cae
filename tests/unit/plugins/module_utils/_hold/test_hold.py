# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which workloads sleep: what restores made, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.hold import Hold
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION, held_text
from ansible_collections.standby.velero.plugins.module_utils._hold.rules import HoldRule
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Held, ObjectKey

Body = dict[str, Any]
WEB = BackupItem(ObjectKey("apps", "Deployment", "shop", "web"), "deployments.apps", "v1", size=1)
DNS = BackupItem(ObjectKey("apps", "Deployment", "kube-system", "coredns"), "deployments.apps", "v1", size=1)
POD = BackupItem(ObjectKey("", "Pod", "shop", "lonely"), "pods", "v1", size=1)
SETTINGS = BackupItem(ObjectKey("", "ConfigMap", "shop", "app"), "configmaps", "v1", size=1)
HELD = '{"spec":{"replicas":3}}'
ON = Hold(on=True)


def body_of(replicas: int, uid: str = "u1", **metadata: Any) -> Body:
    return {"metadata": {"name": "web", "uid": uid, **metadata}, "spec": {"replicas": replicas, "paused": False}}


def of_ours(**more: Any) -> Hold:
    return Hold(on=True, restored={WEB.key: "u1"}, **more)


# What is made


def test_a_workload_is_made_asleep():
    made = ON.asleep(WEB, body_of(3))
    assert (made["spec"]["replicas"], held_text(made)) == (0, HELD)


@pytest.mark.parametrize(
    ("hold", "item"),
    [
        (Hold(), WEB),
        (ON, SETTINGS),
        (ON, DNS),
        (Hold(on=True, exceptions=("deployments.apps/shop/web",)), WEB),
        (Hold(on=True, exceptions=("deployments.apps",)), WEB),
    ],
    ids=["not held", "no workload", "the control plane's", "named", "named by its type"],
)
def test_anything_else_is_made_as_it_is(hold, item):
    body = body_of(3)
    assert hold.asleep(item, body) is body


def test_what_is_excepted_from_protection_sleeps():
    hold = Hold(on=True, protect_except=("deployments.apps/kube-system/coredns",))
    assert hold.asleep(DNS, body_of(2))["spec"]["replicas"] == 0


def test_a_kind_of_the_user_s_sleeps():
    hold = Hold(on=True, rules=(HoldRule("configmaps", ("data", "on"), "no"),))
    assert hold.asleep(SETTINGS, {"metadata": {"name": "app"}, "data": {"on": "yes"}})["data"]["on"] == "no"


@pytest.mark.parametrize(
    ("hold", "left_out"),
    [(ON, True), (Hold(), False), (Hold(on=True, exceptions=("pods/shop/lonely",)), False)],
    ids=["held", "not held", "named"],
)
def test_a_pod_cannot_sleep(hold, left_out):
    assert hold.leaves_out(POD) is left_out
    assert not hold.leaves_out(WEB)


# What is there


def beside(hold: Hold, live: Body, desired: Body | None = None) -> tuple[Held | None, Body]:
    return hold.beside(WEB, live, desired or hold.asleep(WEB, body_of(3)))


@pytest.mark.parametrize(
    ("hold", "live"),
    [
        (of_ours(), body_of(3)),
        (ON, body_of(3, annotations={ANNOTATION: HELD})),
        (Hold(on=True, existing=("deployments.apps/shop/web",)), body_of(3)),
    ],
    ids=["in the inventory", "with our annotation", "named in hold_existing"],
)
def test_ours_is_put_to_sleep(hold, live):
    held, wanted = beside(hold, live)
    assert held == Held(HELD, awake=True)
    assert wanted["spec"]["replicas"] == 0


OWNER = {"kind": "Shop", "name": "shop", "controller": True}


@pytest.mark.parametrize(
    ("hold", "live"),
    [
        (ON, body_of(5)),
        (of_ours(), body_of(5, uid="another")),
        (ON, body_of(5, annotations={ANNOTATION: HELD}, ownerReferences=[OWNER])),
        (Hold(on=True, restored={WEB.key: ""}), {**body_of(5), "metadata": {"name": "web"}}),
    ],
    ids=["nobody's", "another one of the name", "with the annotation of its owner", "without a UID"],
)
def test_the_standby_s_own_keeps_what_it_has(hold, live):
    held, wanted = beside(hold, live)
    assert held == Held(awake=True)
    assert held.own
    assert wanted["spec"] == {"replicas": 5, "paused": False}
    assert not held_text(wanted)


def test_production_s_own_sleep_is_none_for_the_standby_s_own():
    _held, wanted = beside(ON, body_of(5), ON.asleep(WEB, body_of(0)))
    assert wanted["spec"]["replicas"] == 5


@pytest.mark.parametrize("hold", [ON, of_ours()])
def test_what_sleeps_is_held_whoever_put_it_to_sleep(hold):
    held, wanted = beside(hold, body_of(0))
    assert held == Held(HELD, awake=False)
    assert wanted["spec"]["replicas"] == 0


@pytest.mark.parametrize("hold", [Hold(), Hold(on=True, exceptions=("deployments.apps",))], ids=["off", "excepted"])
def test_what_is_not_held_is_compared_as_it_is(hold):
    desired = body_of(3)
    assert hold.beside(WEB, body_of(5), desired) == (None, desired)


# Who else has a say


def test_what_is_held_sleeps_whoever_else_has_a_say():
    annotations = {"annotations": {ANNOTATION: HELD}}
    assert ON.asleep_again(WEB, Held(HELD)) == {"spec": {"replicas": 0}, "metadata": annotations}


@pytest.mark.parametrize("held", [None, Held(awake=True)])
def test_of_all_else_nothing_is_written(held):
    assert ON.asleep_again(WEB, held) == {}


# Names


def test_types_are_the_target_s_to_know():
    rule = HoldRule("deploy", ("spec", "paused"), True)
    full = Hold(True, (rule,), ("deploy/shop/web",), ("deploy",), ("deploy/*/*",)).resolved(
        {"deploy": "deployments.apps"}.__getitem__
    )
    assert [rule.resource for rule in full.rules] == ["deployments.apps"]
    assert full.exceptions == ("deployments.apps/shop/web",)
    assert full.existing == ("deployments.apps",)
    assert full.protect_except == ("deployments.apps/*/*",)


def test_a_name_that_nobody_knows_is_told():
    rules = (HoldRule("gadgets.example.org", ("spec", "on"), False),)
    hold = Hold(True, rules, ("deployments.apps/shop/wev",), ("statefulsets.apps",))
    assert len(list(hold.unmatched([WEB], ["deployments.apps"]))) == 3
    assert not list(Hold(True, (), ("deployments.apps",), (), ()).unmatched([WEB], ["deployments.apps"]))


# APIServices


API = BackupItem(
    ObjectKey("apiregistration.k8s.io", "APIService", "", "v1.m"), "apiservices.apiregistration.k8s.io", "v1", size=1
)


def answered_by(name: str) -> Body:
    return {"metadata": {"name": "v1.m"}, "spec": {"service": {"namespace": "shop", "name": name} if name else None}}


@pytest.mark.parametrize(
    ("hold", "item", "service", "is_kept", "is_left"),
    [
        (Hold(), API, "asleep", False, False),
        (ON, API, "asleep", True, True),
        (ON, API, "awake", True, True),
        (ON, API, "", True, True),
        (ON, SETTINGS, "asleep", False, False),
        (Hold(on=True, exceptions=("apiservices.apiregistration.k8s.io",)), API, "asleep", False, False),
        (Hold(webhooks=True), API, "asleep", True, False),
        (Hold(webhooks=True), API, "awake", False, False),
        (Hold(webhooks=True), API, "", False, False),
    ],
)
def test_an_api_service_is_kept_as_a_copy_and_one_that_stands_is_left(hold, item, service, is_kept, is_left):
    hold = replace(hold, unanswered=lambda place: place == ("shop", "asleep"))
    assert hold.keeps_copy(item, lambda: answered_by(service)) is is_kept
    assert hold.leaves_standing(item) is is_left
