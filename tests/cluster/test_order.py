# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be there before what, seen in the order of the requests and in what the target accepts."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.target import STATE_NAMESPACE
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome
from backups import complete
from controlplane import ControlPlane, objects_of
from restoring import by_place, views
from scenes import WIDGET_DEFINITION, Watched, backup_of, config_map, live, put, remove, run, until, watch

GUARD = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
- name: guard.example.org
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Fail
  timeoutSeconds: 1
  clientConfig: {service: {namespace: shop, name: nobody, path: /, port: 443}}
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
  rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE, UPDATE], resources: ["*"], scope: Namespaced}]
"""

POLICY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: nothing-new}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
  validations: [{expression: "false"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: nothing-new}
spec: {policyName: nothing-new, validationActions: [Deny]}
"""

NEEDED = """
apiVersion: v1
kind: Pod
metadata: {name: lonely, namespace: shop, labels: {app: web}}
spec:
  priorityClassName: urgent
  containers: [{name: c, image: "c:1"}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: urgent}, value: 1000}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: other}, value: 10}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], volumeName: volume, storageClassName: "", resources: {requests: {storage: 1Gi}}}
status: {phase: Bound}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume}
spec:
  accessModes: [ReadWriteOnce]
  capacity: {storage: 1Gi}
  persistentVolumeReclaimPolicy: Retain
  claimRef: {kind: PersistentVolumeClaim, namespace: shop, name: data}
  hostPath: {path: /data}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: shop, labels: {app: web}}}
"""

DEFINITION = (
    WIDGET_DEFINITION
    + """---
{apiVersion: example.org/v1, kind: Widget, metadata: {name: gear, namespace: shop}, spec: {size: 3}}
"""
)


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {STATE_NAMESPACE}}}}}")
    return controlplane


def created(watched: Watched) -> list[str]:
    """Types in the order of their creates."""
    paths = [path.partition("?")[0] for method, path in watched.writes if method == "POST"]
    return [path.rpartition("/")[2] for path in paths]


def test_a_webhook_that_nobody_answers_comes_after_all_that_it_guards(target, tmp_path):
    """velero#2443, #7387."""
    guarded = [config_map(f"app-{number}", {"a": "1"}) for number in range(30)]
    (guard,) = objects_of(GUARD)
    (definition, widget) = objects_of(DEFINITION)
    backup = backup_of(tmp_path, guard, widget, definition, *guarded)
    watched = watch(target.kubeconfig)
    restored = run(watched, backup)
    assert {result.outcome for result in views(restored)} == {Outcome.CREATED}, views(restored)
    order = created(watched)
    assert order[:2] == ["customresourcedefinitions", "namespaces"]
    assert order.index("widgets") > order.index("configmaps")
    assert order[-1] == "validatingwebhookconfigurations"
    path, late = "/api/v1/namespaces/shop/configmaps", config_map("late", {})
    until(target, "the webhook", "POST", path, late, 500)
    again = watch(target.kubeconfig)
    second = run(again, backup)
    assert not changed(second.done)
    assert in_sync(second.done, False)
    remove(target, guard)
    until(target, "its end", "POST", path, late, 201)


def test_an_admission_policy_comes_after_all_that_it_would_refuse(target, tmp_path):
    policy, binding = objects_of(POLICY)
    guarded = [config_map(f"new-{number}", {}) for number in range(20)]
    watched = watch(target.kubeconfig)
    restored = run(watched, backup_of(tmp_path, policy, binding, *guarded))
    assert {result.outcome for result in views(restored)} == {Outcome.CREATED}, views(restored)
    last = {"validatingadmissionpolicies", "validatingadmissionpolicybindings"}
    assert (set(created(watched)[-2:]), created(watched)[:-2]) == (last, ["configmaps"] * len(guarded))
    path = "/api/v1/namespaces/shop/configmaps"
    late = config_map("late", {})
    until(target, "the policy", "POST", path, late, 422)
    remove(target, binding)
    remove(target, policy)
    until(target, "its end", "POST", path, late, 201)


def test_what_a_pod_needs_is_pulled_in_and_there_before_it(target, tmp_path):
    file = backup_of(tmp_path, *objects_of(NEEDED))
    watched = watch(target.kubeconfig)
    restored = run(watched, file, included_namespaces=["shop"], label_selector="app=web")
    assert {(result.key.kind, result.key.name, result.outcome.value) for result in views(restored)} >= {
        ("Pod", "lonely", "created"),
        ("PriorityClass", "urgent", "created"),
        ("PersistentVolumeClaim", "data", "created"),
        ("PersistentVolume", "volume", "created"),
    }, views(restored)
    assert ("PriorityClass", "", "other") not in by_place(restored)
    order = [name for name in created(watched) if name != "namespaces"]
    assert order == ["persistentvolumes", "persistentvolumeclaims", "serviceaccounts", "priorityclasses", "pods"]


def test_a_need_that_the_backup_lacks_is_told_and_the_object_goes_on(target, tmp_path):
    put(target, complete("serviceaccounts", "shop", "other", {}))
    pod = next(objects_of(NEEDED))
    pod["metadata"]["name"] = "lacking"
    pod["spec"]["serviceAccountName"] = "other"
    del pod["spec"]["priorityClassName"]
    pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = "lost"
    restored = run(watch(target.kubeconfig), backup_of(tmp_path, pod))
    assert [result.outcome for result in views(restored)] == [Outcome.CREATED]
    lacking, filled_in = restored.velero_warnings
    assert "lost" in lacking
    assert filled_in.startswith("pods: the target filled in what the backup does not have: ")
    assert live(target, pod) is not None
