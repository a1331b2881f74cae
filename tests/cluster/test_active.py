# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An active standby is production: nothing is restored onto it, nor is it put to sleep by the way."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ActiveError
from ansible_collections.standby.velero.plugins.module_utils._inventory.activation import (
    ANNOTATION,
    NAME,
    recorded_in,
)
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason
from ansible_collections.standby.velero.plugins.module_utils._report.summary import in_sync
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import fails_workloads
from controlplane import wait_for
from playing import Player
from scenes import Body, config_map, edit, live, remove, unlock, versions, watch
from workloads import Standby, active_since, differing, namespace_of, outcomes, rouse

WEB = "Deployment web"


@pytest.fixture
def standby(standby: Standby) -> Standby:
    """What is active refuses everything on a cluster: each test makes its own standby held again."""
    standby.sync(1)
    return standby


def secret(standby: Standby) -> Body:
    metadata = {"name": NAME, "namespace": standby.corner.state_namespace}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata}


def said_by_namespace(standby: Standby) -> dict[str, Any] | None:
    text = live(standby.corner.target, namespace_of(standby))["metadata"].get("annotations", {}).get(ANNOTATION)
    return json.loads(text) if text else None


def recorded(standby: Standby) -> dict[str, Any]:
    found = live(standby.corner.target, secret(standby))
    return recorded_in(found) if found else {}


def refused(standby: Standby, **options: Any) -> str:
    """Why a sync is refused, which writes nothing."""
    with pytest.raises(ActiveError) as told:
        standby.sync(2, **options)
    return str(told.value)


def rouse_all(standby: Standby, state: str = "active", **options: Any) -> Any:
    """The whole of it."""
    return rouse(standby, state, namespaces=[], **options)


def test_an_activation_is_recorded_twice_and_refuses_every_restore_until_it_is_ended(standby):
    rouse_all(standby)
    at = recorded(standby)[standby.corner.namespace].at
    assert said_by_namespace(standby) == {
        "at": at,
        "backup": "nightly-01",
        "by": said_by_namespace(standby)["by"],
    }
    standby.change(WEB, {"spec": {"replicas": 1}})
    before = versions(standby.corner.target)
    for options in ({"workloads": "restore"}, {"workloads": "hold"}, {"check": True}):
        why = refused(standby, **options)
        assert f"the target is active since {at} by " in why
        assert "the whole standby" in why
        assert f"allow_active: {at}" in why
    after = versions(standby.corner.target)
    assert {uid for uid in before if before[uid] != after.get(uid)} == set()
    assert standby.live(WEB)["spec"]["replicas"] == 3
    rouse_all(standby, "held", confirm=at)
    assert (recorded(standby), said_by_namespace(standby)) == ({}, None)
    assert in_sync(standby.sync(2).done, check_mode=False)


def test_the_whole_standby_is_active_with_every_namespace_that_was_restored(standby):
    rouse_all(standby)
    assert set(recorded(standby)) >= {"*", standby.corner.namespace}
    assert ": the whole standby. It serves as production" in refused(standby)


def test_a_restore_during_one_activation_is_allowed_and_not_during_the_next(standby):
    rouse_all(standby)
    at = recorded(standby)[standby.corner.namespace].at
    standby.change(WEB, {"spec": {"replicas": 1}})
    assert "allow_active is 2026-01-01T00:00:00Z, which is another" in refused(
        standby, allow_active="2026-01-01T00:00:00Z"
    )
    standby.sync(2, workloads="restore", allow_active=at)
    assert standby.live(WEB)["spec"]["replicas"] == 1


def test_one_record_is_enough_and_that_they_disagree_is_named(standby):
    rouse(standby)
    text = json.dumps(said_by_namespace(standby))
    edit(standby.corner.target, namespace_of(standby), {"metadata": {"annotations": {ANNOTATION: None}}})
    assert f"disagree on {standby.corner.namespace}" in refused(standby)
    edit(standby.corner.target, namespace_of(standby), {"metadata": {"annotations": {ANNOTATION: text}}})
    remove(standby.corner.target, secret(standby))
    assert f"disagree on {standby.corner.namespace}" in refused(standby)
    rouse_all(standby)
    assert "disagree" not in refused(standby)


def test_the_state_lost_while_active_is_refused_by_the_namespaces(standby):
    rouse(standby)
    target, name = standby.corner.target, standby.corner.state_namespace
    remove(target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    wait_for("the state to go", lambda: target.api("GET", f"/api/v1/namespaces/{name}")[0] == 404, 60)
    assert "the target is active since" in refused(standby)


@pytest.mark.parametrize("text", ["", "broken", "{}", '{"at":"","by":"","backup":""}'])
def test_an_annotation_that_cannot_be_read_refuses_too(standby, text):
    edit(standby.corner.target, namespace_of(standby), {"metadata": {"annotations": {ANNOTATION: text}}})
    assert "active since unreadable" in refused(standby)


def test_a_damaged_record_refuses_too(standby):
    rouse(standby)
    edit(standby.corner.target, secret(standby), {"data": {NAME: "YnJva2Vu"}})
    assert "the whole standby" in refused(standby)


def test_a_hold_of_what_is_active_needs_its_time(standby):
    rouse(standby)
    at = recorded(standby)[standby.corner.namespace].at
    for confirm in (None, "2026-01-01T00:00:00Z"):
        with pytest.raises(ActiveError, match=f"overwrites what was written to its objects since; .*confirm: {at}"):
            rouse(standby, "held", confirm=confirm)
    assert not differing(standby, standby.workloads)
    assert outcomes(rouse(standby, "held", check=True)) == dict.fromkeys(standby.workloads, "updated")


def test_a_repeated_activation_keeps_its_time(standby):
    rouse(standby)
    first = recorded(standby)
    rouse(standby)
    assert recorded(standby) == first


class Killed(BaseException):
    """The run ends here."""


@pytest.mark.parametrize("what", [r"/namespaces/[^/]*", r".*/statefulsets/db", r".*/deployments/web"])
def test_an_activation_that_was_killed_is_active_all_the_same(standby, what):
    """Whatever ended it, no sync puts to sleep what it woke."""

    def ending(method: str, path: str, _body: object) -> None:
        if method == "PATCH" and re.fullmatch(f"/apis?(/[a-z]+)?/v1{what}", path):
            raise Killed

    with pytest.raises(Killed):
        rouse_all(standby, watched=watch(standby.corner.target.kubeconfig, ending), concurrency=1)
    unlock(standby.corner.target, standby.corner.state_namespace)
    assert "the target is active since" in refused(standby)
    assert fails_workloads(rouse_all(standby)) is None
    assert "disagree" not in refused(standby)


def test_a_hold_that_was_killed_is_active_still(standby):
    rouse_all(standby)
    at = recorded(standby)[standby.corner.namespace].at

    def ending(method: str, path: str, _body: object) -> None:
        if method == "PATCH" and path.endswith("/deployments/web"):
            raise Killed

    with pytest.raises(Killed):
        rouse_all(standby, "held", confirm=at, watched=watch(standby.corner.target.kubeconfig, ending), concurrency=1)
    unlock(standby.corner.target, standby.corner.state_namespace)
    assert "the target is active since" in refused(standby)
    rouse_all(standby, "held", confirm=at)
    assert in_sync(standby.sync(2).done, check_mode=False)


def test_the_module_says_since_when_as_a_value(standby, tmp_path):
    rouse_all(standby)
    corner = standby.corner
    backup = corner.backup(2, *standby.bodies.values())
    options = {"backup_file": str(backup), "state_namespace": corner.state_namespace}
    played = Player(corner.target, tmp_path).tasks(*Player(corner.target, tmp_path).module("run", **options))
    assert played.results["run"]["active_since"] == recorded(standby)[corner.namespace].at
    assert played.results["run"]["failed"] is True


# Active in part


def cluster_role(name: str, *verbs: str, uid: str = "") -> Body:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": list(verbs)}]
    metadata = {"name": name, "uid": uid or f"production-{name}"}
    return {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": metadata, "rules": rules}


def volume(name: str, namespace: str) -> Body:
    spec = {
        "capacity": {"storage": "1Gi"},
        "accessModes": ["ReadWriteOnce"],
        "nfs": {"server": "storage.example.org", "path": "/"},
        "claimRef": {"namespace": namespace, "name": "data"},
    }
    metadata = {"name": name, "uid": f"production-{name}"}
    return {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": metadata, "spec": spec}


def said_of(run: Any) -> dict[str, str]:
    """Outcome and reason by kind and name."""
    return {
        f"{one.change.key.kind} {one.change.key.name}": " ".join(
            part.value for part in (one.result.outcome, one.result.reason) if part
        )
        for one in run.done
    }


def test_of_a_standby_that_is_active_in_part_the_rest_is_kept_in_sync(standby):
    """What lies in active namespaces is left alone, and so is what is cluster-scoped and there already."""
    own, others = standby.corner.namespace, f"{standby.corner.namespace}-b"
    role, new, gone = f"{own}-role", f"{own}-new", f"{own}-gone"
    there = config_map("there", {"of": "one"}, others)
    standby.sync(2, cluster_role(role, "get"), cluster_role(gone, "get"), standby.corner.config_map("stale"), there)
    rouse(standby)
    standby.change(WEB, {"spec": {"replicas": 9}})
    changed = config_map("there", {"of": "two"}, others)
    bodies = (
        cluster_role(role, "list"),
        cluster_role(new, "get"),
        changed,
        standby.corner.config_map("coming"),
        volume(f"{own}-theirs", own),
        volume(f"{own}-free", others),
    )
    run = standby.sync(3, *bodies, delta="prune")
    said = said_of(run)
    assert {said[named] for named in standby.workloads} == {"skipped active"}
    assert said["ConfigMap coming"] == said[f"ClusterRole {role}"] == said[f"PersistentVolume {own}-theirs"]
    assert said[f"ClusterRole {role}"] == "skipped active"
    assert (said["ConfigMap there"], said[f"ClusterRole {new}"]) == ("updated", "created")
    assert said[f"PersistentVolume {own}-free"] == "created"
    assert standby.live(WEB)["spec"]["replicas"] == 3
    assert live(standby.corner.target, cluster_role(role))["rules"][0]["verbs"] == ["get"]
    kept = {f"{one.key.kind} {one.key.name}": one.keep for one in run.delta.plan.prune.objects}
    assert kept == {f"ClusterRole {gone}": KeepReason.ACTIVE, "ConfigMap stale": KeepReason.ACTIVE}
    assert in_sync(run.done, check_mode=False)
    (why,) = [text for text in run.warnings if "active since" in text]
    assert f"namespace {own}" in why
    rouse(standby, "held", confirm=active_since(standby))
    again = standby.sync(4, *bodies, delta="prune", prune_max_percent=100)
    assert said_of(again)[f"ClusterRole {role}"] == "updated"
    assert live(standby.corner.target, cluster_role(gone)) is None
    assert standby.live(WEB)["spec"]["replicas"] == 0
    assert in_sync(again.done, check_mode=False)
