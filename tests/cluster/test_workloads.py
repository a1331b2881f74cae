# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waking a standby: it is what production was, whatever came in between; and putting it to sleep again."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._errors import LockError, StateError
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._records.lock import held
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import (
    build_workloads,
    fails_workloads,
)
from controlplane import LIMITED, wait_for
from nightly import deleted
from playing import Player
from scenes import WIDGET_DEFINITION, edit, live, put, remove, settled, unlock, versions, watch
from workloads import (
    PRODUCTION,
    Killed,
    Kubelet,
    Standby,
    active_since,
    differing,
    granted,
    outcomes,
    remembered,
    rouse,
)

WEB, DB, AGENT, REPORT = "Deployment web", "StatefulSet db", "DaemonSet agent", "CronJob report"


def is_production(standby: Standby) -> bool:
    """Field by field, the annotation of ours gone."""
    return not differing(standby, standby.workloads)


def annotate(standby: Standby, named: str, text: str | None) -> None:
    edit(standby.corner.target, standby.bodies[named], {"metadata": {"annotations": {ANNOTATION: text}}})


def forget(standby: Standby) -> None:
    """The namespace of the state is lost, Lease and all."""
    target, name = standby.corner.target, standby.corner.state_namespace
    remove(target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    wait_for("the state to go", lambda: target.api("GET", f"/api/v1/namespaces/{name}")[0] == 404, 60)


# The failover


def test_after_three_syncs_an_activation_equals_production(standby):
    standby.sync(1)
    standby.change(WEB, {"spec": {"replicas": 5}})
    standby.change(AGENT, {"spec": {"template": {"spec": {"nodeSelector": {"disk": "nvme"}}}}})
    standby.sync(2)
    standby.change(WEB, {"spec": {"replicas": 4}})
    standby.change(DB, {"spec": {"replicas": 3}})
    standby.change(REPORT, {"spec": {"suspend": True}})
    standby.change("DaemonSet everywhere", {"spec": {"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}}})
    standby.add(NEW)
    standby.sync(3)
    run = rouse(standby)
    assert outcomes(run) == dict.fromkeys(standby.workloads, "updated")
    assert fails_workloads(run) is None
    assert is_production(standby)
    assert not [named for named in standby.workloads if standby.entry(named).held]
    assert all(standby.entry(named).uid for named in standby.workloads)


NEW = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: new, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: new}}
  template: {metadata: {labels: {app: new}}, spec: {containers: [{name: main, image: "registry.example/new:1"}]}}
"""


def test_what_production_removed_stays_asleep_and_is_told(standby):
    standby.add(NEW)
    standby.sync(1)
    removed = standby.bodies.pop("Deployment new")
    standby.sync(2)
    run = rouse(standby)
    assert outcomes(run)["Deployment new"] == "skipped not_in_production"
    assert live(standby.corner.target, removed)["spec"]["replicas"] == 0
    assert is_production(standby)


def test_what_production_removed_is_pruned_while_it_sleeps(standby):
    standby.add(NEW)
    standby.sync(1)
    removed = standby.bodies.pop("Deployment new")
    assert deleted(standby.sync(2, delta="prune")) == [f"Deployment.apps {standby.corner.namespace}/new"]
    assert live(standby.corner.target, removed) is None
    assert "Deployment new" not in outcomes(rouse(standby))


def test_check_mode_tells_and_changes_nothing(standby):
    standby.sync(1)
    before = settled(standby.corner.target)
    run = rouse(standby, check=True, diff=True)
    assert outcomes(run) == dict.fromkeys(standby.workloads, "updated")
    assert versions(standby.corner.target) == before
    told = {f"{one['kind']} {one['name']}": json.loads(one["production"]) for one in build_workloads(run)["objects"]}
    assert told == {named: PRODUCTION[named.partition(" ")[2]] for named in standby.workloads}
    shown = {entry["before_header"]: entry for entry in build_workloads(run)["diff"]}
    assert shown[f"Deployment.apps {standby.corner.namespace}/web"]["after"] == "spec:\n  replicas: 3\n"


def test_a_second_activation_leaves_alone_what_became_of_what_is_awake(standby):
    standby.sync(1)
    rouse(standby)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 7}})
    edit(standby.corner.target, standby.bodies[DB], {"spec": {"replicas": 0}})
    assert not outcomes(rouse(standby))
    assert standby.live(WEB)["spec"]["replicas"] == 7
    assert standby.live(DB)["spec"]["replicas"] == 0


def test_some_namespaces_are_woken_and_the_others_sleep(standby):
    standby.sync(1)
    assert not outcomes(rouse(standby, namespaces=["other-*", "none"]))
    assert outcomes(rouse(standby, namespaces=[f"{standby.corner.namespace[:5]}*"]))[WEB] == "updated"
    assert is_production(standby)


def test_a_pod_that_was_never_made_is_told(standby):
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "main", "image": "registry.example/p"}]}}
    pod["metadata"] = {"name": "lonely", "namespace": standby.corner.namespace, "uid": "p"}
    standby.sync(1, pod)
    run = rouse(standby)
    assert outcomes(run)["Pod lonely"] == "skipped cannot_sleep"
    assert fails_workloads(run) is None
    standby.sync(2, allow_active=active_since(standby))
    assert "Pod lonely" not in outcomes(rouse(standby))


def test_nobody_else_s_workload_is_touched(standby):
    own = {**standby.bodies[WEB], "metadata": {"name": "own", "namespace": standby.corner.namespace}}
    put(standby.corner.target, own)
    standby.sync(1)
    before = live(standby.corner.target, own)["metadata"]["generation"]
    for state in ("active", "held", "active"):
        assert "Deployment own" not in outcomes(rouse(standby, state))
    assert live(standby.corner.target, own)["metadata"]["generation"] == before


def test_copies_of_the_annotation_on_what_a_controller_makes_say_nothing(standby):
    """The Deployment controller copies annotations to its ReplicaSets."""
    standby.sync(1)
    path = f"/apis/apps/v1/namespaces/{standby.corner.namespace}/replicasets"

    def copied() -> bool:
        items = standby.corner.target.api("GET", path)[1]["items"]
        return any(ANNOTATION in (one["metadata"].get("annotations") or {}) for one in items if "web" in str(one))

    wait_for("a ReplicaSet", copied, 30)
    assert set(outcomes(rouse(standby))) == set(standby.workloads)


# Waves, and waiting


def order_of(standby: Standby, **options: Any) -> list[str]:
    """Names of workloads in the order in which they are patched, one at a time."""
    watched = watch(standby.corner.target.kubeconfig)
    rouse(standby, watched=watched, concurrency=1, **options)
    names = (path.rpartition("/")[2] for method, path in watched.writes if is_of_a_workload(method, path))
    return list(dict.fromkeys(names))  # one that met a conflict is patched once more


def is_of_a_workload(method: str, path: str) -> bool:
    """Whether a workload is patched, and not the Namespace that says it is active, or the lock."""
    return method == "PATCH" and re.search("/namespaces/[^/]+/(?!leases/)", path) is not None


def test_state_is_woken_first_and_batch_work_last(standby):
    standby.sync(1)
    order = order_of(standby)
    assert order[0] == "db"
    assert set(order[-3:]) == {"report", "stopped", "migration"}
    assert len(order) == len(PRODUCTION)


def test_waves_go_by_labels_and_the_others_behind(standby):
    standby.change(WEB, {"metadata": {"labels": {"tier": "first"}}})
    standby.change(REPORT, {"metadata": {"labels": {"tier": "second"}}})
    standby.sync(1)
    order = order_of(standby, waves=["tier=first", "tier in (second, third)"])
    assert order[:3] == ["web", "report", "db"]


@pytest.mark.usefixtures("node")
def test_a_wave_begins_once_the_one_before_is_ready(standby):
    standby.sync(1)
    kubelet, seen = Kubelet(standby), []

    def watching(method: str, path: str, body: object) -> None:
        kubelet(method, path, body)
        if method == "PATCH" and path.endswith("/deployments/web"):
            seen.append(standby.live(DB)["status"].get("readyReplicas"))

    run = rouse(standby, watched=watch(standby.corner.target.kubeconfig, watching), wait=True, wait_timeout=60)
    assert set(seen) == {2}, "web is woken, at once or once more after a conflict, when both Pods of db are ready"
    assert not run.not_ready
    assert fails_workloads(run) is None
    assert standby.live(WEB)["status"]["readyReplicas"] == 3


@pytest.mark.usefixtures("node")
def test_what_is_not_ready_in_time_is_named_and_the_next_wave_is_woken_all_the_same(standby):
    standby.sync(1)
    watched = watch(standby.corner.target.kubeconfig, Kubelet(standby, unready="db"))
    run = rouse(standby, watched=watched, wait=True, wait_timeout=5)
    assert {str(key): why for key, why in run.not_ready.items()} == {
        f"StatefulSet.apps {standby.corner.namespace}/db": "0 of 2 Pods are ready"
    }
    assert "db is not ready: 0 of 2 Pods are ready" in fails_workloads(run)
    assert is_production(standby)


def test_where_nothing_makes_pods_ready_nothing_is_waited_for(standby):
    standby.sync(1)
    run = rouse(standby, wait=True)
    assert [text for text in run.warnings if "has no Nodes" in text]
    assert fails_workloads(run) is None


# Somebody else at the annotations


def test_an_edited_annotation_is_named_and_the_inventory_counts(standby):
    standby.sync(1)
    annotate(standby, WEB, '{"spec":{"replicas":99}}')
    annotate(standby, DB, "broken")
    annotate(standby, REPORT, None)
    annotate(standby, AGENT, '{"spec":{"template":{"spec":{"hostNetwork":true}}}}')
    run = rouse(standby)
    said = outcomes(run)
    assert (said[WEB], said[DB], said[AGENT]) == ("updated annotation_edited",) * 3
    assert said[REPORT] == "updated annotation_removed"
    assert fails_workloads(run) is None
    assert is_production(standby)


def test_without_an_inventory_the_annotation_counts_and_what_has_none_is_red(standby):
    standby.sync(1)
    annotate(standby, WEB, "broken")
    forget(standby)
    run = rouse(standby)
    assert outcomes(run)[WEB] == "failed production_unknown"
    assert f"Deployment.apps {standby.corner.namespace}/web sleeps, and neither inventory" in fails_workloads(run)
    assert differing(standby, standby.workloads) == [WEB]


def test_a_damaged_inventory_is_not_in_the_way_of_a_failover(standby):
    standby.sync(1)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "state", "namespace": standby.corner.state_namespace},
    }
    edit(standby.corner.target, secret, {"data": {"state": base64.b64encode(b"broken").decode()}})
    with pytest.raises(StateError):
        rouse(standby, "held")
    run = rouse(standby)
    assert [text for text in run.warnings if "by what their annotations say" in text]
    assert is_production(standby)


def test_what_is_not_there_any_more_is_red(standby):
    standby.sync(1)
    remove(standby.corner.target, standby.bodies[REPORT])
    run = rouse(standby)
    assert outcomes(run)[REPORT] == "failed not_there"
    assert "a restore brings it back" in fails_workloads(run)


def test_another_object_of_the_name_is_not_the_one_that_slept(standby):
    standby.sync(1)
    remove(standby.corner.target, standby.bodies[REPORT])
    put(standby.corner.target, standby.bodies[REPORT])
    assert REPORT not in outcomes(rouse(standby))


def test_what_somebody_woke_by_hand_gets_what_production_has(standby):
    standby.sync(1)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 9}})
    rouse(standby)
    assert is_production(standby)


def test_a_kind_of_the_user_s_is_woken_by_his_rule_and_told_without(standby):
    target = standby.corner.target
    target.apply(WIDGET_DEFINITION)
    widget = {"apiVersion": "example.org/v1", "kind": "Widget", "spec": {"running": {"on": True}}}
    widget["metadata"] = {"name": "w", "namespace": standby.corner.namespace, "uid": "w"}
    rules = [{"resource": "widgets.example.org", "path": "/spec/running/on", "value": None}]
    standby.sync(1, widget, hold_rules=rules)
    assert outcomes(rouse(standby))["Widget w"] == "failed no_rule"
    assert outcomes(rouse(standby, hold_rules=rules))["Widget w"] == "updated"
    assert live(target, widget)["spec"] == {"running": {"on": True}}


# Other writers, and broken runs


def test_one_that_another_writer_changes_meanwhile_is_looked_at_again(standby):
    standby.sync(1)
    meddled = []

    def meddling(method: str, path: str, _body: object) -> None:
        if method == "PATCH" and path.endswith("/deployments/web") and not meddled:
            meddled.append(edit(standby.corner.target, standby.bodies[WEB], {"metadata": {"labels": {"seen": "yes"}}}))

    run = rouse(standby, watched=watch(standby.corner.target.kubeconfig, meddling))
    assert outcomes(run)[WEB] == "updated"
    assert standby.live(WEB)["metadata"]["labels"]["seen"] == "yes"
    assert is_production(standby)


def killed_after(standby: Standby, writes: int) -> Any:
    """A connection that dies after so many writes to workloads; what was sent before has arrived."""
    sent: list[str] = []

    def ending(method: str, path: str, _body: object) -> None:
        if sent and sent[-1] == "dead":
            raise Killed
        if is_of_a_workload(method, path) and path not in sent:  # one that met a conflict is patched once more
            if len(sent) == writes:
                sent.append("dead")
                raise Killed
            sent.append(path)

    return watch(standby.corner.target.kubeconfig, ending)


@pytest.mark.parametrize("writes", range(len(PRODUCTION) + 1))
def test_an_activation_killed_after_each_write_comes_to_the_same_end(standby, writes):
    standby.sync(1)
    with pytest.raises(Killed):
        rouse(standby, watched=killed_after(standby, writes), concurrency=1)
    woken = len(list(standby.workloads)) - len(differing(standby, standby.workloads))
    unlock(standby.corner.target, standby.corner.state_namespace)
    run = rouse(standby)
    assert fails_workloads(run) is None
    assert is_production(standby)
    assert woken >= writes or writes == len(PRODUCTION)
    assert not [named for named in standby.workloads if standby.entry(named).held]


def test_an_activation_killed_before_the_namespace_says_so_comes_to_the_same_end(standby):
    standby.sync(1)
    dead: list[str] = []

    def ending(method: str, path: str, _body: object) -> None:
        if dead or (method == "PATCH" and path.endswith(f"/namespaces/{standby.corner.namespace}")):
            dead.append(path)
            raise Killed

    with pytest.raises(Killed):
        rouse(standby, watched=watch(standby.corner.target.kubeconfig, ending))
    assert dead
    assert set(differing(standby, standby.workloads)) == set(standby.workloads)
    unlock(standby.corner.target, standby.corner.state_namespace)
    assert fails_workloads(rouse(standby)) is None
    assert is_production(standby)


def test_an_activation_while_another_run_is_at_it_is_refused(standby):
    standby.sync(1)
    client = Client(watch(standby.corner.target.kubeconfig))
    with held(client, standby.corner.state_namespace, 60, 0, "another"):
        with pytest.raises(LockError, match="is held by another run"):
            rouse(standby)
        with pytest.raises(LockError, match="is held by another run"):
            standby.sync(2)
    assert differing(standby, standby.workloads)


# Asleep again


def test_what_is_put_to_sleep_remembers_what_it_has_by_then(standby):
    standby.sync(1)
    rouse(standby)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 6}})
    run = rouse(standby, "held")
    assert outcomes(run) == dict.fromkeys(standby.workloads, "updated")
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 6}}
    assert standby.entry(WEB).held == '{"spec":{"replicas":6}}'
    assert outcomes(rouse(standby, "held")) == dict.fromkeys(standby.workloads, "unchanged")
    rouse(standby)
    standby.change(WEB, {"spec": {"replicas": 6}})
    assert is_production(standby)


def test_what_sleeps_keeps_what_is_known_of_it(standby):
    standby.sync(1)
    annotate(standby, WEB, None)
    edit(standby.corner.target, standby.bodies[DB], {"spec": {"replicas": 1}})
    rouse(standby, "held")
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 3}}
    assert remembered(standby.live(DB)) == {"spec": {"replicas": 2}}
    assert standby.live(DB)["spec"]["replicas"] == 0


def test_a_restored_standby_that_is_awake_is_put_to_sleep_but_for_chosen_ones(standby):
    standby.sync(1, workloads="restore")
    run = rouse(standby, "held", hold_except=["cronjobs.batch"])
    assert {named for named in standby.workloads if named not in outcomes(run)} == {REPORT, "CronJob stopped"}
    assert standby.live(REPORT)["spec"]["suspend"] is False
    rouse(standby)
    assert is_production(standby)


def test_the_standby_s_own_is_put_to_sleep_only_by_name(standby):
    put(standby.corner.target, standby.bodies[WEB])
    standby.sync(1)
    assert WEB not in outcomes(rouse(standby, "held"))
    run = rouse(standby, "held", hold_existing=[f"deploy/{standby.corner.namespace}/web"])
    assert outcomes(run)[WEB] == "updated"
    rouse(standby)
    assert standby.live(WEB)["spec"]["replicas"] == 3


def test_the_rights_of_the_guide_are_enough_and_a_type_without_them_is_red(standby):
    standby.sync(1)
    target, user = standby.corner.target, LIMITED[0]
    with granted(standby, user) as role:
        run = rouse(standby, wait=True, kubeconfig=str(target.kubeconfig_for(user)))
        assert fails_workloads(run) is None
        assert is_production(standby)
        without = {**role, "rules": [rule for rule in role["rules"] if rule["apiGroups"] != ["batch"]]}
        assert target.api("PUT", target.path_of(role), without)[0] == 200
        path = "/apis/batch/v1/namespaces/default/jobs/none"
        wait_for("the rights to go", lambda: target.api("GET", path, token=target.tokens[user])[0] == 403, 30)
        run = rouse(standby, kubeconfig=str(target.kubeconfig_for(user)))
    assert "jobs.batch could not be read" in fails_workloads(run)


# As a user runs it


def test_the_module_wakes_in_check_mode_with_a_diff_and_then_for_good(standby, tmp_path):
    standby.sync(1)
    corner = standby.corner
    player = Player(corner.target, tmp_path)
    options = {"state": "active", "namespaces": [corner.namespace], "state_namespace": corner.state_namespace}
    call = {"standby.velero.velero_workloads": options, "register": "woken"}
    checked = player.tasks(call, player.keep("woken", "woken"), arguments=("--check", "--diff"))
    assert checked.code == 0, checked.output
    assert "-  replicas: 0" in checked.output
    assert "+  replicas: 3" in checked.output
    assert checked.results["woken"]["changed"] is True
    assert standby.live(WEB)["spec"]["replicas"] == 0
    first, second = (player.tasks(call, player.keep("woken", "woken")).results["woken"] for _time in range(2))
    assert (first["changed"], first["counts"]["updated"]) == (True, len(PRODUCTION))
    assert (second["changed"], second["failed"]) == (False, False)
    assert is_production(standby)


def test_the_module_is_red_with_what_is_not_awake(standby, tmp_path):
    standby.sync(1)
    remove(standby.corner.target, standby.bodies[REPORT])
    corner = standby.corner
    player = Player(corner.target, tmp_path)
    options = {"state": "active", "namespaces": [corner.namespace], "state_namespace": corner.state_namespace}
    played = player.tasks({"standby.velero.velero_workloads": options})
    assert played.code == 2
    assert f"CronJob.batch {corner.namespace}/report is to be woken, and is not on the target" in played.output
