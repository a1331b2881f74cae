# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rehearsal: a copy of one namespace is made, woken, timed and removed, and nothing else hears of it."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from playing import Played, Player
from scenes import Body, edit, live, moved, put, settled, watch
from workloads import Standby, active_since, namespace_of, rouse

WEB, REPORT = "Deployment web", "CronJob report"


def claim(standby: Standby) -> Body:
    """Bound in production."""
    metadata = {"name": "data", "namespace": standby.corner.namespace, "uid": "production-data"}
    metadata["annotations"] = {"pv.kubernetes.io/bind-completed": "yes"}
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "volumeName": "pv-of-production",
        "storageClassName": "",
        "resources": {"requests": {"storage": "1Gi"}},
    }
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": spec}


def rehearse(standby: Standby, backup: Path, *arguments: str, **variables: Any) -> Played:
    corner = standby.corner
    player = Player(corner.target, corner.folder)
    host = {
        "restore_backup_file": str(backup),
        "restore_state_namespace": corner.state_namespace,
        "rehearse_namespace": corner.namespace,
        "rehearse_report_path": str(player.report_path),
    }
    return player.book("rehearse", {"all": {"hosts": {"standby-a": {**host, **variables}}}}, *arguments)


def copy_of(standby: Standby) -> Body:
    name = f"{standby.corner.namespace}-rehearsal"
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def test_a_copy_is_woken_timed_and_removed_and_nothing_else_is_written(standby):
    standby.sync(1)
    backup = standby.corner.backup(2, *standby.bodies.values(), claim(standby))
    before = settled(standby.corner.target)
    seen: dict[str, Body] = {}
    watching = threading.Event()

    def look() -> None:
        """What the copy's claim says while there is one."""
        name = copy_of(standby)["metadata"]["name"]
        while not watching.wait(0.1):
            found = live(standby.corner.target, {**claim(standby), "metadata": {"name": "data", "namespace": name}})
            seen.update({"spec": found["spec"]} if found else {})

    looking = threading.Thread(target=look)
    looking.start()
    try:
        played = rehearse(standby, backup)
    finally:
        watching.set()
        looking.join()
    assert played.code == 0, played.output
    assert "volumeName" not in seen["spec"], "a claim of the copy must not take the volume of the original"
    assert re.search(
        rf"{standby.corner.namespace} of nightly-02: \d+ objects restored, \d+ workloads woken and ready in [\d.]+ s",
        " ".join(played.output.split()),
    )
    assert live(standby.corner.target, copy_of(standby)) is None
    assert moved(standby.corner.target, before) == set()
    said = {f"{one['kind']} {one['name']}": one for one in played.report["objects"]}
    assert {one["namespace"] for one in said.values() if one["outcome"] == "created"} == {
        copy_of(standby)["metadata"]["name"]
    }
    assert not [one for one in said.values() if one["outcome"] == "created" and not one["namespace"]]
    assert said["PersistentVolumeClaim data"]["outcome"] == "created"
    assert standby.sync(3).warnings == ()


def test_a_namespace_that_is_there_is_neither_used_nor_removed(standby):
    put(standby.corner.target, copy_of(standby))
    before = live(standby.corner.target, copy_of(standby))
    played = rehearse(standby, standby.corner.backup(1, *standby.bodies.values()))
    assert played.code == 2
    assert "has a Namespace" in played.output
    assert live(standby.corner.target, copy_of(standby)) == before


def test_a_rehearsal_that_fails_removes_its_copy_too(standby):
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bad", "namespace": standby.corner.namespace}}
    wrong["spec"] = {"ports": [{"port": 0}]}
    played = rehearse(standby, standby.corner.backup(1, *standby.bodies.values(), wrong))
    assert played.code == 2
    assert "Service" in played.output
    assert live(standby.corner.target, copy_of(standby)) is None


def test_batch_work_of_a_copy_sleeps_on_and_nothing_is_written_down_as_active(standby):
    standby.sync(1)
    name = standby.corner.namespace
    edit(standby.corner.target, namespace_of(standby), {"metadata": {"labels": {"standby.velero/rehearsal": "true"}}})
    sent = watch(standby.corner.target.kubeconfig)
    rouse(standby, watched=sent, rehearsal=True, confirm="")
    patched = {path.rpartition("/")[2] for method, path in sent.writes if method == "PATCH" and "/leases/" not in path}
    assert {"web", "db"} <= patched
    assert not patched & {"report", "stopped", "migration", name}
    assert standby.live(REPORT)["spec"]["suspend"] is True
    assert active_since(standby) == ""


def test_only_what_is_labelled_as_a_copy_is_woken_without_being_written_down(standby):
    standby.sync(1)
    with pytest.raises(SettingsError, match=r"is no copy: it lacks the label standby\.velero/rehearsal=true"):
        rouse(standby, rehearsal=True)
    assert standby.live(WEB)["spec"]["replicas"] == 0


@pytest.mark.parametrize(
    "options",
    [{"namespaces": []}, {"namespaces": ["*"]}, {"namespaces": ["a", "b"]}, {"state": "held"}],
)
def test_a_rehearsal_is_of_just_one_namespace(standby, options):
    state = options.pop("state", "active")
    with pytest.raises(SettingsError, match="rehearsal: needs state active, and namespaces with the name of just"):
        rouse(standby, state, rehearsal=True, **options)
