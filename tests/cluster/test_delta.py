# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What production no longer has: told, tried and removed on a real API server, and what the target remembers of it.

The two recorded backups are an hour apart; in between ConfigMap shop/same, Ingress shop/web and Region north were
deleted.
"""

from __future__ import annotations

import gzip
import json
import tarfile
from base64 import b64decode
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from controlplane import ControlPlane
from nightly import Corner, deleted, failed, kept, stale, stops
from restoring import BACKUP_02, BACKUP_03, run_restore, views
from scenes import config_map, drift, edit, live, put, run, settled, versions, watch

STATE = "standby-velero"
GONE = ["ConfigMap shop/same", "Region.example.org north", "Ingress.networking.k8s.io shop/web"]
REVERSED = ["Region.example.org north", "Ingress.networking.k8s.io shop/web", "ConfigMap shop/same"]
IN_THE_WAY = (
    ("ConfigMap", "v1", "frozen"),
    ("Job", "batch/v1", "migrate"),
    ("RoleBinding", "rbac.authorization.k8s.io/v1", "reader"),
    ("StatefulSet", "apps/v1", "db"),
)
"""In namespace shop of the drifted standby: what policy update cannot make equal."""


class Night(NamedTuple):
    """What happened on one standby, and its versions around the runs that may store nothing."""

    first: Run
    reported: Run
    tried: Run
    before_trial: dict[str, str]
    after_trial: dict[str, str]
    pruned: Run
    left: set[str]
    again: Run
    writes_again: list[tuple[str, str]]
    inventory: list[str]
    """Texts of the Secrets of the inventory, unzipped."""
    lease: str


@pytest.fixture(scope="module", params=["empty", "drifted"])
def night(request: pytest.FixtureRequest) -> Iterator[Night]:
    with ControlPlane() as target:
        if request.param == "drifted":
            drift_and_clear(target)
        yield live_through(target)


def drift_and_clear(target: ControlPlane) -> None:
    """The standby of the recordings, without what stops a prune: that has a test of its own."""
    drift(target, guarded=False)
    for kind, api_version, name in IN_THE_WAY:
        body = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}}
        path = f"{target.path_of(body)}?propagationPolicy=Background"  # a Job's own default is Orphan
        assert target.api("DELETE", path)[0] == 200


def live_through(target: ControlPlane) -> Night:
    how = {"existing_resource_policy": "update"}
    first = run_restore(target.kubeconfig, BACKUP_02, **how)
    reported = run_restore(target.kubeconfig, BACKUP_03, delta="report", **how)
    before = settled(target)
    lease = lease_of(target)
    tried = run_restore(target.kubeconfig, BACKUP_03, delta="prune", check=True, **how)
    after = versions(target)
    assert lease_of(target) == lease, "check mode took the lock"
    pruned = run_restore(target.kubeconfig, BACKUP_03, delta="prune", **how)
    left = set(versions(target))
    watched = watch(target.kubeconfig)
    again = run(watched, BACKUP_03, backup_name=None, restore_name=None, delta="prune")
    return Night(
        first, reported, tried, before, after, pruned, left, again, watched.all_writes, texts(target), lease_of(target)
    )


OWN = ("/apis/coordination.k8s.io/", "/apis/velero.io/")
"""The lock, and by what Velero shows the run."""


def lease_of(target: ControlPlane) -> str:
    status, lease = target.api("GET", f"/apis/coordination.k8s.io/v1/namespaces/{STATE}/leases/restore")
    assert status == 200, lease
    return lease["metadata"]["resourceVersion"]


def texts(target: ControlPlane) -> list[str]:
    selector = "labelSelector=standby.velero/holds!=key"  # which is no gzip data
    _status, answer = target.api("GET", f"/api/v1/namespaces/{STATE}/secrets?{selector}")
    found = (secret["data"] for secret in answer["items"])
    return [gzip.decompress(b64decode(value)).decode() for data in found if "state" in data for value in data.values()]


# The recorded backups


def test_the_backup_of_02_is_restored_and_nothing_is_said_of_a_delta_that_nobody_asked_for(night):
    assert failed(night.first) == []
    assert night.first.delta is None


def test_the_delta_is_reported_and_nothing_is_deleted(night):
    assert stale(night.reported) == GONE
    assert stops(night.reported) == []
    assert set(kept(night.reported).values()) == {""}
    assert deleted(night.reported) == []
    assert night.reported.delta.plan.previous == "hourly-20261124020000"
    assert night.reported.warnings == ()


def test_check_mode_shows_what_a_prune_deletes_and_stores_nothing(night):
    """The query's dryRun is not looked at when a DELETE has a body: once, this really deleted."""
    assert deleted(night.tried) == REVERSED
    assert changed(night.tried.done)
    assert night.after_trial == night.before_trial


def test_a_prune_deletes_exactly_what_production_no_longer_has(night):
    assert stale(night.pruned) == GONE
    assert deleted(night.pruned) == REVERSED
    assert failed(night.pruned) == []
    assert len(night.before_trial.keys() - night.left) == len(GONE) + 1, (
        "all else stands, but for a shard of the inventory"
    )


def test_another_run_writes_nothing_but_its_lock_and_has_no_delta(night):
    assert [request for request in night.writes_again if not request[1].startswith(OWN)] == []
    assert stale(night.again) == []
    assert stops(night.again) == []
    assert not changed(night.again.done)


def test_the_inventory_holds_no_values_of_objects(night):
    text = "".join(night.inventory)
    assert len(night.inventory) == 2, "a head and a shard"
    assert "hourly-20261124030000" in text
    values = {value for value in values_of_secrets() if len(value) > len("password")}
    assert len(values) > 3
    assert {value for value in values if value in text} == set()


def values_of_secrets() -> Iterator[str]:
    """Of the backup's Secrets, encoded and plain."""
    with tarfile.open(BACKUP_02) as archive:
        names = [name for name in archive.getnames() if name.startswith("resources/secrets/namespaces/")]
        bodies = [json.load(archive.extractfile(name)) for name in names]
    for value in (value for body in bodies for value in (body.get("data") or {}).values()):
        yield value
        yield b64decode(value).decode(errors="replace")


# What stops it on the drifted standby


def test_objects_that_cannot_be_patched_keep_the_delta_from_being_pruned(controlplane):
    drift(controlplane)
    how = {"existing_resource_policy": "update"}
    assert len(failed(run_restore(controlplane.kubeconfig, BACKUP_02, **how))) >= 4
    pruned = run_restore(controlplane.kubeconfig, BACKUP_03, delta="prune", **how)
    assert stale(pruned) == GONE
    assert stops(pruned) == ["objects_failed"]
    assert deleted(pruned) == []
    assert [text for text in pruned.warnings if text.startswith("nothing was pruned: objects failed in this run")]
    assert live(controlplane, config_map("same", {}))


# The inventory


def test_check_mode_makes_neither_inventory_nor_lock_nor_their_namespace(corner):
    tried = corner.restore(corner.backup(2, corner.config_map("app")), check=True, delta="prune")
    assert corner.target.api("GET", f"/api/v1/namespaces/{corner.state_namespace}")[0] == 404
    assert corner.target.api("GET", f"/api/v1/namespaces/{corner.namespace}")[0] == 404
    assert {result.outcome for result in views(tried)} == {Outcome.CREATED, Outcome.SKIPPED}


def test_an_inventory_knows_each_object_by_the_uid_it_has_on_the_target(corner):
    corner.restore(corner.backup(2, corner.config_map("app"), corner.config_map("web")))
    space = corner.target.api("GET", f"/api/v1/namespaces/{corner.namespace}")[1]
    assert corner.recorded() == {
        f"Namespace {corner.namespace}": space["metadata"]["uid"],
        **{f"ConfigMap {corner.namespace}/{name}": uid for name, uid in corner.config_maps().items()},
    }


def test_a_newer_backup_with_the_same_objects_moves_them_all_to_itself(corner):
    corner.restore(corner.backup(2, corner.config_map("app")))
    before = corner.recorded()
    again = corner.restore(corner.backup(3, corner.config_map("app")), delta="prune")
    assert corner.recorded() == before
    assert again.delta.plan.previous == "nightly-02"
    assert stale(again) == []


def test_what_others_made_is_in_no_inventory(corner):
    """Equal to the backup's and never labelled by a restore: it may be anybody's."""
    mine = corner.config_map("mine")
    corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.namespace}}}}}")
    put(corner.target, mine)
    corner.restore(corner.backup(2, mine, corner.config_map("app")), label_unchanged=False)
    assert list(corner.recorded()) == [f"ConfigMap {corner.namespace}/app"]
    assert stale(corner.restore(corner.backup(3, corner.config_map("app")), delta="prune")) == []
    assert corner.live(mine)


def test_what_a_restore_took_over_is_in_the_inventory(corner):
    """Another object of the name stood there: policy update made it the backup's."""
    mine = corner.config_map("mine")
    corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.namespace}}}}}")
    put(corner.target, {**mine, "data": {"of": "somebody"}})
    corner.restore(corner.backup(2, mine, corner.config_map("app")))
    pruned = corner.restore(corner.backup(3, corner.config_map("app")), delta="prune")
    assert deleted(pruned) == [f"ConfigMap {corner.namespace}/mine"]


def test_policy_none_records_nothing_of_what_it_left_alone(corner):
    mine = corner.config_map("mine")
    corner.target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {corner.namespace}}}}}")
    put(corner.target, {**mine, "data": {"of": "somebody"}})
    corner.restore(corner.backup(2, mine, corner.config_map("app")), existing_resource_policy="none")
    pruned = corner.restore(corner.backup(3, corner.config_map("app")), existing_resource_policy="none", delta="prune")
    assert stale(pruned) == []
    assert corner.live(mine)


# Without an inventory


def test_an_earlier_backup_serves_where_there_is_no_inventory_and_its_label_has_to_prove_who_made_an_object(corner):
    app, gone, bare = corner.config_map("app"), corner.config_map("gone"), corner.config_map("bare")
    first = corner.backup(2, app, gone, bare)
    corner.restore(first)
    forget(corner)
    edit(corner.target, bare, {"metadata": {"labels": None}})
    pruned = corner.restore(corner.backup(3, app), delta="prune", previous_backup_file=str(first))
    place = f"ConfigMap {corner.namespace}"
    assert kept(pruned) == {f"{place}/bare": "not_labelled", f"{place}/gone": ""}
    assert deleted(pruned) == [f"{place}/gone"]
    assert pruned.delta.plan.previous == "nightly-02"
    assert sorted(corner.config_maps()) == ["app", "bare"]


def test_without_inventory_and_earlier_backup_nothing_is_known_to_be_stale(corner):
    app = corner.config_map("app")
    corner.restore(corner.backup(2, app, corner.config_map("gone")))
    forget(corner)
    pruned = corner.restore(corner.backup(3, app), delta="prune")
    assert stops(pruned) == ["no_previous"]
    assert stale(pruned) == []
    assert sorted(corner.config_maps()) == ["app", "gone"]


def test_a_copy_in_another_namespace_is_kept_where_no_inventory_tells_the_mapping(corner):
    """Restored with a mapping that this run does not have: the backup has the object, under another namespace."""
    app, other = corner.config_map("app"), corner.config_map("other")
    moved = {**app, "metadata": {**app["metadata"], "namespace": f"{corner.namespace}-2", "uid": "another"}}
    first = corner.backup(2, app, other)
    corner.restore(first)
    forget(corner)
    pruned = corner.restore(corner.backup(3, moved, other), delta="prune", previous_backup_file=str(first))
    assert kept(pruned) == {f"ConfigMap {corner.namespace}/app": "doubtful"}
    assert deleted(pruned) == []


def forget(corner: Corner) -> None:
    """The inventory goes, as when somebody deletes its Secrets."""
    assert corner.target.api("DELETE", f"/api/v1/namespaces/{corner.state_namespace}/secrets")[0] == 200
    assert corner.recorded() == {}
