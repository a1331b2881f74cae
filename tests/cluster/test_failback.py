# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: what the standby served by last comes to the old production, asleep, and is woken there."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ActiveError, PreflightError
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from controlplane import wait_for
from scenes import Body, edit, live, remove
from workloads import Standby, active_since, remembered, rouse

WEB, DB, AGENT, REPORT = "Deployment web", "StatefulSet db", "DaemonSet agent", "CronJob report"
STANDBY = "standby-1"
"""UID of the standby's Namespace kube-system, when it is the source."""


def served_and_held(standby: Standby) -> list[Body]:
    """The standby served, with a size of its own; its objects once it is held again."""
    standby.sync(1)
    rouse(standby)
    edit(standby.corner.target, standby.bodies[WEB], {"spec": {"replicas": 6}})
    edit(standby.corner.target, standby.bodies[REPORT], {"spec": {"suspend": True}})
    rouse(standby, "held")
    return [standby.live(named) for named in standby.bodies]


def emptied(standby: Standby) -> None:
    """A cluster that has nothing of it and never was a standby."""
    target, state = standby.corner.target, standby.corner.state_namespace
    for body in standby.bodies.values():
        remove(target, body)
    remove(target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": state}})
    bodies = standby.bodies.values()
    wait_for("the objects to go", lambda: not any(live(target, body) for body in bodies), 60)
    wait_for("the state to go", lambda: target.api("GET", f"/api/v1/namespaces/{state}")[0] == 404, 60)


def test_a_backup_of_a_standby_that_sleeps_brings_back_what_it_served(standby):
    bodies = served_and_held(standby)
    assert all(remembered(body) for body in bodies if body["kind"] in ("Deployment", "CronJob", "DaemonSet"))
    emptied(standby)
    standby.corner.restore(standby.corner.backup(2, *bodies, source=STANDBY), workloads="hold")
    assert standby.live(WEB)["spec"]["replicas"] == 0
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 6}}
    rouse(standby)
    assert standby.live(WEB)["spec"]["replicas"] == 6
    assert standby.live(DB)["spec"]["replicas"] == 2
    assert standby.live(REPORT)["spec"]["suspend"] is True
    assert standby.live(AGENT)["spec"]["template"]["spec"]["nodeSelector"] == {"disk": "ssd"}
    for named in standby.workloads:
        assert ANNOTATION not in standby.live(named)["metadata"].get("annotations", {}), named


def test_a_standby_is_not_restored_from_its_own_backups(standby):
    bodies = served_and_held(standby)
    backup = standby.corner.backup(2, *bodies, source=STANDBY)
    with pytest.raises(PreflightError, match="allow_other_source lets it through"):
        standby.corner.restore(backup, workloads="hold")


def test_after_the_way_back_a_backup_of_before_the_disaster_is_refused(standby):
    before = standby.corner.backup(1, *standby.bodies.values())
    standby.sync(2)
    rouse(standby, namespaces=[])
    with pytest.raises(ActiveError, match="It serves as production and is not restored onto"):
        standby.sync(3)
    rouse(standby, "held", namespaces=[], confirm=active_since(standby))
    with pytest.raises(PreflightError, match="allow_older lets it through"):
        standby.corner.restore(before, workloads="hold")
