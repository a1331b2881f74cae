# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: volumes that lost their claim, and claims whose source is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from cases import Case, case, said_of, under
from controlplane import ControlPlane, wait_for
from scenes import Body, edit, put, remove

SECONDS = 60
VOLUME, CLAIM = "nfs-orders", "orders"


# A released volume


@pytest.fixture
def orders(shared_live_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Case:
    """The volume bound to its claim."""
    found = under(case("released-volume", shared_live_controlplane, tmp_path), number_of(request), VOLUME)
    found.run()
    wait_for("the binding", lambda: bound(found), SECONDS)
    return found


def number_of(request: pytest.FixtureRequest) -> str:
    """A short name of its own for each test."""
    return f"{crc32(request.node.name.encode()):x}"


def volume_name(found: Case) -> str:
    return next(body["metadata"]["name"] for _resource, body in found.objects if body["kind"] == "PersistentVolume")


def volume(found: Case) -> Body:
    return found.get("PersistentVolume", volume_name(found))


def claim(found: Case) -> Body | None:
    return found.get("PersistentVolumeClaim", CLAIM)


def bound(found: Case) -> bool:
    there = claim(found)
    if there is None or there["status"]["phase"] != "Bound":
        return False
    now = volume(found)
    return now["status"]["phase"] == "Bound" and now["spec"]["claimRef"]["uid"] == there["metadata"]["uid"]


def lose_claim(found: Case) -> None:
    """Deletes the claim, and waits until the controller says so of the volume."""
    remove(found.target, claim(found))
    wait_for("the release", lambda: volume(found)["status"]["phase"] == "Released", SECONDS)


def test_a_released_volume_is_bound_to_the_claim_that_comes_again(orders: Case) -> None:
    lose_claim(orders)
    uid, patches = volume(orders)["metadata"]["uid"], []

    def look(method: str, path: str, body: Any) -> None:
        if method == "PATCH" and path.endswith(f"/persistentvolumes/{volume_name(orders)}"):
            patches.append(body)

    planned = orders.run(check=True)
    assert said_of(planned, "PersistentVolume", volume_name(orders)).outcome is Outcome.UPDATED
    second = orders.run(before=look)
    assert said_of(second, "PersistentVolume", volume_name(orders)).outcome is Outcome.UPDATED
    assert said_of(second, "PersistentVolumeClaim", CLAIM).outcome is Outcome.CREATED
    assert [body["spec"] for body in patches] == [{"claimRef": {"uid": "", "resourceVersion": ""}}]
    wait_for("the binding", lambda: bound(orders), SECONDS)
    assert volume(orders)["metadata"]["uid"] == uid
    third = orders.run()
    assert (changed(third.done), in_sync(third.done, False)) == (False, True)


def test_so_it_is_to_one_that_somebody_made_meanwhile(orders: Case) -> None:
    lose_claim(orders)
    body = orders.body("PersistentVolumeClaim", CLAIM)
    metadata = {"name": CLAIM, "namespace": body["metadata"]["namespace"]}
    put(orders.target, {**body, "metadata": metadata, "spec": {**body["spec"], "volumeName": volume_name(orders)}})
    done = orders.run()
    assert said_of(done, "PersistentVolume", volume_name(orders)).outcome is Outcome.UPDATED
    wait_for("the binding", lambda: bound(orders), SECONDS)


def test_a_volume_that_the_binder_gave_to_another_claim_meanwhile_stays_with_it(orders: Case) -> None:
    """The patch is for the volume as it was compared: one that moved since is a conflict, and keeps its claim."""
    lose_claim(orders)
    given = {"spec": {"claimRef": {"uid": "11111111-2222-3333-4444-555555555555"}}}
    touched: list[str] = []

    def touch(method: str, path: str, _body: Any) -> None:
        if method == "PATCH" and path.endswith(f"/persistentvolumes/{volume_name(orders)}") and not touched:
            touched.append(path)
            edit(orders.target, volume(orders), given)

    done = orders.run(before=touch)
    said = said_of(done, "PersistentVolume", volume_name(orders))
    assert touched
    assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.CONFLICT)
    assert "spec.claimRef.uid" in said.message
    assert volume(orders)["spec"]["claimRef"]["uid"] == given["spec"]["claimRef"]["uid"]


def without_its_claim(found: Case) -> None:
    found.objects = [one for one in found.objects if one[1]["kind"] != "PersistentVolumeClaim"]


def for_another_claim(found: Case) -> None:
    found.body("PersistentVolume", volume_name(found))["spec"]["claimRef"]["name"] = "other"


def for_nobody(found: Case) -> None:
    del found.body("PersistentVolume", volume_name(found))["spec"]["claimRef"]


@pytest.mark.parametrize("policy", ["update", "none"])
@pytest.mark.parametrize("change", [without_its_claim, for_another_claim, for_nobody])
def test_any_other_released_volume_is_left_and_named(orders: Case, change: Any, policy: str) -> None:
    lose_claim(orders)
    change(orders)
    before = volume(orders)
    done = orders.run(existing_resource_policy=policy)
    said = said_of(done, "PersistentVolume", volume_name(orders))
    assert (said.outcome, said.reason, said.different) == (Outcome.SKIPPED, Reason.VOLUME_RELEASED, True)
    assert CLAIM in said.message
    assert said.warning == said.message
    after = volume(orders)
    assert (after["spec"], after["metadata"]["labels"]) == (before["spec"], before["metadata"]["labels"])
    assert not in_sync(done.done, False)


def test_under_policy_none_a_volume_that_could_be_bound_again_differs(orders: Case) -> None:
    lose_claim(orders)
    done = orders.run(existing_resource_policy="none")
    said = said_of(done, "PersistentVolume", volume_name(orders))
    assert (said.outcome, said.reason) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
    assert volume(orders)["status"]["phase"] == "Released"


# Claims from a source

SNAPSHOT = {
    "apiVersion": "snapshot.storage.k8s.io/v1",
    "kind": "VolumeSnapshot",
    "metadata": {"name": "velero-root-v787x", "namespace": "vm", "uid": "5a1b"},
    "spec": {"source": {"persistentVolumeClaimName": "root"}},
}
DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: volumesnapshots.snapshot.storage.k8s.io
  annotations: {api-approved.kubernetes.io: "https://github.com/kubernetes-csi/external-snapshotter/pull/814"}
spec:
  group: snapshot.storage.k8s.io
  scope: Namespaced
  names: {plural: volumesnapshots, singular: volumesnapshot, kind: VolumeSnapshot, listKind: VolumeSnapshotList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
SOURCES = ("dataSource", "dataSourceRef")


@pytest.fixture
def root(shared_live_controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Case:
    return under(case("claim-source-missing", shared_live_controlplane, tmp_path), number_of(request))


def source_of(found: Case) -> list[Any]:
    there = found.get("PersistentVolumeClaim", "root")
    return [there["spec"].get(field, {}).get("name") for field in SOURCES]


def snapshot(found: Case) -> Body:
    return {**SNAPSHOT, "metadata": {**SNAPSHOT["metadata"], "namespace": found.space("vm")}}


def test_a_claim_is_created_without_a_source_that_is_gone_and_the_source_is_named(root: Case) -> None:
    root.create_live()
    assert said_of(root.run(check=True), "PersistentVolumeClaim", "root").reason is Reason.SOURCE_MISSING
    first = root.run()
    said = said_of(first, "PersistentVolumeClaim", "root")
    assert (said.outcome, said.reason) == (Outcome.CREATED, Reason.SOURCE_MISSING)
    assert f"VolumeSnapshot.snapshot.storage.k8s.io {root.space('vm')}/velero-root-v787x" in said.warning
    assert source_of(root) == [None, None]
    assert "volumeName" not in root.get("PersistentVolumeClaim", "root")["spec"]
    assert in_sync(first.done, False)
    again = root.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)
    assert said_of(again, "PersistentVolumeClaim", "root").warning == ""


def test_a_source_that_is_restored_stays(root: Case) -> None:
    root.target.apply(DEFINITION)
    root.create_live()
    root.objects.append(("volumesnapshots.snapshot.storage.k8s.io", snapshot(root)))
    said = said_of(root.run(), "PersistentVolumeClaim", "root")
    assert (said.outcome, said.reason) == (Outcome.CREATED, None)
    assert source_of(root) == ["velero-root-v787x"] * 2
    assert not changed(root.run().done)


def test_a_source_that_is_on_the_target_stays(root: Case) -> None:
    root.target.apply(DEFINITION)
    root.create_live()
    put(root.target, snapshot(root))
    assert said_of(root.run(), "PersistentVolumeClaim", "root").reason is None
    assert source_of(root) == ["velero-root-v787x"] * 2


@pytest.mark.parametrize("there", [True, False])
def test_a_claim_that_is_a_clone_keeps_its_source_only_when_that_is_there(root: Case, there: bool) -> None:
    spec = root.body("PersistentVolumeClaim", "root")["spec"]
    spec["dataSource"] = spec["dataSourceRef"] = {"kind": "PersistentVolumeClaim", "name": "golden"}
    root.create_live()
    if there:
        plain = {name: value for name, value in spec.items() if name not in (*SOURCES, "volumeName")}
        metadata = {"name": "golden", "namespace": root.space("vm")}
        put(root.target, {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": plain})
    assert said_of(root.run(), "PersistentVolumeClaim", "root").reason is (None if there else Reason.SOURCE_MISSING)
    assert source_of(root) == (["golden"] * 2 if there else [None, None])


@pytest.mark.parametrize("of_live", [None, "another"])
def test_an_existing_claim_keeps_its_own_source(root: Case, of_live: str | None) -> None:
    root.target.apply(DEFINITION)
    root.create_live()
    put(root.target, snapshot(root))
    body = root.body("PersistentVolumeClaim", "root")
    source = {**body["spec"]["dataSource"], "name": of_live}
    spec = {name: value for name, value in body["spec"].items() if name not in (*SOURCES, "volumeName")}
    metadata = {"name": "root", "namespace": root.space("vm")}
    put(root.target, {**body, "metadata": metadata, "spec": {**spec, **({"dataSource": source} if of_live else {})}})
    first = root.run()
    said = said_of(first, "PersistentVolumeClaim", "root")
    assert (said.outcome, said.reason) == (Outcome.RELABELLED, None)
    assert source_of(root) == [of_live] * 2
    again = root.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)
