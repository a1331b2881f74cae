# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: what belongs to an owner on the target, and is its controller's to make."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from cases import Case, case, said_of, under
from controlplane import ControlPlane, objects_of, wait_for
from scenes import Body

SECONDS = 30


def add(found: Case, resource: str, text: str) -> Body:
    """One more object of the backup, in the case's namespace where it says `shop`."""
    (body,) = objects_of(text)
    space = {"namespace": found.space(body["metadata"]["namespace"])} if "namespace" in body["metadata"] else {}
    metadata = {**body["metadata"], **space}
    body = complete(resource, metadata.get("namespace", ""), metadata["name"], {**body, "metadata": metadata})
    found.objects.append((resource, body))
    return body


def owned(kind: str, owner: Body) -> Body:
    """The reference to the owner that controls an object."""
    metadata = owner["metadata"]
    return {"apiVersion": kind, "kind": owner["kind"], "name": metadata["name"], "uid": metadata["uid"]} | {
        "controller": True
    }


def names(target: ControlPlane, root: str, namespace: str, plural: str) -> set[str]:
    return {one["metadata"]["name"] for one in listed(target, root, namespace, plural)}


def listed(target: ControlPlane, root: str, namespace: str, plural: str) -> list[Body]:
    status, answer = target.api("GET", f"{root}/namespaces/{namespace}/{plural}")
    assert status == 200, answer
    return list(answer["items"])


def controllers(body: Body | None) -> list[str]:
    owners = (body or {"metadata": {}})["metadata"].get("ownerReferences", [])
    return [owner["uid"] for owner in owners if owner.get("controller")]


def left_alone(found: Case) -> None:
    """A second run finds nothing to do."""
    again = found.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


# Known by UID


def test_a_claim_of_an_ephemeral_volume_is_made_for_its_pod(
    shared_live_controlplane: ControlPlane, tmp_path: Path
) -> None:
    found = case("ephemeral-volume-claim", shared_live_controlplane, tmp_path)
    found.create_live()
    first = found.run()
    claim = said_of(first, "PersistentVolumeClaim", "scratch-tmp")
    assert (claim.outcome, claim.reason) == (Outcome.SKIPPED, Reason.CONTROLLER_GENERATED)
    pod = found.get("Pod", "scratch")
    uid = pod["metadata"]["uid"]
    wait_for("the claim", lambda: controllers(found.get("PersistentVolumeClaim", "scratch-tmp")) == [uid], SECONDS)
    events = listed(found.target, "/api/v1", found.space("shop"), "events")
    assert not [event for event in events if event["reason"] == "FailedBinding" and "not created" in event["message"]]
    left_alone(found)


TEMPLATE = """
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: {name: gpu, namespace: shop}
spec: {spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.org}}]}}}
"""
RESOURCE_CLAIM = """
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: {name: scratch-gpu-x7k2p, namespace: shop, annotations: {resource.kubernetes.io/pod-claim-name: gpu}}
spec: {devices: {requests: [{name: gpu, exactly: {deviceClassName: gpu.example.org}}]}}
"""


def test_a_resource_claim_is_made_for_its_pod(shared_live_controlplane: ControlPlane, tmp_path: Path) -> None:
    found = under(case("ephemeral-volume-claim", shared_live_controlplane, tmp_path), "resource-claim")
    space = found.space("shop")
    pod = found.body("Pod", "scratch")
    pod["spec"].pop("volumes")
    pod["spec"]["resourceClaims"] = [{"name": "gpu", "resourceClaimTemplateName": "gpu"}]
    found.objects = [one for one in found.objects if one[1]["kind"] in ("Namespace", "Pod", "ServiceAccount")]
    add(found, "resourceclaimtemplates.resource.k8s.io", TEMPLATE)
    claim = add(found, "resourceclaims.resource.k8s.io", RESOURCE_CLAIM)
    claim["metadata"]["ownerReferences"] = [owned("v1", pod)]
    first = found.run()
    assert said_of(first, "ResourceClaim", "scratch-gpu-x7k2p").reason is Reason.CONTROLLER_GENERATED
    uid = found.get("Pod", "scratch")["metadata"]["uid"]

    def claims() -> list[list[str]]:
        return [controllers(one) for one in listed(found.target, "/apis/resource.k8s.io/v1", space, "resourceclaims")]

    wait_for("the claim", lambda: claims() == [[uid]], SECONDS)
    left_alone(found)


CRON_JOB = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: night, namespace: shop}
spec:
  schedule: "0 3 1 1 *"
  jobTemplate:
    spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, image: "night:1"}]}}}
"""
JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  namespace: shop
  labels: {job-name: migrate, controller-uid: p, batch.kubernetes.io/controller-uid: p}
spec:
  selector: {matchLabels: {batch.kubernetes.io/controller-uid: p}}
  template:
    metadata: {labels: {controller-uid: p, job-name: migrate, batch.kubernetes.io/controller-uid: p}}
    spec: {restartPolicy: Never, containers: [{name: main, image: "migrate:1"}]}
status: {active: 1, startTime: "2026-03-01T08:00:00Z"}
"""


def job_and_pod(found: Case, name: str) -> tuple[Body, Body]:
    """A running Job and its Pod."""
    job = add(found, "jobs.batch", JOB.replace("migrate", name))
    pod = add(
        found,
        "pods",
        f"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {name}-x7k2p
          namespace: shop
          finalizers: [batch.kubernetes.io/job-tracking]
          labels: {{controller-uid: p, job-name: {name}, batch.kubernetes.io/controller-uid: p}}
        spec: {{restartPolicy: Never, automountServiceAccountToken: false, containers: [{{name: m, image: "m:1"}}]}}
        status: {{phase: Running}}
        """,
    )
    pod["metadata"]["ownerReferences"] = [owned("batch/v1", job)]
    return job, pod


def test_a_job_and_a_cronjob_have_children_of_their_own(shared_live_controlplane: ControlPlane, tmp_path: Path) -> None:
    found = under(case("ephemeral-containers", shared_live_controlplane, tmp_path), "jobs")
    space = found.space("shop")
    found.objects = [one for one in found.objects if one[1]["kind"] in ("Namespace", "ServiceAccount")]
    cron_job = add(found, "cronjobs.batch", CRON_JOB)
    nights, _pod = job_and_pod(found, "night-29000000")
    nights["metadata"]["ownerReferences"] = [owned("batch/v1", cron_job)]
    job_and_pod(found, "migrate")
    first = found.run()
    for kind, name in (("Job", "night-29000000"), ("Pod", "night-29000000-x7k2p"), ("Pod", "migrate-x7k2p")):
        said = said_of(first, kind, name)
        assert (said.outcome, said.reason) == (Outcome.SKIPPED, Reason.HAS_CONTROLLER)
    wait_for("the Job's Pod", lambda: len(names(found.target, "/api/v1", space, "pods")) == 1, SECONDS)
    assert names(found.target, "/apis/batch/v1", space, "jobs") == {"migrate"}
    (pod,) = listed(found.target, "/api/v1", space, "pods")
    assert controllers(pod) == [found.get("Job", "migrate")["metadata"]["uid"]]
    assert pod["metadata"]["name"] != "migrate-x7k2p"
    left_alone(found)
    assert names(found.target, "/api/v1", space, "pods") == {pod["metadata"]["name"]}


SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: legacy, namespace: shop}
spec: {clusterIP: None, clusterIPs: [None], type: ClusterIP, ports: [{port: 80, protocol: TCP, targetPort: 80}]}
"""
ENDPOINTS = """
apiVersion: v1
kind: Endpoints
metadata: {name: legacy, namespace: shop}
subsets: [{addresses: [{ip: 192.0.2.7}], ports: [{port: 80, protocol: TCP}]}]
"""
SLICE = """
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: legacy-x7k2p
  namespace: shop
  labels:
    kubernetes.io/service-name: legacy
    endpointslice.kubernetes.io/managed-by: endpointslicemirroring-controller.k8s.io
addressType: IPv4
endpoints: [{addresses: [192.0.2.7]}]
ports: [{port: 80, protocol: TCP}]
"""


def test_mirrored_slices_are_the_mirror_controller_s(shared_live_controlplane: ControlPlane, tmp_path: Path) -> None:
    found = under(case("ephemeral-containers", shared_live_controlplane, tmp_path), "mirrored")
    space = found.space("shop")
    found.objects = [one for one in found.objects if one[1]["kind"] in ("Namespace", "ServiceAccount")]
    add(found, "services", SERVICE.replace("[None]", '["None"]').replace("clusterIP: None", 'clusterIP: "None"'))
    endpoints = add(found, "endpoints", ENDPOINTS)
    mirrored = add(found, "endpointslices.discovery.k8s.io", SLICE)
    mirrored["metadata"]["ownerReferences"] = [owned("v1", endpoints)]
    first = found.run()
    assert said_of(first, "EndpointSlice", "legacy-x7k2p").reason is Reason.CONTROLLER_GENERATED
    root = "/apis/discovery.k8s.io/v1"
    wait_for("the mirrored slice", lambda: bool(names(found.target, root, space, "endpointslices")), SECONDS)
    (made,) = listed(found.target, root, space, "endpointslices")
    assert made["metadata"]["name"] != "legacy-x7k2p"
    assert [one["addresses"] for one in made["endpoints"]] == [["192.0.2.7"]]
    left_alone(found)


# A workload that stood before the run

OPTIONS: dict[str, Body] = {
    "none": {"existing_resource_policy": "none"},
    "without labels": {"existing_resource_policy": "update", "label_unchanged": False},
    "update": {"existing_resource_policy": "update"},
    "without ReplicaSets": {"existing_resource_policy": "none", "excluded_resources": ["replicasets.apps"]},
}


def pods(found: Case) -> set[str]:
    return names(found.target, "/api/v1", found.space("shop"), "pods")


@pytest.mark.parametrize("way", OPTIONS)
def test_a_workload_that_stood_before_keeps_its_own_pods(
    shared_live_controlplane: ControlPlane, tmp_path: Path, way: str
) -> None:
    name = f"stood-{way.replace(' ', '-').lower()}"
    found = under(case("children-under-none", shared_live_controlplane, tmp_path), name)
    found.create_live()
    wait_for("two Pods", lambda: len(pods(found)) == 2, SECONDS)
    before = pods(found)
    for _time in range(2):
        done = found.run(**OPTIONS[way])
        for name in ("web-aaaaa", "web-bbbbb"):
            said = said_of(done, "Pod", name)
            assert (said.outcome, said.reason) == (Outcome.SKIPPED, Reason.HAS_CONTROLLER)
        assert pods(found) == before
    assert (changed(done.done), in_sync(done.done, False)) == (False, True)


def test_on_an_empty_target_its_pods_come_with_it_and_never_again(
    shared_live_controlplane: ControlPlane, tmp_path: Path
) -> None:
    found = case("children-under-none", shared_live_controlplane, tmp_path)
    space = found.space("shop")
    first = found.run()
    assert {said_of(first, "Pod", name).outcome for name in ("web-aaaaa", "web-bbbbb")} == {Outcome.CREATED}
    uid = found.get("ReplicaSet", "web")["metadata"]["uid"]
    wait_for(
        "the adoption",
        lambda: [controllers(one) for one in listed(found.target, "/api/v1", space, "pods")] == [[uid]] * 2,
        SECONDS,
    )
    left_alone(found)
    gone = found.get("Pod", "web-aaaaa")
    assert found.target.api("DELETE", f"{found.target.path_of(gone)}?gracePeriodSeconds=0")[0] == 200
    wait_for("another Pod", lambda: len(pods(found)) == 2 and "web-aaaaa" not in pods(found), SECONDS)
    before = pods(found)
    left_alone(found)
    assert pods(found) == before


@pytest.mark.parametrize("killed_at", ["web-bbbbb", "web"])
def test_a_first_run_that_was_killed_is_made_good(
    shared_live_controlplane: ControlPlane, tmp_path: Path, killed_at: str
) -> None:
    """Before a Pod: the next run makes what is missing. Before the ReplicaSet: it adopts what stands."""
    found = under(case("children-under-none", shared_live_controlplane, tmp_path), f"killed-at-{killed_at}")

    killed = threading.Event()

    def kill(method: str, path: str, body: Any) -> None:
        """Nothing is sent any more; but the lock is let go, for which the next run would only wait."""
        if method == "POST" and isinstance(body, dict) and body.get("metadata", {}).get("name") == killed_at:
            killed.set()
        if killed.is_set() and "/leases" not in path:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        found.run(before=kill, concurrency=1)
    second = found.run()
    assert in_sync(second.done, False)
    uid = found.get("ReplicaSet", "web")["metadata"]["uid"]
    space = found.space("shop")
    wait_for(
        "two Pods",
        lambda: [controllers(one) for one in listed(found.target, "/api/v1", space, "pods")] == [[uid]] * 2,
        SECONDS,
    )
    assert pods(found) == {"web-aaaaa", "web-bbbbb"}
    left_alone(found)
