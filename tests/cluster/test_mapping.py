# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces, storage classes and node ports that are others on the target."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from controlplane import ControlPlane, objects_of
from restoring import by_place, run_restore, views
from scenes import Body, as_stored, backup_of, config_map, live, put, remove, run, settled, versions, watch

MAPPED = {"namespace_mapping": {"shop": "shop-dr"}, "existing_resource_policy": "update"}

REFERRING = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: guard}
webhooks:
- name: guard.example.org
  admissionReviewVersions: [v1]
  sideEffects: None
  failurePolicy: Ignore
  clientConfig: {service: {namespace: shop, name: guard, path: /, port: 443}}
  rules: [{apiGroups: [none.example.org], apiVersions: [v1], operations: [CREATE], resources: [nones], scope: "*"}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.far.example.org}
spec:
  group: far.example.org
  version: v1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {namespace: shop, name: far, port: 443}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: shop-viewer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: viewer, namespace: shop}]
"""

CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: example.org/none
"""

CLAIM = """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: slow, resources: {requests: {storage: 1Gi}}}
"""

BALANCER = """
apiVersion: v1
kind: Service
metadata: {name: balancer, namespace: shop}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 31999
  selector: {app: web}
  ports: [{name: http, port: 80, nodePort: 31998}]
"""


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    put(controlplane, complete("namespaces", "", "shop", {}))
    return controlplane


def one(text: str) -> Body:
    (body,) = objects_of(text)
    return body


def test_the_recorded_namespace_under_another_name_is_in_sync_from_the_first_run_and_the_third_changes_nothing():
    with ControlPlane() as target:
        options = {**MAPPED, "included_namespaces": ["shop"]}
        first = run_restore(target.kubeconfig, **options)
        refused = [result for result in views(first) if result.outcome is Outcome.FAILED]
        assert refused == []
        run_restore(target.kubeconfig, **options)
        before = settled(target)
        third = run_restore(target.kubeconfig, **options)
        assert not changed(third.done), [result for result in views(third) if result.outcome is Outcome.UPDATED]
        assert in_sync(third.done, False)
        assert versions(target) == before
        assert live(target, complete("namespaces", "", "shop", {})) is None
        assert {result.key.namespace for result in views(third)} == {"", "shop-dr"}


def test_results_and_messages_name_the_target_s_namespace(target, tmp_path):
    put(target, complete("namespaces", "", "shop-dr", {}))
    put(target, config_map("app", {"a": "other"}, "shop-dr"))
    backup = backup_of(tmp_path, config_map("app", {"a": "1"}), config_map("kube-root-ca.crt", {"ca.crt": "x"}))
    restored = run(
        watch(target.kubeconfig), backup, **{**MAPPED, "existing_resource_policy": "none"}, backup_name="nightly"
    )
    assert {result.key.namespace for result in views(restored)} == {"shop-dr"}
    messages = [result.message for result in views(restored)]
    assert all("shop-dr/" in message for message in messages), messages
    assert not any(" shop/" in message for message in messages)
    said = build(restored)["velero_results"]["warnings"]["namespaces"]
    assert list(said) == ["shop-dr"]
    assert live(target, config_map("app", {}, "shop-dr"))["data"] == {"a": "other"}


def test_what_refers_to_the_namespace_follows_it(target, tmp_path):
    hook, service, binding = objects_of(REFERRING)
    backup = backup_of(tmp_path, hook, service, binding)
    restored = run(watch(target.kubeconfig), backup, **MAPPED)
    assert {result.outcome for result in views(restored)} == {Outcome.CREATED}, views(restored)
    assert live(target, hook)["webhooks"][0]["clientConfig"]["service"]["namespace"] == "shop-dr"
    assert live(target, service)["spec"]["service"]["namespace"] == "shop-dr"
    assert live(target, binding)["subjects"][0]["namespace"] == "shop-dr"
    again = watch(target.kubeconfig)
    assert not changed(run(again, backup, **MAPPED).done)
    for body in (hook, service, binding):
        remove(target, body)


def test_two_namespaces_become_one_and_what_differs_is_not_restored(target, tmp_path):
    mapping = {"left": "both", "right": "both"}
    backup = backup_of(
        tmp_path,
        config_map("same", {"a": "1"}, "left"),
        config_map("same", {"a": "1"}, "right"),
        config_map("clash", {"a": "1"}, "left"),
        config_map("clash", {"a": "2"}, "right"),
        config_map("alone", {"a": "1"}, "right"),
    )
    restored = run(watch(target.kubeconfig), backup, namespace_mapping=mapping)
    said = sorted(
        (result.key.name, result.outcome.value, result.reason) for result in views(restored) if result.key.namespace
    )
    assert said == [
        ("alone", "created", None),
        ("clash", "failed", Reason.NAME_COLLISION),
        ("clash", "failed", Reason.NAME_COLLISION),
        ("same", "created", None),
        ("same", "skipped", Reason.DUPLICATE),
    ]
    messages = {result.message for result in views(restored) if result.reason is Reason.NAME_COLLISION}
    assert any("right/clash" in message for message in messages)
    assert any("left/clash" in message for message in messages)
    assert live(target, config_map("clash", {}, "both")) is None
    assert live(target, config_map("same", {}, "both"))["data"] == {"a": "1"}


def test_a_mapped_namespace_that_is_being_deleted_is_waited_for_under_its_name_on_the_target(target, tmp_path):
    put(target, complete("namespaces", "", "ending", {"metadata": {"finalizers": ["example.org/hold"]}}))
    remove(target, complete("namespaces", "", "ending", {}))
    backup = backup_of(tmp_path, *(config_map(f"app-{number}", {}) for number in range(20)))
    watched = watch(target.kubeconfig)
    restored = run(watched, backup, namespace_mapping={"shop": "ending"}, terminating_timeout=1)
    assert {result.reason for result in views(restored)} == {Reason.NAMESPACE_TERMINATING}
    assert watched.writes == []
    asked = [path for _method, path in watched.requests if path.startswith("/api/v1/namespaces?")]
    assert 1 <= len(asked) <= 3


# Storage classes


def test_a_storage_class_that_the_target_lacks_fails_the_claim_alone_and_is_named(target, tmp_path):
    backup = backup_of(tmp_path, one(CLAIM), config_map("fine", {}))
    restored = by_place(run(watch(target.kubeconfig), backup, storage_class_mapping={"slow": "none"}))
    result = restored["PersistentVolumeClaim", "shop", "data"]
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.STORAGE_CLASS_MISSING)
    assert "StorageClass none" in result.message
    assert restored["ConfigMap", "shop", "fine"].outcome is Outcome.CREATED
    assert live(target, one(CLAIM)) is None


@pytest.mark.parametrize("brought", [False, True], ids=["the target has it", "the backup brings it"])
def test_a_claim_gets_the_mapped_storage_class_and_a_second_run_changes_nothing(target, tmp_path, brought):
    if not brought:
        put(target, one(CLASS))
    options: dict[str, Any] = {"storage_class_mapping": {"slow": "fast"}}
    claim = as_stored(target, one(CLAIM))
    backup = backup_of(tmp_path, claim, *([one(CLASS)] if brought else []))
    restored = by_place(run(watch(target.kubeconfig), backup, **options))
    assert restored["PersistentVolumeClaim", "shop", "data"].outcome is Outcome.CREATED
    assert live(target, claim)["spec"]["storageClassName"] == "fast"
    again = run(watch(target.kubeconfig), backup, **options)
    assert not changed(again.done), views(again)
    assert in_sync(again.done, False)
    edited = {"metadata": {"finalizers": None}}
    assert target.api("PATCH", target.path_of(claim), edited, "application/merge-patch+json")[0] == 200
    if live(target, claim):
        remove(target, claim)
    remove(target, one(CLASS))


# Node ports


@pytest.mark.parametrize("preserve", [True, False])
def test_an_existing_load_balancer_is_updated_without_a_word_on_its_ports(target, tmp_path, preserve):
    """Velero's update of one is refused: healthCheckNodePort is immutable."""
    service = as_stored(target, one(BALANCER))
    del service["metadata"]["managedFields"]  # else the ports count as the user's own, and stay in both cases
    backup = backup_of(tmp_path, service)
    options = {"preserve_node_ports": preserve}
    run(watch(target.kubeconfig), backup, **options)
    first = live(target, service)["spec"]
    ports = (first["healthCheckNodePort"], first["ports"][0]["nodePort"])
    assert (ports == (31999, 31998)) is preserve
    again = run(watch(target.kubeconfig), backup, **options)
    assert not changed(again.done), views(again)
    changed_there = {"spec": {"selector": {"app": "other"}}}
    assert target.api("PATCH", target.path_of(service), changed_there, "application/merge-patch+json")[0] == 200
    (result,) = views(run(watch(target.kubeconfig), backup, **options))
    assert result.outcome is Outcome.UPDATED, result
    now = live(target, service)["spec"]
    assert (now["healthCheckNodePort"], now["ports"][0]["nodePort"]) == ports
    assert now["selector"] == {"app": "web"}
    remove(target, service)
