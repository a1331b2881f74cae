# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Absence needs proof: what a load balancer, or an API server that has just begun, does not have is not gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.checked_discovery import checked_discovery
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import discover
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, NotFound
from ansible_collections.standby.velero.plugins.module_utils._plan import context
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from faults import PASS, Fault, FaultyProxy, altered, answer
from nightly import Corner, deleted, failed, kept, stops
from restoring import by_place
from scenes import Body, connection, edit, watch


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


# What a server says that has just begun


PRUNE: Body = {"delta": "prune", "prune_allow": ["crd"], "prune_max_percent": 1000, "allow_shrunk": True}


def definition(corner: Corner) -> Body:
    version = {"name": "v1", "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"plural": "things", "singular": "thing", "kind": "Thing"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"things.{group_of(corner)}", "uid": "definition"},
        "spec": {"group": group_of(corner), "scope": "Namespaced", "names": names, "versions": [version]},
    }


def thing(corner: Corner, name: str) -> Body:
    metadata = {"name": name, "namespace": corner.namespace, "uid": f"thing-{name}"}
    return {"apiVersion": f"{group_of(corner)}/v1", "kind": "Thing", "metadata": metadata}


def group_of(corner: Corner) -> str:
    return f"{corner.namespace}.example"


@dataclass(frozen=True)
class Left:
    """Restored by the backup before; this one lacks a type, one object of it that is to be kept and one that is not."""

    corner: Corner
    second: Path

    @classmethod
    def on(cls, corner: Corner) -> Left:
        app, kept_one = corner.config_map("app"), thing(corner, "owned")
        assert failed(corner.restore(corner.backup(2, app, definition(corner), kept_one, thing(corner, "free")))) == []
        owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "app", "uid": corner.config_maps()["app"]}
        edit(corner.target, kept_one, {"metadata": {"ownerReferences": [{**owner, "controller": True}]}})
        return cls(corner, corner.backup(3, app))

    def prune(self, connected: Any) -> Run:
        return self.corner.watch(connected, self.second, **PRUNE)

    def reasons(self, run: Run) -> list[str]:
        return [kept(run).get(self._key(body), "not listed") for body in self.bodies]

    def _key(self, body: Body) -> str:
        namespace = body["metadata"].get("namespace")
        place = f"{namespace}/" if namespace else ""
        return f"{body['kind']}.{body['apiVersion'].partition('/')[0]} {place}{body['metadata']['name']}"

    @property
    def bodies(self) -> list[Body]:
        return [definition(self.corner), thing(self.corner, "owned"), thing(self.corner, "free")]

    def there(self) -> list[bool]:
        return [self.corner.live(body) is not None for body in self.bodies]


def without_custom_types(document: Body) -> Body:
    """As kube-apiserver answers for a moment after its start: 200, and no group of a CustomResourceDefinition."""
    items = [one for one in document["items"] if not one["metadata"].get("name", "").endswith(".example")]
    return {**document, "items": items}


def begins_anew(times: int) -> Callable[[str, str, int], Fault]:
    missing = altered(without_custom_types)
    return lambda _method, path, before: missing if path == "/apis" and before < times else PASS


RIGHT = ["holds", "has_controller", ""]
"""Of the definition, of what is to be kept, of what is not."""


def test_a_type_that_discovery_leaves_out_for_a_moment_is_waited_for(corner):
    left = Left.on(corner)
    with FaultyProxy(corner.target, begins_anew(3)) as proxy:
        run = left.prune(connection(proxy.options))
    assert (left.reasons(run), stops(run), left.there()) == (RIGHT, [], [True, True, False])


def test_a_type_that_discovery_leaves_out_is_unread_with_all_its_objects_and_stops_the_prune(corner, monkeypatch):
    left = Left.on(corner)
    monkeypatch.setattr(context, "checked_discovery", partial(checked_discovery, deadline=0))
    with FaultyProxy(corner.target, begins_anew(NEVER_READY)) as proxy:
        run = left.prune(connection(proxy.options))
    assert (left.reasons(run), stops(run)) == (["holds", "unread", "unread"], ["incomplete"])
    assert group_of(corner) in run.delta.stops[0].detail
    assert left.there() == [True, True, True]
    assert left.reasons(left.prune(watch(corner.target.kubeconfig))) == RIGHT, "nothing was forgotten"


NEVER_READY = 1_000_000
"""Requests; more than any run sends."""

MOMENTS = {
    "before it asks whether it is ready": "/secrets?limit=500&labelSelector=standby.velero%2Fholds%3Dstate",
    "between the two": "/apis/apiregistration.k8s.io/v1/apiservices?limit=500",
    "right before discovery": "/apis",
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS)
def test_a_restart_of_the_api_server_deletes_and_forgets_nothing(corner, moment):
    left = Left.on(corner)
    restarts: list[str] = []

    def restart(method: str, path: str, _body: Any) -> None:
        if method == "GET" and path.endswith(moment) and not restarts:
            restarts.append(path)
            corner.target.stop_apiserver()
            corner.target.start_apiserver(until_it="answers")

    run = left.prune(watch(corner.target.kubeconfig, restart))
    assert len(restarts) == 1
    assert (left.reasons(run), stops(run), failed(run)) == (RIGHT, [], [])
    assert left.there() == [True, True, False]


def test_a_server_that_is_not_ready_is_not_asked_for_its_types(corner):
    """Its own word: not before it has ended does the run look at what is served."""
    app = corner.config_map("app")
    asked: list[str] = []

    def unready(_method: str, path: str, times: int) -> Fault:
        asked.append(path)
        return unready_words(times) if path == "/readyz" else PASS

    with FaultyProxy(corner.target, unready) as proxy:
        corner.watch(connection(proxy.options), corner.backup(2, app))
    assert asked.count("/readyz") >= 3
    assert asked.index("/apis") > max(at for at, path in enumerate(asked) if path == "/readyz")


def unready_words(times: int) -> Fault:
    words = b"[+]ping ok\n[-]poststarthook/crd-informer-synced failed: reason withheld\nreadyz check failed\n"
    return answer(500, words) if times < 2 else PASS


def test_who_may_not_check_the_types_restores_as_before_and_prunes_nothing(corner):
    left = Left.on(corner)
    lists = ("/customresourcedefinitions?limit=500", "/apiservices?limit=500", "/readyz")
    for refused in lists:
        with FaultyProxy(corner.target, lambda _m, path, _t, end=refused: no_if(path.endswith(end))) as proxy:
            run = left.prune(connection(proxy.options))
        assert failed(run) == []
        assert stops(run) == ["discovery_unproven"]
        assert any("docs/rights.md has them" in text for text in run.warnings)
    assert left.there() == [True, True, True]


def no_if(refused: bool) -> Fault:
    return answer(403) if refused else PASS
