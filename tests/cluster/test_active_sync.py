# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hourly job over a standby that became production, as playbooks: activate, sync, plan and apply, hold, sync."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from backups import Backup
from controlplane import ControlPlane
from hourly import SOURCE, Standby, changed, hourly, standby_of
from playing import Played

WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "uid": "production-web"},
    "spec": {
        "replicas": 3,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "main", "image": "registry.example.org/web:1"}]},
        },
    },
}
KEY = "a-key-of-these-tests-and-of-no-other"


@pytest.fixture(scope="module")
def standby(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standby]:
    with standby_of(controlplane, tmp_path_factory.mktemp("plays")) as standby:
        yield standby


def workloads(standby: Standby, name: str, *arguments: str, **variables: object) -> Played:
    return standby.player.book(name, standby.inventory(), *arguments, restore_state_key=[KEY], **variables)


def sync(standby: Standby, **variables: object) -> Played:
    return standby.sync(sync_workloads="hold", restore_state_key=[KEY], **variables)


def replicas(standby: Standby) -> int:
    answer = standby.target.api("GET", "/apis/apps/v1/namespaces/shop/deployments/web")[1]
    return int(answer["spec"]["replicas"])


@pytest.fixture(scope="module")
def active(standby: Standby) -> Played:
    """Restored asleep, the state signed, then woken."""
    standby.s3.put(hourly(2, production("production")))
    synced = sync(standby)
    assert synced.code == 0, synced.output
    assert replicas(standby) == 0
    return workloads(standby, "activate")


def production(value: str) -> bytes:
    """A backup with a ConfigMap of this value, and a workload."""
    backup = Backup().add("namespaces", "", "kube-system", SOURCE).add("namespaces", "", "shop")
    return (
        backup.add("configmaps", "shop", "app", {"data": {"of": value}})
        .add("deployments.apps", "shop", "web", WEB)
        .bytes()
    )


def test_what_slept_is_woken(active: Played, standby: Standby) -> None:
    assert active.code == 0, active.output
    assert "Woken: 1 of 1" in active.output
    assert replicas(standby) == 3


@pytest.fixture(scope="module")
def synced(active: Played, standby: Standby) -> Played:
    assert active.code == 0
    standby.s3.put(hourly(3, production("production at three")))
    return sync(standby)


def test_the_next_sync_is_green_says_since_when_and_writes_nothing(synced: Played, standby: Standby) -> None:
    assert synced.code == 0, synced.output
    assert re.search(r"standby-a  hourly-03 .*nothing: active since 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", synced.output)
    assert changed(synced) == 0
    assert standby.config_maps()["app"] == "production"
    assert "the standby is active, and nothing was written" in synced.output


@pytest.mark.usefixtures("synced")
def test_it_is_red_where_the_user_wants_it_so(standby: Standby) -> None:
    played = sync(standby, sync_fail_when_active=True)
    assert played.code == 2
    assert "the target is active since" in played.output


@pytest.mark.usefixtures("synced")
def test_its_plan_says_so_and_applying_that_does_nothing(standby: Standby) -> None:
    planned = standby.job(restore_workloads="hold", restore_state_key=[KEY], sync_stage="plan")
    assert planned.code == 0, planned.output
    (plan,) = planned.artifacts["sync_plans"].values()
    assert plan.keys() == {"active_since"}
    applied = standby.job(restore_workloads="hold", restore_state_key=[KEY], **planned.artifacts)
    assert applied.code == 0, applied.output
    assert "nothing: active since" in applied.output
    assert changed(applied) == 0


@pytest.mark.usefixtures("synced")
def test_drift_of_it_is_green_and_says_so(standby: Standby) -> None:
    played = standby.drift(restore_workloads="hold", restore_state_key=[KEY])
    assert played.code == 0, played.output
    assert "is not compared" in played.output


@pytest.mark.usefixtures("synced")
def test_a_hold_needs_the_time_and_then_the_sync_goes_on(standby: Standby) -> None:
    refused = workloads(standby, "hold")
    assert refused.code == 2
    (at,) = set(re.findall(r"set\s+confirm:\s+(\S+Z)", refused.output))
    held = workloads(standby, "hold", workloads_confirm=at)
    assert held.code == 0, held.output
    assert "Put to sleep: 1 of 1" in held.output
    again = sync(standby)
    assert again.code == 0, again.output
    assert standby.config_maps()["app"] == "production at three"
    assert replicas(standby) == 0
