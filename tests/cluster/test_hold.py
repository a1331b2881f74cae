# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`workloads: hold`: production's workloads stand on the standby and sleep, and remember what production has."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import wait_for
from restoring import View, views
from scenes import WIDGET_DEFINITION, Body, as_stored, edit, live, put, remove, watch
from workloads import PRODUCTION, Standby, in_production, production_of, remembered

WEB, DB, AGENT = "Deployment web", "StatefulSet db", "DaemonSet agent"


def view_of(run: Run, named: str) -> View:
    return next(one for one in views(run) if f"{one.key.kind} {one.key.name}" == named)


def names(keys: tuple[object, ...]) -> list[str]:
    return [str(key).partition(" ")[0].partition(".")[0] + " " + str(key).rpartition("/")[2] for key in keys]


def is_awake(standby: Standby, named: str) -> bool:
    """By what makes its kind sleep."""
    body = standby.live(named)
    if body["kind"] == "DaemonSet":
        return "standby.velero/asleep" not in body["spec"]["template"]["spec"].get("nodeSelector", {})
    if body["kind"] in ("CronJob", "Job"):
        return not body["spec"]["suspend"]
    return bool(body["spec"]["replicas"])


def pods(standby: Standby) -> list[Body]:
    status, answer = standby.corner.target.api("GET", f"/api/v1/namespaces/{standby.corner.namespace}/pods")
    assert status == 200, answer
    return list(answer["items"])


def nothing_to_do(standby: Standby, hour: int, **options: object) -> None:
    before = {named: standby.live(named)["metadata"]["generation"] for named in standby.workloads}
    again = standby.sync(hour, **options)
    assert not changed(again.done), [one for one in views(again) if one.outcome is not Outcome.UNCHANGED]
    assert in_sync(again.done, check_mode=False)
    assert {named: standby.live(named)["metadata"]["generation"] for named in standby.workloads} == before


# Asleep


def test_every_kind_is_restored_asleep_and_remembers_what_production_has(standby):
    run = standby.sync(1, label_unchanged=False)
    assert in_sync(run.done, check_mode=False)
    assert run.held.held == len(PRODUCTION)
    for named in standby.workloads:
        assert not is_awake(standby, named), named
        assert remembered(standby.live(named)) == PRODUCTION[named.partition(" ")[2]]
        entry = standby.entry(named)
        assert entry.uid == standby.live(named)["metadata"]["uid"]
        assert entry.held == standby.live(named)["metadata"]["annotations"][ANNOTATION]
    nothing_to_do(standby, 1, label_unchanged=False)
    assert standby.live(AGENT)["spec"]["template"]["spec"]["nodeSelector"]["disk"] == "ssd"
    assert not pods(standby)


def test_what_production_has_is_kept_up_to_date(standby):
    standby.sync(1)
    for hour, replicas in ((2, 5), (3, 0), (4, 7)):
        standby.change(WEB, {"spec": {"replicas": replicas}})
        standby.change("CronJob report", {"spec": {"suspend": hour == 3}})
        run = standby.sync(hour, label_unchanged=False)
        assert view_of(run, WEB).outcome is Outcome.UPDATED
        assert remembered(standby.live(WEB)) == {"spec": {"replicas": replicas}}
        assert standby.entry(WEB).held == f'{{"spec":{{"replicas":{replicas}}}}}'
        assert remembered(standby.live("CronJob report")) == {"spec": {"suspend": hour == 3}}
        assert not is_awake(standby, WEB)
        nothing_to_do(standby, hour, label_unchanged=False)


def test_what_else_production_changes_is_restored_into_what_sleeps(standby):
    standby.sync(1)
    standby.change(AGENT, {"spec": {"template": {"spec": {"nodeSelector": {"disk": "nvme"}}}}})
    standby.sync(2)
    assert standby.live(AGENT)["spec"]["template"]["spec"]["nodeSelector"] == {
        "disk": "nvme",
        "standby.velero/asleep": "true",
    }


def test_modifiers_say_what_production_has(standby):
    patch = {"operation": "replace", "path": "/spec/replicas", "value": "5"}
    rule = {"conditions": {"groupResource": "deployments.apps"}, "patches": [patch]}
    standby.sync(1, resource_modifiers={"version": "v1", "resourceModifierRules": [rule]})
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 5}}
    assert not is_awake(standby, WEB)


def test_neither_an_autoscaler_nor_an_ignored_field_wakes_it(standby):
    options = {
        "hpa_replicas": "keep",
        "ignore_fields": {"deploy": ["/spec/replicas", "/metadata/annotations"], "sts": ["/spec"]},
    }
    standby.sync(1, **options)
    for named in (WEB, DB):
        edit(standby.corner.target, standby.bodies[named], {"spec": {"replicas": 6}})
        edit(standby.corner.target, standby.bodies[named], {"metadata": {"annotations": {ANNOTATION: None}}})
    run = standby.sync(1, **options)
    for named in (WEB, DB):
        assert view_of(run, named).outcome is Outcome.UPDATED
        assert not is_awake(standby, named)
        assert remembered(standby.live(named)) == production_of(named, standby.bodies[named])


def test_a_kind_of_the_user_s_sleeps_by_his_rule(standby):
    target = standby.corner.target
    target.apply(WIDGET_DEFINITION)
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "spec": {"running": {"on": True}}}
    widget["metadata"] = {"name": "w", "namespace": standby.corner.namespace, "uid": "w"}
    rules = [{"resource": "widgets.example.org", "path": "/spec/running/on", "value": None}]
    rules.append({"resource": "widget", "path": "/metadata/labels/asleep", "value": "yes"})
    standby.sync(1, widget, hold_rules=rules)
    found = live(target, widget)
    assert (found["spec"], found["metadata"]["labels"]["asleep"]) == ({"running": {}}, "yes")
    assert remembered(found) == {"spec": {"running": {"on": True}}, "metadata": {"labels": {"asleep": None}}}


# Awake


def test_one_that_somebody_woke_is_drift(standby):
    standby.sync(1)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 2}})
    checked = standby.sync(1, check=True)
    assert view_of(checked, WEB).outcome is Outcome.UPDATED
    assert not in_sync(checked.done, check_mode=True)
    assert is_awake(standby, WEB)
    standby.sync(1)
    assert not is_awake(standby, WEB)
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 3}}


def test_under_policy_none_awake_ones_are_only_named(standby):
    standby.sync(1)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 2}})
    run = standby.sync(1, existing_resource_policy="none")
    assert names(run.held.awake) == [WEB]
    assert view_of(run, WEB).reason is Reason.EXISTS_DIFFERENT
    assert is_awake(standby, WEB)


def test_the_standby_s_own_stays_awake_and_is_listed(standby):
    within_the_autoscaler_s = {**standby.bodies[WEB]["spec"], "replicas": 5}
    put(standby.corner.target, {**standby.bodies[WEB], "spec": within_the_autoscaler_s})
    put(standby.corner.target, standby.bodies["CronJob report"])
    standby.change("CronJob report", {"spec": {"suspend": True}})
    for hour in (1, 2):
        run = standby.sync(hour)
        assert names(run.held.standby_own) == ["Deployment web", "CronJob report"]
        assert standby.live(WEB)["spec"]["replicas"] == 5
        assert is_awake(standby, "CronJob report")
        assert remembered(standby.live(WEB)) is None
        assert in_sync(run.done, check_mode=False)
    assert standby.entry(WEB).own


def test_the_standby_s_own_is_held_once_it_is_named(standby):
    put(standby.corner.target, standby.bodies[WEB])
    standby.sync(1)
    run = standby.sync(2, hold_existing=[f"deploy/{standby.corner.namespace}/web"])
    assert not run.held.standby_own
    assert not is_awake(standby, WEB)
    nothing_to_do(standby, 2)
    assert not standby.entry(WEB).own


def test_what_an_earlier_restore_made_awake_is_put_to_sleep(standby):
    standby.sync(1, workloads="restore")
    wait_for("the Pods", lambda: len(pods(standby)) >= 5, 60)
    run = standby.sync(2)
    assert not run.held.standby_own
    assert not [named for named in standby.workloads if is_awake(standby, named)]
    wait_for("the Pods to go", lambda: not pods(standby), 60)


def test_what_nobody_made_and_sleeps_is_held(standby):
    put(standby.corner.target, {**standby.bodies[WEB], "spec": {**standby.bodies[WEB]["spec"], "replicas": 0}})
    run = standby.sync(1)
    assert not run.held.standby_own
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 3}}


def test_a_chosen_one_stays_awake(standby):
    run = standby.sync(1, hold_except=[f"deployments.apps/{standby.corner.namespace}/web"])
    assert standby.live(WEB)["spec"]["replicas"] == 3
    assert remembered(standby.live(WEB)) is None
    assert run.held.held == len(PRODUCTION) - 1


def test_one_that_was_held_is_woken_once_it_is_excepted(standby):
    standby.sync(1)
    standby.sync(2, hold_except=["deployments.apps/web"])
    assert standby.live(WEB)["spec"]["replicas"] == 3
    assert remembered(standby.live(WEB)) is None
    assert standby.entry(WEB).held == ""


def test_the_control_plane_s_own_never_sleeps_even_unprotected(standby):
    target = standby.corner.target
    body = {**standby.bodies[WEB], "metadata": {"name": standby.corner.namespace, "namespace": "kube-system"}}
    wanted = in_production(as_stored(target, body), "kube-system")
    standby.sync(1, wanted, protect_cluster_objects=False)
    assert live(target, wanted)["spec"]["replicas"] == 3
    remove(target, wanted)


# Pods, and what has an owner


def owned(standby: Standby, owner: str) -> Body:
    body = standby.bodies[owner]
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "name": body["metadata"]["name"]} | {
        "uid": body["metadata"]["uid"],
        "controller": True,
    }


def pod(standby: Standby, name: str, *owners: Body) -> Body:
    container = {"name": "main", "image": "registry.example/p:1"}
    metadata = {"name": name, "namespace": standby.corner.namespace, "uid": name, "ownerReferences": list(owners)}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def test_pods_are_left_to_their_controller_or_out(standby):
    more = (pod(standby, "lonely"), pod(standby, "one-of-three", owned(standby, "ReplicaSet alone")))
    orphan = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "gone", "controller": True}
    run = standby.sync(1, *more, pod(standby, "orphan", orphan))
    assert view_of(run, "Pod lonely").reason is Reason.BARE_POD
    assert view_of(run, "Pod orphan").reason is Reason.BARE_POD
    assert view_of(run, "Pod one-of-three").reason is Reason.HAS_CONTROLLER
    assert names(run.held.bare_pods) == ["Pod lonely", "Pod orphan"]
    assert in_sync(run.done, check_mode=False)
    assert not pods(standby)


def test_a_pod_that_is_excepted_is_restored(standby):
    run = standby.sync(1, pod(standby, "lonely"), hold_except=["pods/*/lonely"])
    assert view_of(run, "Pod lonely").outcome is Outcome.CREATED


# Broken nights


class Killed(BaseException):
    """The run ends here."""


def test_what_a_killed_run_made_is_ours_all_the_same(standby):
    """The object tells: nothing is recorded of it but that it was planned."""

    def ending(method: str, path: str, _body: object) -> None:
        if method == "PATCH" and path.endswith("/secrets/state"):
            raise Killed

    backup = standby.corner.backup(1, *standby.bodies.values())
    with pytest.raises(Killed):
        standby.corner.watch(watch(standby.corner.target.kubeconfig, ending), backup, workloads="hold")
    assert standby.entry(WEB).uid == ""
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 2}})
    run = standby.sync(1)
    assert not run.held.standby_own
    assert not is_awake(standby, WEB)
    assert standby.entry(WEB).held == '{"spec":{"replicas":3}}'


def test_what_production_has_is_recorded_before_the_object_says_it(standby):
    standby.sync(1)
    standby.change(WEB, {"spec": {"replicas": 9}})

    dead: list[str] = []

    def ending(method: str, path: str, _body: object) -> None:
        if dead or (method == "PATCH" and path.endswith("/deployments/web")):
            dead.append(path)
            raise Killed

    backup = standby.corner.backup(2, *standby.bodies.values())
    with pytest.raises(Killed):
        standby.corner.watch(watch(standby.corner.target.kubeconfig, ending), backup, workloads="hold")
    assert standby.entry(WEB).held == '{"spec":{"replicas":9}}'
    assert standby.entry(WEB).uid == standby.live(WEB)["metadata"]["uid"]
