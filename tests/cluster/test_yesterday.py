# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An etcd of the standby restored to yesterday: objects, inventory and records of activation go back together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ActiveError
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import fails_workloads
from controlplane import ControlPlane
from nightly import GENEROUS, deleted
from scenes import Body, config_map, edit, live, remove
from workloads import (
    PRODUCTION,
    Standby,
    active_since,
    answering,
    differing,
    end_activation,
    outcomes,
    remembered,
    rouse,
)

WEB, DB = "Deployment web", "StatefulSet db"
KEY = ["a key of the user's that is long enough"]


class Restored:
    """A standby whose etcd somebody takes back to what it was."""

    def __init__(self, standby: Standby, folder: Path) -> None:
        self.standby = standby
        self._folder = folder

    def sync(self, hour: int, *more: Body, **options: Any) -> Any:
        return self.standby.sync(hour, *more, state_key=KEY, **options)

    def rouse(self, state: str = "active", **options: Any) -> Any:
        return rouse(self.standby, state, state_key=KEY, **options)

    def keep(self) -> None:
        """The backup of etcd that is put back tomorrow."""
        self.standby.corner.target.save_data(self._folder)

    def put_back(self) -> None:
        self.standby.corner.target.restore_data(self._folder)

    @property
    def is_production(self) -> bool:
        return not differing(self.standby, self.standby.workloads)

    @property
    def is_asleep(self) -> bool:
        return set(differing(self.standby, self.standby.workloads)) >= {WEB, DB}


@pytest.fixture
def restored(live_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Restored]:
    standby = Standby.of(live_controlplane, tmp_path, request.node.nodeid)
    yield Restored(standby, tmp_path / "yesterday")
    end_activation(standby)


def test_the_next_sync_brings_objects_and_what_they_remember_to_today(restored):
    standby = restored.standby
    config = {"key": "yesterday"}
    restored.sync(1, config_map("settings", config, standby.corner.namespace, uid="settings"))
    restored.keep()
    standby.change(WEB, {"spec": {"replicas": 5}})
    config["key"] = "today"
    for hour in (2, 3):
        restored.sync(hour, config_map("settings", config, standby.corner.namespace, uid="settings"))
    restored.put_back()
    assert remembered(standby.live(WEB)) == PRODUCTION["web"]
    run = restored.sync(4, config_map("settings", config, standby.corner.namespace, uid="settings"))
    assert in_sync(run.done, check_mode=False)
    assert remembered(standby.live(WEB)) == {"spec": {"replicas": 5}}
    found = live(standby.corner.target, config_map("settings", {}, standby.corner.namespace))
    assert found["data"] == {"key": "today"}
    assert not changed(restored.sync(4, *_settings(standby, config), label_unchanged=False).done)
    assert fails_workloads(restored.rouse()) is None
    assert restored.is_production


def _settings(standby: Standby, config: dict[str, str]) -> list[Body]:
    return [config_map("settings", config, standby.corner.namespace, uid="settings")]


def test_an_activation_before_the_next_sync_gives_back_what_yesterday_had(restored):
    restored.sync(1)
    restored.keep()
    yesterday = dict(restored.standby.bodies)
    restored.standby.change(WEB, {"spec": {"replicas": 5}})
    restored.sync(2)
    restored.put_back()
    run = restored.rouse()
    assert (fails_workloads(run), run.warnings) == (None, ())
    restored.standby.bodies.update(yesterday)
    assert restored.is_production


def test_an_activation_since_then_is_forgotten_and_the_standby_sleeps(restored):
    restored.sync(1)
    restored.keep()
    restored.rouse()
    assert active_since(restored.standby)
    restored.put_back()
    assert active_since(restored.standby) == ""
    assert restored.is_asleep
    assert in_sync(restored.sync(2).done, check_mode=False)
    assert restored.is_asleep
    assert fails_workloads(restored.rouse()) is None
    assert restored.is_production


def test_an_activation_that_was_ended_since_then_stands_again_and_refuses(restored):
    restored.sync(1)
    restored.rouse()
    since = active_since(restored.standby)
    restored.keep()
    restored.rouse("held")
    assert restored.is_asleep
    restored.put_back()
    assert active_since(restored.standby) == since
    assert restored.is_production
    run = restored.sync(2)
    assert any(f"active since {since}" in said for said in run.warnings)
    assert restored.is_production
    with pytest.raises(ActiveError, match=f"active since {since}"):
        restored.rouse("held", confirm="")
    restored.rouse("held")
    assert restored.is_asleep


def test_the_whole_standby_active_yesterday_refuses_before_the_first_write(restored):
    restored.sync(1)
    restored.rouse(namespaces=[])
    restored.keep()
    restored.rouse("held", namespaces=[])
    restored.put_back()
    with pytest.raises(ActiveError, match="the whole standby"):
        restored.sync(2)
    restored.rouse("held", namespaces=[])
    assert in_sync(restored.sync(2).done, check_mode=False)


def test_what_was_made_anew_since_then_is_known_by_the_uid_of_yesterday(restored):
    standby = restored.standby
    restored.sync(1)
    before = standby.entry(WEB).uid
    restored.keep()
    remove(standby.corner.target, standby.bodies[WEB])
    restored.sync(2)
    assert standby.entry(WEB).uid not in ("", before)
    restored.put_back()
    assert standby.entry(WEB).uid == standby.live(WEB)["metadata"]["uid"] == before
    assert fails_workloads(restored.rouse()) is None
    assert restored.is_production


def test_a_prune_deletes_again_what_production_has_no_more_and_nothing_else(restored):
    standby = restored.standby
    restored.sync(1)
    restored.keep()
    del standby.bodies["Deployment retired"]
    gone = [f"Deployment.apps {standby.corner.namespace}/retired"]
    assert deleted(restored.sync(2, delta="prune", **GENEROUS)) == gone
    restored.put_back()
    assert deleted(restored.sync(3, delta="prune", **GENEROUS)) == gone
    assert in_sync(restored.sync(3).done, check_mode=False)


def test_what_somebody_edited_yesterday_is_named_still(restored):
    standby = restored.standby
    restored.sync(1)
    edit(
        standby.corner.target,
        standby.bodies[WEB],
        {"metadata": {"annotations": {"standby.velero/held": '{"spec":{"replicas":9}}'}}},
    )
    restored.keep()
    restored.sync(2)
    restored.put_back()
    run = restored.rouse()
    assert outcomes(run)[WEB] == "updated annotation_edited"
    assert restored.is_production


def test_an_api_service_that_came_since_then_is_a_copy_again(restored):
    standby = restored.standby
    namespace = standby.corner.namespace
    standby.add("{apiVersion: v1, kind: Service, metadata: {name: m, namespace: shop}, spec: {ports: [{port: 443}]}}")
    group = f"m-{namespace}.example"
    body = {
        "apiVersion": "apiregistration.k8s.io/v1",
        "kind": "APIService",
        "metadata": {"name": f"v1.{group}", "uid": group},
        "spec": {
            "group": group,
            "version": "v1",
            "groupPriorityMinimum": 100,
            "versionPriority": 100,
            "insecureSkipTLSVerify": True,
            "service": {"namespace": namespace, "name": "m", "port": 443},
        },
    }
    restored.sync(1, body, include_cluster_resources=True)
    answering(standby, "m")
    restored.keep()
    assert outcomes(restored.rouse())[f"APIService v1.{group}"] == "created"
    restored.put_back()
    assert live(standby.corner.target, body) is None
    assert outcomes(restored.rouse())[f"APIService v1.{group}"] == "created"
    assert outcomes(restored.rouse("held"))[f"APIService v1.{group}"] == "deleted"
