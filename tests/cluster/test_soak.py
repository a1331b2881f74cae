# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A live standby comes to rest: controllers, a LimitRange and a mutating admission policy, and the same backup again.

What differs for ever (the target's own values, what admission adds) must not be written for ever.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, counts, in_sync
from ansible_collections.standby.velero.plugins.module_utils._values import RECORD_LABELS
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane, ControlPlaneError, objects_of
from restoring import GOLDEN, by_place, run_restore, views
from scenes import until_admitted

NEVER_ALIKE = {
    ("ValidatingAdmissionPolicy", "", "guard"),
    ("ValidatingAdmissionPolicyBinding", "", "guard"),
    ("RoleBinding", "shop", "reader"),
    ("ConfigMap", "shop", "frozen"),
    ("ConfigMap", "shop", "guarded"),
    ("StatefulSet", "shop", "db"),
    ("Job", "shop", "migrate"),
    ("ServiceAccount", "shop", "robot"),
}
"""Of the drifted standby: the policy that refuses an update, what no update can change, what a merge leaves."""

ADMISSION = """
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: LimitRange
metadata: {name: standby, namespace: shop}
spec: {limits: [{type: Container, default: {memory: 64Mi}, defaultRequest: {cpu: 5m, memory: 32Mi}}]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: stamp}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps, services]}
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments, statefulsets]}
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: >-
        Object{metadata: Object.metadata{labels: {"site": "standby"}, annotations: {"stamped": "yes"}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: history}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration: {expression: "Object{spec: Object.spec{revisionHistoryLimit: 3}}"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: stamp}
spec: {policyName: stamp}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: history}
spec: {policyName: history}
"""
"""The target's own admission, all of which a backup of production knows nothing about."""

PROBES = """
{apiVersion: v1, kind: ConfigMap, metadata: {name: probe, namespace: default}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: probe, namespace: default}
spec:
  selector: {matchLabels: {app: probe}}
  template: {metadata: {labels: {app: probe}}, spec: {containers: [{name: probe, image: "probe:1"}]}}
---
{apiVersion: v1, kind: Pod, metadata: {name: probe, namespace: shop}, spec: {containers: [{name: c, image: "c:1"}]}}
"""
MERGE_PATCH = "application/merge-patch+json"
WEB = "/apis/apps/v1/namespaces/shop/deployments/web"
"""Differs from the backup for ever: admission keeps values of its own."""

LEASES_AND_EVENTS = ("leases", "events")
"""What controllers renew and note all the time; every other type has to rest."""

QUIET_SECONDS = 2
REST_SECONDS = 60

Versions = dict[tuple[str, str, str], str]
"""(resource, namespace, name) -> resourceVersion"""


class Soaked(NamedTuple):
    """A run, and what it moved on the target until the controllers were at rest again."""

    run: Run
    moved: set[tuple[str, str, str]]


Soak = tuple[Soaked, ...]


@pytest.fixture(scope="module")
def standby(live_controlplane: ControlPlane) -> ControlPlane:
    """The drifted standby, with its own admission, at rest."""
    live_controlplane.apply(ADMISSION)
    wait_for_admission(live_controlplane)
    for body in objects_of((GOLDEN / "standby.yaml").read_text()):
        meta = body["metadata"]
        if (body["kind"], meta.get("namespace", ""), meta["name"]) not in NEVER_ALIKE:
            live_controlplane.apply(yaml.safe_dump(body))
    at_rest(live_controlplane)
    return live_controlplane


@pytest.fixture(scope="module")
def restored(standby: ControlPlane) -> Soak:
    """The three runs of one restore; in between the controllers come to rest."""
    runs, before = [], at_rest(standby)
    for _number in range(3):
        run = run_restore(standby.kubeconfig, existing_resource_policy="update")
        after = at_rest(standby)
        runs.append(Soaked(run, moved(before, after)))
        before = after
    return tuple(runs)


def test_the_first_run_brings_a_live_standby_in_sync(restored: Soak) -> None:
    first = restored[0].run
    assert troubles(first) == {}
    assert (changed(first.done), in_sync(first.done, False)) == (True, True)
    assert ("deployments", "shop", "web") in restored[0].moved


@pytest.mark.parametrize("number", [1, 2])
def test_the_same_restore_again_moves_no_object_of_any_type(restored: Soak, number: int) -> None:
    run = restored[number].run
    assert restored[number].moved == set()
    assert troubles(run) == {}
    assert {name: count for name, count in counts(run.done).items() if count}.keys() == {
        "total",
        "unchanged",
        "skipped",
    }
    assert (changed(run.done), in_sync(run.done, False)) == (False, True)


def test_what_another_manager_wrote_since_makes_no_write_of_ours(standby: ControlPlane, restored: Soak) -> None:
    assert restored
    time.sleep(1.1)  # managedFields are sorted by second: our entry must be the older one
    hold = {"metadata": {"finalizers": [f"example.org/hold-{time.time_ns()}"]}}  # which belong to the target
    assert standby.api("PATCH", f"{WEB}?fieldManager=operator", hold, MERGE_PATCH)[0] == 200
    time.sleep(1.1)
    before = at_rest(standby)
    run = run_restore(standby.kubeconfig, existing_resource_policy="update")
    assert not changed(run.done)
    assert moved(before, at_rest(standby)) == set()


def test_controllers_were_at_work_meanwhile(standby: ControlPlane, restored: Soak) -> None:
    assert restored
    shop = "/api/v1/namespaces/shop"
    claim = standby.api("GET", "/api/v1/namespaces/billing/persistentvolumeclaims/ledger")[1]
    token = standby.api("GET", f"{shop}/secrets/robot-token")[1]
    sets = standby.api("GET", "/apis/apps/v1/namespaces/shop/replicasets")[1]["items"]
    slices = standby.api("GET", "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices")[1]["items"]
    assert claim["status"]["phase"] == "Bound"
    assert token["data"].keys() >= {"token", "ca.crt"}
    assert all(found["metadata"]["ownerReferences"] for found in sets)
    assert slices
    assert standby.api("GET", f"{shop}/configmaps/kube-root-ca.crt")[0] == 200


def test_no_pod_of_production_s_is_made_beside_those_of_a_workload_that_stood(
    standby: ControlPlane, restored: Soak
) -> None:
    there = {pod["metadata"]["name"] for pod in standby.api("GET", "/api/v1/namespaces/shop/pods")[1]["items"]}
    assert len([name for name in there if name.startswith("web-")]) > 1
    for soaked in restored:
        found = {place[2]: view for place, view in by_place(soaked.run).items() if place[:2] == ("Pod", "shop")}
        pods = {name: view for name, view in found.items() if name.startswith("web-")}
        assert {(view.outcome, view.reason) for view in pods.values()} == {(Outcome.SKIPPED, Reason.HAS_CONTROLLER)}
        assert not there & pods.keys()


def test_what_admission_adds_is_kept_and_listed(restored: Soak) -> None:
    found = by_place(restored[2].run)
    kept = {place for place, result in found.items() if result.reason is Reason.EQUAL_AFTER_ADMISSION}
    assert {("ConfigMap", "shop", "app-config"), ("Service", "shop", "web"), ("Deployment", "shop", "web")} <= kept
    assert {kind for kind, _namespace, _name in kept} == {"ConfigMap", "Service", "Deployment", "StatefulSet"}


@pytest.mark.parametrize(
    "options",
    [
        {"existing_resource_policy": "none"},
        {"existing_resource_policy": "update", "label_unchanged": False, "restore_name": "again-1"},
        {"existing_resource_policy": "update", "label_unchanged": False, "restore_name": "again-2"},
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_no_other_restore_of_it_writes_either(
    standby: ControlPlane, restored: Soak, options: dict[str, Any], check: bool
) -> None:
    assert restored
    before = versions(standby)
    run = run_restore(standby.kubeconfig, check=check, **options)
    assert troubles(run) == {}
    assert (changed(run.done), in_sync(run.done, check)) == (False, True)
    assert moved(before, versions(standby)) == set()


def test_a_new_name_relabels_once(standby: ControlPlane, restored: Soak) -> None:
    assert restored
    options = {"existing_resource_policy": "update", "restore_name": "again-3"}
    first = run_restore(standby.kubeconfig, **options)
    said = {result.outcome for result in views(first)}
    assert said == {Outcome.RELABELLED, Outcome.UNCHANGED, Outcome.SKIPPED}
    before = at_rest(standby)
    second = run_restore(standby.kubeconfig, **options)
    assert not changed(second.done)
    assert moved(before, at_rest(standby)) == set()


# The cluster


def wait_for_admission(target: ControlPlane) -> None:
    """Each policy is in force a moment after it is stored, the LimitRange too, so a probe tells of each."""
    labelled, historic, limited = objects_of(PROBES)
    until_admitted(target, "the stamp", labelled, lambda body: "site" in body["metadata"].get("labels", {}))
    until_admitted(target, "the history", historic, lambda body: body.get("spec", {}).get("revisionHistoryLimit") == 3)
    until_admitted(target, "the limits", limited, lambda body: "limits" in str(body.get("spec", {}).get("containers")))


def at_rest(target: ControlPlane) -> Versions:
    """Every object once nothing has moved for a while since the autoscaler was done; asked of it before each look."""
    deadline = time.monotonic() + REST_SECONDS
    before, since = versions(target), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        if time.monotonic() > deadline:
            raise ControlPlaneError("the controllers do not come to rest")
        time.sleep(0.5)
        done = scaled(target)
        now = versions(target)
        if not done or moved(before, now):
            before, since = now, time.monotonic()
    return before


def scaled(target: ControlPlane) -> bool:
    """Whether the autoscaler, which looks around now and then, has seen how many Pods its Deployment wants now."""
    path = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web"
    seen = target.api("GET", path)[1]["status"].get("currentReplicas")
    return bool(seen == target.api("GET", WEB)[1]["spec"]["replicas"])


def moved(before: Versions, after: Versions) -> set[tuple[str, str, str]]:
    return {place for place, _version in before.items() ^ after.items()}


def versions(target: ControlPlane) -> Versions:
    """Of every object of every type that can be listed, but for the records that runs leave of themselves."""
    return dict(listed(target))


def listed(target: ControlPlane) -> Iterator[tuple[tuple[str, str, str], str]]:
    groups = target.api("GET", "/apis")[1]["groups"]
    roots = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]
    for root in roots:
        for kind in target.api("GET", root)[1]["resources"]:
            if "list" in kind.get("verbs", ()) and kind["name"] not in LEASES_AND_EVENTS:
                for meta in metadata_of(target, f"{root}/{kind['name']}"):
                    if not RECORD_LABELS.items() <= meta.get("labels", {}).items():
                        version = meta.get("resourceVersion", "")  # a ComponentStatus has none
                        yield (kind["name"], meta.get("namespace", ""), meta["name"]), version


def metadata_of(target: ControlPlane, path: str) -> list[dict[str, Any]]:
    """Of a type that is not served yet (429 after its definition came), once it is."""
    deadline = time.monotonic() + REST_SECONDS
    status, answer = target.api("GET", path)
    while status != 200:
        if time.monotonic() > deadline:
            raise ControlPlaneError(f"{path} cannot be listed: {status}")
        time.sleep(0.1)
        status, answer = target.api("GET", path)
    return [item["metadata"] for item in answer["items"]]


def troubles(run: Run) -> dict[str, str]:
    """Objects that failed, with the message."""
    return {str(result.key): result.message for result in views(run) if result.outcome is Outcome.FAILED}
