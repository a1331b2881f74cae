# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Absence needs proof: what a load balancer, or an API server that has just begun, does not have is not gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, NotFound
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from faults import PASS, Fault, FaultyProxy, answer
from nightly import Corner, deleted, failed, kept, stops
from restoring import by_place
from scenes import connection, watch


@pytest.fixture
def corner(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Corner:
    return Corner.of(controlplane, tmp_path, request.node.nodeid)


def once(method: str, end: str) -> Any:
    """A load balancer that has no server behind it for one request."""
    return lambda asked, path, times: _once(asked == method and path.partition("?")[0].endswith(end) and times == 0)


def _once(now: bool) -> Fault:
    return answer(404) if now else PASS


# What the API server itself says


def types_of(target: ControlPlane) -> Iterator[Resource]:
    """But for componentstatuses, which are not stored and called otherwise."""
    served = discover(Client(connection({"kubeconfig": str(target.kubeconfig)}))).served()
    return (resource for resource in served if resource.plural != "componentstatuses")


def test_of_every_type_the_api_server_names_the_object_that_it_does_not_have(controlplane):
    client = Client(connection({"kubeconfig": str(controlplane.kubeconfig)}))
    types = list(types_of(controlplane))
    assert len(types) > 50
    for resource in types:
        with pytest.raises(NotFound):
            client.get(resource, "nowhere", "none")
        with pytest.raises(NotFound):
            client.delete(resource, "nowhere", "none", "no-uid")


def test_of_a_type_that_is_not_served_it_names_nothing(controlplane):
    client = Client(connection({"kubeconfig": str(controlplane.kubeconfig)}))
    for group in ("", "apps", "nobody.example"):
        with pytest.raises(AbsenceUnproven):
            client.get(Resource(group, "v1", "things", "Thing", True), "default", "none")


# What a load balancer says


def test_an_object_that_a_load_balancer_does_not_know_is_unread_and_keeps_all_others(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone"), corner.config_map("hidden")))
    second = corner.backup(3, app)
    with FaultyProxy(corner.target, once("GET", "/configmaps/hidden")) as proxy:
        run = corner.watch(connection(proxy.options), second, delta="prune")
    assert stops(run) == ["incomplete"]
    assert kept(run)[f"ConfigMap {corner.namespace}/hidden"] == "unread"
    assert sorted(corner.config_maps()) == ["app", "gone", "hidden"]
    again = corner.restore(second, delta="prune", prune_max_percent=1000)
    assert len(deleted(again)) == 2, "nothing was forgotten"


def test_a_deletion_that_a_load_balancer_answers_is_none(corner):
    app, gone = corner.config_map("app"), corner.config_map("gone")
    corner.restore(corner.backup(2, app, gone))
    second = corner.backup(3, app)
    with FaultyProxy(corner.target, once("DELETE", "/configmaps/gone")) as proxy:
        run = corner.watch(connection(proxy.options), second, delta="prune")
    (result,) = failed(run)
    assert (result.key.name, result.reason) == ("gone", Reason.DELETE_REFUSED)
    assert "404 that does not name this object" in result.message
    assert corner.recorded()[f"ConfigMap {corner.namespace}/gone"] == corner.config_maps()["gone"]
    assert deleted(corner.restore(second, delta="prune")) == [f"ConfigMap {corner.namespace}/gone"]


def test_an_object_whose_patch_a_load_balancer_answers_is_not_made_anew(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app))
    second = corner.backup(3, {**app, "data": {"of": "another"}})
    with FaultyProxy(corner.target, once("PATCH", "/configmaps/app")) as proxy:
        run = corner.watch(connection(proxy.options), second)
    result = by_place(run)["ConfigMap", corner.namespace, "app"]
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)


def test_an_inventory_that_a_load_balancer_does_not_know_is_not_an_empty_one(corner):
    """Else an older backup would pass the guards."""
    app = corner.config_map("app")
    corner.restore(corner.backup(3, app))
    with FaultyProxy(corner.target, once("GET", f"/namespaces/{corner.state_namespace}/secrets/state")) as proxy:
        watched = watch(corner.target.kubeconfig)
        watched._connection = connection(proxy.options)
        with pytest.raises(AbsenceUnproven, match=r"the state in namespace .* cannot be read: HTTP 404 that does not"):
            corner.watch(watched, corner.backup(2, app))
    assert {path.rpartition("/")[2].partition("?")[0] for _method, path in watched.all_writes} <= {"leases", "restore"}
