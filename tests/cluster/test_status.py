# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status of objects, restored when it is asked for: of those that are created and of those that exist."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane, objects_of, wait_for
from restoring import views
from scenes import Body, as_stored, backup_of, live, only, run, version_of, watch

WIDGETS = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

OBJECTS = """
apiVersion: example.org/v1
kind: Widget
metadata: {name: gear, namespace: shop}
spec: {size: 3}
status: {phase: Ready, observed: 7}
---
apiVersion: v1
kind: Pod
metadata: {name: lonely, namespace: shop}
spec: {containers: [{name: c, image: "c:1"}]}
status:
  phase: Running
  podIP: 10.1.2.3
  podIPs: [{ip: 10.1.2.3}]
  conditions: [{type: Ready, status: "True"}]
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop}
spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: c, image: "c:1"}]}}}
status: {conditions: [{type: Suspended, status: "True"}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: "app:1"}]}}
status: {observedGeneration: 4, replicas: 3, readyReplicas: 2, updatedReplicas: 3}
"""
ALL_STATUS = {"restore_status": {"included_resources": [], "excluded_resources": []}}
SHOWN = {
    "Widget": {"phase": "Ready", "observed": 7},
    "Pod": {"phase": "Running", "podIP": "10.1.2.3"},
    "Job": {"conditions": [{"type": "Suspended", "status": "True"}]},
    "Deployment": {"observedGeneration": 4, "replicas": 3, "readyReplicas": 2, "updatedReplicas": 3},
}
"""What is looked at, for the server adds fields of its own (null times in conditions, a QoS class)."""


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    controlplane.apply("{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop}}")
    controlplane.apply(WIDGETS)
    wait_for("the type", lambda: controlplane.api("GET", "/apis/example.org/v1/namespaces/shop/widgets")[0] == 200)
    return controlplane


@pytest.fixture(params=["Widget", "Pod", "Job", "Deployment"])
def body(target: ControlPlane, request: pytest.FixtureRequest) -> Body:
    """An object as a backup has it, its status included; not on the target."""
    return of_kind(target, request.param)


@pytest.fixture
def widget(target: ControlPlane) -> Body:
    return of_kind(target, "Widget")


def of_kind(target: ControlPlane, kind: str) -> Body:
    (given,) = (one for one in objects_of(OBJECTS) if one["kind"] == kind)
    path = target.path_of(given)
    target.api("DELETE", f"{path}?gracePeriodSeconds=0&propagationPolicy=Background")
    return {**as_stored(target, given), "status": given["status"]}


def status_of(target: ControlPlane, body: Body) -> Body:
    found = live(target, body)
    status = (found or {}).get("status") or {}
    shown = {name: status.get(name) for name in SHOWN[body["kind"]]}
    for condition in shown.get("conditions") or []:
        for time in ("lastProbeTime", "lastTransitionTime"):
            condition.pop(time, None)
    return shown


@pytest.mark.parametrize("existing", [False, True], ids=["created", "it exists (velero#7994)"])
def test_the_status_is_restored_and_a_second_run_changes_nothing(target, tmp_path, body, existing):
    backup = backup_of(tmp_path, body)
    if existing:
        run(watch(target.kubeconfig), backup)
        assert status_of(target, body) != SHOWN[body["kind"]]
    result = only(run(watch(target.kubeconfig), backup, **ALL_STATUS))
    assert result.outcome is (Outcome.UPDATED if existing else Outcome.CREATED), result
    assert status_of(target, body) == SHOWN[body["kind"]]
    before = version_of(live(target, body))
    again = run(watch(target.kubeconfig), backup, **ALL_STATUS)
    assert not changed(again.done), views(again)
    assert in_sync(again.done, False)
    assert version_of(live(target, body)) == before


@pytest.mark.parametrize(
    ("options", "annotation", "restored"),
    [
        ({}, None, False),
        ({}, "true", True),
        (ALL_STATUS, "false", False),
        (ALL_STATUS, "maybe", True),
        ({"restore_status": {"included_resources": ["widget"], "excluded_resources": []}}, None, True),
        ({"restore_status": {"included_resources": ["pods"], "excluded_resources": []}}, None, False),
        ({"restore_status": {"included_resources": [], "excluded_resources": ["widgets.example.org"]}}, None, False),
        ({"restore_status": {"included_resources": [], "excluded_resources": ["widgets"]}}, "true", True),
    ],
    ids=str,
)
def test_options_choose_and_the_object_s_annotation_wins(target, tmp_path, widget, options, annotation, restored):
    if annotation is not None:
        widget["metadata"]["annotations"] = {"velero.io/restore-status": annotation}
    run(watch(target.kubeconfig), backup_of(tmp_path, widget), **options)
    assert (status_of(target, widget) == SHOWN["Widget"]) is restored


def test_policy_none_leaves_the_status_of_what_exists(target, tmp_path, widget):
    backup = backup_of(tmp_path, widget)
    run(watch(target.kubeconfig), backup)
    watched = watch(target.kubeconfig)
    result = only(run(watched, backup, existing_resource_policy="none", **ALL_STATUS))
    assert result.outcome is Outcome.UNCHANGED
    assert watched.writes == []


@pytest.mark.parametrize("existing", [False, True])
def test_check_mode_says_what_would_be_and_stores_no_status(target, tmp_path, widget, existing):
    backup = backup_of(tmp_path, widget)
    if existing:
        run(watch(target.kubeconfig), backup)
    before = version_of(live(target, widget))
    result = only(run(watch(target.kubeconfig), backup, check=True, **ALL_STATUS))
    assert result.outcome is (Outcome.UPDATED if existing else Outcome.CREATED), result
    assert version_of(live(target, widget)) == before


def test_a_type_without_a_status_of_its_own_keeps_the_object_and_is_told(target, tmp_path):
    """Velero warns: a ConfigMap has no /status."""
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "app", "namespace": "shop"},
        "data": {"a": "1"},
        "status": {"phase": "Ready"},
    }
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, config), **ALL_STATUS))
    assert (result.outcome, result.reason) == (Outcome.CREATED, Reason.STATUS_REFUSED)
    assert result.warning
    assert live(target, config)["data"] == {"a": "1"}
    again = run(watch(target.kubeconfig), backup_of(tmp_path, config), **ALL_STATUS)
    assert not changed(again.done), views(again)


def test_a_status_that_the_target_refuses_is_a_warning_and_the_object_is_there(target, tmp_path):
    pod = of_kind(target, "Pod")
    pod["status"] = {"phase": "Running", "podIPs": [{"ip": "no-address"}]}
    restored = run(watch(target.kubeconfig), backup_of(tmp_path, pod), **ALL_STATUS)
    result = only(restored)
    assert (result.outcome, result.reason) == (Outcome.CREATED, Reason.STATUS_REFUSED)
    assert "no-address" not in result.message + result.warning
    assert not in_sync(restored.done, False)
    assert live(target, pod) is not None
