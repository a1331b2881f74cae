# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode is the run's own plan, each write a dry run: nothing is stored, what cannot be proven is called so."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import urllib3
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.result import build, fails
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, counts, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import complete
from controlplane import ControlPlane, wait_for
from restoring import run_restore, views
from scenes import (
    backup_of,
    config_map,
    drift,
    grant_state,
    live,
    put,
    run,
    settled,
    version_of,
    versions,
    watch,
)

RBAC = "rbac.authorization.k8s.io"


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}")
    return controlplane


def outcomes(restored: Run) -> dict[str, tuple[Outcome, Reason | None]]:
    return {str(result.key): (result.outcome, result.reason) for result in views(restored)}


@pytest.mark.parametrize("policy", ["none", "update"])
def test_check_mode_says_of_the_recorded_backup_what_a_run_does_and_stores_nothing(policy):
    with ControlPlane() as standby:
        drift(standby)
        before = settled(standby)
        planned = run_restore(standby.kubeconfig, check=True, diff=True, existing_resource_policy=policy)
        assert versions(standby) == before
        done = run_restore(standby.kubeconfig, existing_resource_policy=policy)
        assert {key: said[0] for key, said in outcomes(planned).items()} == {
            key: said[0] for key, said in outcomes(done).items()
        }
        unproven = {key for key, (_outcome, reason) in outcomes(planned).items() if reason is Reason.UNVERIFIED}
        assert {key: said for key, said in outcomes(planned).items() if key not in unproven} == {
            key: said for key, said in outcomes(done).items() if key not in unproven
        }
        assert counts(planned.done)["unverified"] == len(unproven)
        assert versions(standby) != before


# What a dry run cannot prove


def widget_definition() -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"kind": "Widget", "plural": "widgets", "singular": "widget", "listKind": "WidgetList"}
    version = {"name": "v1", "served": True, "storage": True, "schema": schema}
    spec = {"group": "example.org", "scope": "Namespaced", "names": names, "versions": [version]}
    return named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.org", spec=spec)


def named(api_version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def pod(namespace: str, name: str, **spec: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "web", "image": "registry.example/web"}], **spec}
    return complete("pods", namespace, name, {"spec": spec})


ACCOUNT = complete("serviceaccounts", "shop", "default", {})
UNPROVEN = {
    # what the plan makes first, and what a dry run refuses without it
    "namespace": ([complete("namespaces", "", "later", {})], config_map("app", {}, "later")),
    "CustomResourceDefinition": ([widget_definition()], named("example.org/v1", "Widget", "one", "shop")),
    "ServiceAccount": (
        [complete("serviceaccounts", "shop", "robot", {})],
        pod("shop", "with-account", serviceAccountName="robot"),
    ),
    "PriorityClass": (
        [named("scheduling.k8s.io/v1", "PriorityClass", "urgent", value=1000), ACCOUNT],
        pod("shop", "with-class", priorityClassName="urgent"),
    ),
    "Role": (
        [named(f"{RBAC}/v1", "Role", "reader", "shop", rules=[])],
        named(
            f"{RBAC}/v1",
            "RoleBinding",
            "reader",
            "shop",
            roleRef={"apiGroup": RBAC, "kind": "Role", "name": "reader"},
            subjects=[{"apiGroup": RBAC, "kind": "User", "name": "somebody"}],
        ),
    ),
}
MAY_BIND = f"""
apiVersion: {RBAC}/v1
kind: ClusterRole
metadata: {{name: restorer}}
rules:
- {{apiGroups: ["*"], resources: ["*"], verbs: [get, list, create, update, patch]}}
---
apiVersion: {RBAC}/v1
kind: ClusterRoleBinding
metadata: {{name: restorer}}
roleRef: {{apiGroup: {RBAC}, kind: ClusterRole, name: restorer}}
subjects: [{{apiGroup: {RBAC}, kind: User, name: limited-1}}]
"""


@pytest.mark.parametrize("missing", UNPROVEN)
def test_a_refusal_that_the_plan_itself_may_cure_is_unproven_and_the_run_proves_it(target, tmp_path, missing):
    first, wanted = UNPROVEN[missing]
    target.apply(MAY_BIND)
    grant_state(target, "limited-1")
    user = target.kubeconfig_for("limited-1")  # the administrator may bind a Role that does not exist
    backup = backup_of(tmp_path, *first, wanted)
    before = settled(target)
    planned = run(watch(user), backup, check=True)
    assert versions(target) == before
    (result,) = (
        result
        for result in views(planned)
        if result.key.name == wanted["metadata"]["name"] and result.key.kind == wanted["kind"]
    )
    assert (result.outcome, result.reason) == (Outcome.CREATED, Reason.UNVERIFIED), result
    assert {one.outcome for one in views(planned)} <= {Outcome.CREATED, Outcome.UNCHANGED, Outcome.RELABELLED}
    assert counts(planned.done)["unverified"] == 1
    assert build(planned)["counts"]["unverified"] == 1
    assert not in_sync(planned.done, check_mode=True)
    assert changed(planned.done)
    assert fails("failed", planned) is None
    done = run(watch(user), backup)
    assert outcomes(done) == {key: (outcome, None) for key, (outcome, _reason) in outcomes(planned).items()}
    assert in_sync(done.done, check_mode=False)


def test_a_refusal_that_nothing_in_the_plan_cures_is_a_failure(target, tmp_path):
    backup = backup_of(tmp_path, pod("shop", "lost", serviceAccountName="nobody"))
    planned = run(watch(target.kubeconfig), backup, check=True)
    assert outcomes(planned) == {"Pod shop/lost": (Outcome.FAILED, Reason.REFUSED)}
    assert fails("failed", planned)


def test_a_webhook_that_takes_no_part_in_a_dry_run_proves_nothing(target, tmp_path):
    """Such a webhook is refused today, but one that an older server took is served still: it is put into etcd."""
    put(target, config_map("hooked", {"a": "1"}, labels={"hooked": "yes"}))
    wanted = [config_map(name, {"a": "2"}, labels={"hooked": "yes"}) for name in ("hooked", "hooked-new")]
    hook = {
        "name": "old.example.org",
        "sideEffects": "Some",
        "failurePolicy": "Ignore",
        "admissionReviewVersions": ["v1"],
        "matchPolicy": "Equivalent",
        "timeoutSeconds": 1,
        "namespaceSelector": {},
        "objectSelector": {"matchLabels": {"hooked": "yes"}},
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "rules": [
            {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE", "UPDATE"], "resources": ["configmaps"]}
        ],
    }
    store(
        target,
        "/registry/validatingwebhookconfigurations/old",
        named("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "old", webhooks=[hook]),
    )
    path = "/api/v1/namespaces/shop/configmaps?dryRun=All"
    probe = config_map("probe", {}, labels={"hooked": "yes"})
    probe["metadata"].pop("uid")
    wait_for("the webhook", lambda: target.api("POST", path, probe)[0] == 400, 30)
    before = version_of(live(target, wanted[0]))
    planned = run(watch(target.kubeconfig), backup_of(tmp_path, *wanted), check=True)
    assert outcomes(planned) == {
        "ConfigMap shop/hooked": (Outcome.UPDATED, Reason.UNVERIFIED),
        "ConfigMap shop/hooked-new": (Outcome.CREATED, Reason.UNVERIFIED),
    }
    assert "does not support dry run" in views(planned)[0].message
    assert version_of(live(target, wanted[0])) == before
    assert counts(planned.done)["unverified"] == 2
    done = run(watch(target.kubeconfig), backup_of(tmp_path, *wanted))
    assert {result.outcome for result in views(done)} == {Outcome.UPDATED, Outcome.CREATED}


def store(target: ControlPlane, key: str, body: dict[str, Any]) -> None:
    """Into etcd itself, past the API server's validation."""
    body["metadata"] |= {"uid": "0a0a0a0a-0000-4000-8000-000000000000", "creationTimestamp": "2026-01-01T00:00:00Z"}
    encoded = [base64.b64encode(text.encode()).decode() for text in (key, json.dumps(body))]
    address = f"http://127.0.0.1:{target._etcd_port}/v3/kv/put"
    answer = urllib3.request("POST", address, body=json.dumps({"key": encoded[0], "value": encoded[1]}))
    assert answer.status == 200, answer.data


def test_every_write_of_check_mode_is_a_dry_run(target, tmp_path):
    put(target, config_map("dry-other", {"a": "1"}), config_map("dry-same", {"a": "2"}))
    wanted = [config_map(f"dry-{name}", {"a": "2"}) for name in ("other", "same", "new")]
    watched = watch(target.kubeconfig)
    planned = run(watched, backup_of(tmp_path, *wanted), check=True)
    assert [result.outcome for result in views(planned)] == [Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED]
    assert len(watched.writes) == 3
    assert all(path.endswith("?dryRun=All") for _method, path in watched.writes)


def test_in_sync_of_check_mode_speaks_of_the_target_as_it_is(target, tmp_path):
    wanted = config_map("synced", {"a": "1"})
    backup = backup_of(tmp_path, wanted)
    assert not in_sync(run(watch(target.kubeconfig), backup, check=True).done, check_mode=True)
    run(watch(target.kubeconfig), backup)
    again = run(watch(target.kubeconfig), backup, check=True, restore_name="later")
    assert outcomes(again) == {"ConfigMap shop/synced": (Outcome.RELABELLED, None)}
    assert in_sync(again.done, check_mode=True)


def test_check_mode_waits_for_no_namespace_that_is_being_deleted(target, tmp_path):
    target.apply(yaml.safe_dump(complete("namespaces", "", "going", {})))
    put(target, config_map("inside", {}, "going"))
    assert target.api("DELETE", "/api/v1/namespaces/going")[0] in (200, 202)
    planned = run(watch(target.kubeconfig), backup_of(tmp_path, config_map("inside", {"a": "1"}, "going")), check=True)
    assert outcomes(planned) == {"ConfigMap going/inside": (Outcome.FAILED, Reason.NAMESPACE_TERMINATING)}
