# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recreate, on a control plane with its controllers: what is deleted, what never, and what stands after each mishap."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Invalid
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import body_of, rollback_copy
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane, wait_for
from dying import killed_after
from scenes import (
    LABELS,
    NAMESPACE,
    Body,
    as_stored,
    backup_of,
    config_map,
    edit,
    labels_of,
    live,
    only,
    put,
    remove,
    run,
    unlock,
    until,
    version_of,
    watch,
)

STATE = "standby-velero"
POD: Body = {"containers": [{"name": "main", "image": "registry.example.org/app:1"}]}


@pytest.fixture(scope="module")
def target(live_controlplane: ControlPlane) -> ControlPlane:
    live_controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    return live_controlplane


def body(kind: str, api: str, name: str, namespace: str = NAMESPACE, **fields: Any) -> Body:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def with_command(command: str) -> Body:
    return {**POD, "containers": [{**POD["containers"][0], "command": [command]}]}


def workload(kind: str, name: str, label: str, **spec: Any) -> Body:
    template = {"metadata": {"labels": {"app": label}}, "spec": POD}
    return body(kind, "apps/v1", name, spec={"selector": {"matchLabels": {"app": label}}, "template": template, **spec})


def job(command: str) -> Body:
    template = {"spec": {**with_command(command), "restartPolicy": "Never"}}
    return body("Job", "batch/v1", "migrate", spec={"template": template})


def binding(role: str) -> Body:
    return body(
        "RoleBinding",
        "rbac.authorization.k8s.io/v1",
        "reader",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        subjects=[{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "alice"}],
    )


def frozen(kind: str, value: str) -> Body:
    field = "stringData" if kind == "Secret" else "data"
    return body(kind, "v1", "frozen", **{field: {"key": value}}, immutable=True)


def service(name: str, **spec: Any) -> Body:
    return body("Service", "v1", name, spec={"ports": [{"name": "web", "port": 80}], "selector": {"app": "a"}, **spec})


def claim(size: str, mode: str) -> Body:
    spec = {"accessModes": [mode], "resources": {"requests": {"storage": size}}, "storageClassName": "none"}
    return body("PersistentVolumeClaim", "v1", "data", spec=spec)


def storage(parameter: str) -> Body:
    return body(
        "StorageClass", "storage.k8s.io/v1", "fast", "", provisioner="example.org/x", parameters={"a": parameter}
    )


CLAIM = {
    "metadata": {"name": "data"},
    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
}


class Row(NamedTuple):
    """What stands, what the backup wants, and what `update` and `recreate` make of it."""

    has: Body
    wants: Body
    update: tuple[Outcome, Reason | None] = (Outcome.FAILED, Reason.REFUSED)
    recreate: tuple[Outcome, Reason | None] = (Outcome.RECREATED, None)
    allow: str = ""


KEPT = (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
UPDATED = (Outcome.UPDATED, None)
TRUTH: dict[str, Row] = {
    "Job template": Row(job("old"), job("new")),
    "StatefulSet serviceName": Row(
        workload("StatefulSet", "db", "db", serviceName="old"), workload("StatefulSet", "db", "db", serviceName="new")
    ),
    "StatefulSet with claims": Row(
        workload("StatefulSet", "claims", "c", serviceName="old", volumeClaimTemplates=[CLAIM], replicas=0),
        workload("StatefulSet", "claims", "c", serviceName="new", volumeClaimTemplates=[CLAIM], replicas=0),
        recreate=KEPT,
    ),
    "StatefulSet with claims, named": Row(
        workload("StatefulSet", "claims", "c", serviceName="old", volumeClaimTemplates=[CLAIM], replicas=0),
        workload("StatefulSet", "claims", "c", serviceName="new", volumeClaimTemplates=[CLAIM], replicas=0),
        allow="statefulsets.apps/shop/claims",
    ),
    "immutable ConfigMap": Row(frozen("ConfigMap", "old"), frozen("ConfigMap", "new")),
    "immutable Secret": Row(frozen("Secret", "old"), frozen("Secret", "new")),
    "RoleBinding roleRef": Row(binding("view"), binding("edit")),
    "Service type": Row(service("web"), service("web", type="NodePort"), UPDATED, UPDATED),
    "Service that becomes headless": Row(service("api"), service("api", clusterIP="None")),
    "LoadBalancer that becomes headless": Row(
        service("edge", type="LoadBalancer"), service("edge", clusterIP="None"), recreate=KEPT
    ),
    "PVC": Row(claim("1Gi", "ReadWriteOnce"), claim("1Gi", "ReadOnlyMany"), recreate=KEPT),
    "PVC, named": Row(claim("1Gi", "ReadWriteOnce"), claim("1Gi", "ReadOnlyMany"), allow="persistentvolumeclaims"),
    "Deployment selector": Row(workload("Deployment", "web", "old"), workload("Deployment", "web", "new")),
    "StorageClass parameters": Row(storage("old"), storage("new")),
    "Pod": Row(
        body("Pod", "v1", "lonely", spec=with_command("old")), body("Pod", "v1", "lonely", spec=with_command("new"))
    ),
}


@pytest.mark.parametrize("name", TRUTH)
def test_the_truth_table(target, tmp_path, name):
    has, wants, update, recreate, allow = TRUTH[name]
    backup = backup_of(tmp_path, as_stored(target, wants))
    put(target, has)
    before = live(target, has)
    try:
        for policy, expected in (("none", (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)), ("update", update)):
            if expected == UPDATED:
                continue
            restored = run(watch(target.kubeconfig), backup, existing_resource_policy=policy)
            assert (only(restored).outcome, only(restored).reason) == expected, only(restored).message
            assert live(target, has)["metadata"]["uid"] == before["metadata"]["uid"]
        options = {"existing_resource_policy": "recreate", "recreate_allow": [allow]}
        watched = watch(target.kubeconfig)
        tried = run(watched, backup, check=True, **options)
        assert (only(tried).outcome, only(tried).reason) == recreate, only(tried).message
        assert all("dryRun=All" in path for _method, path in watched.writes)
        restored = run(watch(target.kubeconfig), backup, **options)
        assert (only(restored).outcome, only(restored).reason) == recreate, only(restored).message
        now = live(target, has)
        assert (now["metadata"]["uid"] != before["metadata"]["uid"]) is (recreate[0] is Outcome.RECREATED)
        assert in_sync(restored.done, check_mode=False) is (recreate != KEPT)
        assert kept(target) == []
        if recreate == KEPT:
            return
        assert labels_of(now) == LABELS
        again = watch(target.kubeconfig)
        second = run(again, backup, **options)
        assert (only(second).outcome, again_writes(again)) == (Outcome.UNCHANGED, [])
    finally:
        remove(target, has)
        wait_for("the object to go", lambda: live(target, has) is None)


def again_writes(watched: Any) -> list[tuple[str, str]]:
    """Writes to the user's objects: the lock is ours."""
    return [write for write in watched.writes if f"/namespaces/{STATE}" not in write[1]]


def kept(target: ControlPlane, namespace: str = STATE) -> list[Body]:
    """The Secrets that hold bodies."""
    path = f"/api/v1/namespaces/{namespace}/secrets?labelSelector=standby.velero/holds=body"
    status, answer = target.api("GET", path)
    return answer["items"] if status == 200 else []


def clear(target: ControlPlane) -> None:
    for secret in kept(target):
        remove(target, {**secret, "apiVersion": "v1", "kind": "Secret"})


class Once:
    """Does something just before the first request of a kind is sent."""

    def __init__(self, method: str, part: str, does: Callable[[], object], name: str = "") -> None:
        self._method, self._part, self._does, self._name = method, part, does, name
        self.done = False

    def __call__(self, method: str, path: str, body: Any) -> None:
        meant = method == self._method and self._part in path and "dryRun" not in path and not self.done
        if meant and (not self._name or body["metadata"]["name"].startswith(self._name)):
            self.done = True
            self._does()


def immutable(name: str, value: str, **metadata: Any) -> Body:
    return {**config_map(name, {"key": value}, **metadata), "immutable": True}


def scene(target: ControlPlane, name: str, **metadata: Any) -> tuple[Body, Body]:
    """An immutable ConfigMap as the target has it, and as the backup wants it."""
    put(target, immutable(name, "old", **metadata))
    has = live(target, immutable(name, "old"))
    assert has is not None
    return has, immutable(name, "new")


RECREATE = {"existing_resource_policy": "recreate"}


def test_a_finalizer_that_never_goes_is_named_and_the_next_run_goes_on_once_it_is_gone(target, tmp_path):
    has, wants = scene(target, "held", finalizers=["example.org/hold"])
    backup = backup_of(tmp_path, wants)
    result = only(run(watch(target.kubeconfig), backup, **RECREATE, recreate_timeout=1))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.DELETION_BLOCKED)
    assert "example.org/hold" in result.message
    (secret,) = kept(target)
    assert secret["metadata"]["name"] in result.message
    assert body_of(secret)["data"] == {"key": "old"}
    second = run(watch(target.kubeconfig), backup, **RECREATE)
    assert only(second).reason is Reason.TERMINATING
    assert any(secret["metadata"]["name"] in warning for warning in second.warnings)
    edit(target, has, {"metadata": {"finalizers": None}})
    third = run(watch(target.kubeconfig), backup, **RECREATE)
    assert only(third).outcome is Outcome.CREATED
    assert any("ConfigMap shop/held" in warning for warning in third.warnings)
    assert kept(target) == []
    assert not run(watch(target.kubeconfig), backup, **RECREATE).warnings


DENY = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: deny-new}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  validations: [{expression: "!has(object.data) || !('key' in object.data) || object.data.key != 'new'"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: deny-new}
spec: {policyName: deny-new, validationActions: [Deny]}
"""


@pytest.fixture
def denial(target):
    """Installs a policy that refuses the new body, and is gone after the test."""

    def install() -> None:
        target.apply(DENY)
        body = immutable("probe", "new")
        until(target, "the policy", "POST", target.path_of(body).rpartition("/")[0], body, 422)

    yield install
    for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
        target.api("DELETE", f"/apis/admissionregistration.k8s.io/v1/{kind}/deny-new")
    body = immutable("probe", "new")
    until(target, "the policy to go", "POST", target.path_of(body).rpartition("/")[0], body, 201)


def test_a_create_that_is_refused_after_the_delete_puts_the_old_object_back(target, tmp_path, denial):
    has, wants = scene(target, "denied", labels={"team": "shop"}, annotations={"note": "x"})
    backup = backup_of(tmp_path, wants)
    result = only(run(watch(target.kubeconfig, Once("DELETE", "/configmaps/denied", denial)), backup, **RECREATE))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.ROLLED_BACK), result.message
    back = live(target, has)
    assert {name: back[name] for name in ("data", "immutable")} == {"data": {"key": "old"}, "immutable": True}
    assert (back["metadata"]["labels"], back["metadata"]["annotations"]) == ({"team": "shop"}, {"note": "x"})
    (secret,) = kept(target)
    assert secret["metadata"]["name"] in result.message
    watched = watch(target.kubeconfig)
    second = run(watched, backup, **RECREATE)
    assert only(second).reason is Reason.RECREATE_NOT_ALLOWED, "not deleted every hour anew"
    assert not [path for method, path in watched.writes if method == "DELETE"]
    assert any(secret["metadata"]["name"] in warning for warning in second.warnings)
    assert live(target, has)["metadata"]["uid"] == back["metadata"]["uid"]
    clear(target)


def test_what_the_policy_refuses_before_the_delete_is_not_deleted(target, tmp_path, denial):
    has, wants = scene(target, "refused")
    denial()
    for check in (True, False):
        result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wants), check=check, **RECREATE))
        assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
        assert "deny-new" in result.message
    assert live(target, has)["metadata"]["uid"] == has["metadata"]["uid"]


def test_an_object_whose_update_a_policy_refuses_is_guarded_and_not_immutable(target, tmp_path):
    has = config_map("guarded", {"key": "old"})
    put(target, has)
    path = target.path_of(has)
    target.apply(DENY.replace("CREATE", "UPDATE").replace("deny-new", "guard"))
    try:
        until(target, "the policy", "PATCH", path, {"data": {"key": "new"}}, 422)
        result = only(
            run(watch(target.kubeconfig), backup_of(tmp_path, config_map("guarded", {"key": "new"})), **RECREATE)
        )
        assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
        assert "guard" in result.message
        assert live(target, has)["data"] == {"key": "old"}
    finally:
        for kind in ("validatingadmissionpolicybindings", "validatingadmissionpolicies"):
            target.api("DELETE", f"/apis/admissionregistration.k8s.io/v1/{kind}/guard")
        until(target, "the policy to go", "PATCH", path, {"data": {"key": "new"}}, 200)


def test_a_quota_that_is_full_proves_nothing(target, tmp_path):
    target.apply("{apiVersion: v1, kind: Namespace, metadata: {name: tight}}")
    put(target, {**immutable("mine", "old"), "metadata": {"name": "mine", "namespace": "tight"}})
    quota = body("ResourceQuota", "v1", "full", "tight", spec={"hard": {"count/configmaps": "1"}})
    put(target, quota)
    wants = {**immutable("mine", "new"), "metadata": {"name": "mine", "namespace": "tight"}}
    until(
        target,
        "the quota",
        "POST",
        "/api/v1/namespaces/tight/configmaps",
        immutable("other", "x") | {"metadata": {"name": "other"}},
        403,
    )
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wants), **RECREATE))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
    assert "exceeded quota: full" in result.message
    assert live(target, wants)["data"] == {"key": "old"}


def test_an_object_that_belongs_to_a_controlling_owner_on_the_target_is_spared(target, tmp_path):
    put(target, config_map("owner", {}))
    owner = live(target, config_map("owner", {}))
    reference = {
        "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": owner["metadata"]["uid"], "controller": True,
    }  # fmt: skip
    has, wants = scene(target, "owned", ownerReferences=[reference])
    result = only(run(watch(target.kubeconfig), backup_of(tmp_path, wants), **RECREATE, recreate_allow=["configmaps"]))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
    assert "controlling owner" in result.message
    assert live(target, has)["metadata"]["uid"] == has["metadata"]["uid"]


# Another writer in between


def replaced(target: ControlPlane, has: Body, by: Body) -> None:
    remove(target, has)
    wait_for("the object to go", lambda: live(target, has) is None)
    put(target, by)


@pytest.mark.parametrize("moment", ["POST", "DELETE"])
@pytest.mark.parametrize("name", ["changed", "replaced"])
def test_an_object_changed_or_replaced_in_between_is_not_deleted(target, tmp_path, moment, name):
    has, wants = scene(target, f"{name}-{moment.lower()}")
    other = {**has, "metadata": {"name": has["metadata"]["name"], "namespace": NAMESPACE, "labels": {"by": "another"}}}
    acts = {
        "changed": lambda: edit(target, has, {"metadata": {"labels": {"by": "another"}}}),
        "replaced": lambda: replaced(target, has, other),
    }
    part = f"/namespaces/{STATE}/secrets" if moment == "POST" else f"/configmaps/{has['metadata']['name']}"
    result = only(
        run(
            watch(target.kubeconfig, Once(moment, part, acts[name], "body-" if moment == "POST" else "")),
            backup_of(tmp_path, wants),
            **RECREATE,
        )
    )
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.CONFLICT), result.message
    now = live(target, has)
    assert (now["data"], now["metadata"]["labels"]) == ({"key": "old"}, {"by": "another"})
    assert kept(target) == []


def test_an_object_that_moves_in_its_status_only_is_still_the_one_that_was_compared(target, tmp_path):
    has = workload("Deployment", "busy", "old")
    backup = backup_of(tmp_path, as_stored(target, workload("Deployment", "busy", "new")))
    put(target, has)

    def move() -> None:
        status = {"status": {"observedGeneration": 1, "conditions": []}}
        path = f"{target.path_of(has)}/status"
        assert target.api("PATCH", path, status, "application/merge-patch+json")[0] == 200

    first = Once("GET", "/deployments/busy", move)
    result = only(run(watch(target.kubeconfig, first), backup, **RECREATE))
    assert result.outcome is Outcome.RECREATED, result.message
    assert first.done
    remove(target, has)


def test_an_operator_that_makes_it_anew_keeps_its_own(target, tmp_path):
    has, wants = scene(target, "operated")
    again = immutable("operated", "operator's")
    operator = Once("POST", f"/namespaces/{NAMESPACE}/configmaps", lambda: put(target, again))
    result = only(run(watch(target.kubeconfig, operator), backup_of(tmp_path, wants), **RECREATE))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.CONFLICT), result.message
    assert live(target, has)["data"] == {"key": "operator's"}
    (secret,) = kept(target)
    assert (rollback_copy(secret).uid, body_of(secret)["data"]) == (has["metadata"]["uid"], {"key": "old"})
    clear(target)


def test_an_operator_that_makes_just_what_the_backup_says_has_recreated_it(target, tmp_path):
    _has, wants = scene(target, "agreed")
    operator = Once("POST", f"/namespaces/{NAMESPACE}/configmaps", lambda: put(target, wants))
    assert (
        only(run(watch(target.kubeconfig, operator), backup_of(tmp_path, wants), **RECREATE)).outcome
        is Outcome.RECREATED
    )
    assert kept(target) == []


# The run is killed


class Death(NamedTuple):
    """A run that was killed, or came to its end before that many writes, and what it left."""

    name: str
    killed: bool
    backup: Path
    options: dict[str, Any]
    secrets: list[Body]
    stood: bool
    """The very object."""


def test_whenever_a_run_is_killed_no_object_is_gone_without_its_body_being_kept(target, tmp_path):
    """After each write of a recreate: the object stands or its body is kept, and the next run says so and mends it.

    Each has a state namespace of its own: first all die, so that nobody waits for the lock of a dead run.
    """

    def begun(name: str) -> tuple[Body, Path, dict[str, Any]]:
        has, wants = scene(target, name)
        folder = tmp_path / name
        folder.mkdir()
        return has, backup_of(folder, wants), {"state_namespace": f"{name}-state", "lock_duration": 2, **RECREATE}

    def dead(number: int) -> Death:
        has, backup, options = begun(f"killed-{number}")
        killed = killed_after(number, kubeconfig=str(target.kubeconfig), backup_file=str(backup), **options)
        now, secrets = live(target, has), kept(target, options["state_namespace"])
        assert now is not None or [body_of(secret)["data"] for secret in secrets] == [{"key": "old"}]
        stood = now is not None and now["metadata"]["uid"] == has["metadata"]["uid"]
        return Death(has["metadata"]["name"], killed, backup, options, secrets, stood)

    _has, backup, options = begun("undisturbed")
    watched = watch(target.kubeconfig)
    assert only(run(watched, backup, **options)).outcome is Outcome.RECREATED
    writes = [path for _method, path in watched.all_writes if "/leases" not in path and "dryRun" not in path]
    assert len(writes) > 6
    with ThreadPoolExecutor(3) as pool:
        deaths = list(pool.map(dead, range(1, len(writes) + 2)))
    assert [death.killed for death in deaths] == [True] * len(writes) + [False]
    for death in deaths:
        second = run(watch(target.kubeconfig), death.backup, **death.options, lock_timeout=20)
        assert live(target, config_map(death.name, {}))["data"] == {"key": "new"}
        assert in_sync(second.done, check_mode=False)
        assert kept(target, death.options["state_namespace"]) == []
        told = [warning for warning in second.warnings if death.name in warning]
        assert bool(told) is (bool(death.secrets) and not death.stood)


def test_an_object_that_is_gone_and_refused_again_is_put_back_by_the_next_run(target, tmp_path, denial):
    has, wants = scene(target, "lost")
    backup = backup_of(tmp_path, wants)
    options = {"kubeconfig": str(target.kubeconfig), "backup_file": str(backup), "lock_duration": 2, **RECREATE}
    for number in range(1, 20):
        killed_after(number, **options)
        unlock(target, STATE)
        if live(target, has) is None:
            break
    denial()
    second = run(watch(target.kubeconfig), backup, **RECREATE)
    assert (only(second).outcome, only(second).reason) == (Outcome.FAILED, Reason.ROLLED_BACK)
    assert live(target, has)["data"] == {"key": "old"}
    assert len(kept(target)) == 1
    clear(target)


# What is sent


def test_a_recreated_service_keeps_its_addresses_and_node_ports(target, tmp_path):
    has = service("front", type="NodePort", selector={"app": "a"})
    backup = backup_of(tmp_path, as_stored(target, service("front", type="NodePort", selector={"app": "b"})))
    put(target, has)
    before = live(target, has)

    def refuse() -> None:
        raise Invalid("Invalid: spec (field is immutable)", status=422, reason="Invalid", fields=("spec",))

    result = only(run(watch(target.kubeconfig, Once("PATCH", "/services/front", refuse)), backup, **RECREATE))
    assert result.outcome is Outcome.RECREATED, result.message
    now = live(target, has)
    assert now["metadata"]["uid"] != before["metadata"]["uid"]
    assert now["spec"]["selector"] == {"app": "b"}
    for field in ("clusterIP", "clusterIPs", "ports"):
        assert now["spec"][field] == before["spec"][field]
    remove(target, has)


def test_check_mode_with_diff_shows_both_bodies_and_stores_nothing(target, tmp_path):
    has, wants = scene(target, "shown")
    tried = run(watch(target.kubeconfig), backup_of(tmp_path, wants), check=True, diff=True, **RECREATE)
    assert "a dry run of its create passed" in only(tried).message
    (entry,) = tried.diff
    assert ("key: old" in entry["before"], "key: new" in entry["after"]) == (True, True)
    assert changed(tried.done)
    assert version_of(live(target, has)) == version_of(has)


def test_the_values_of_a_recreated_secret_are_nowhere_to_be_read(target, tmp_path):
    put(target, frozen("Secret", "value-before"))
    has = live(target, frozen("Secret", ""))
    wants = {**has, "data": {"key": "dmFsdWUtYWZ0ZXI="}}
    for check in (True, False):
        said = str(run(watch(target.kubeconfig), backup_of(tmp_path, wants), check=check, diff=True, **RECREATE))
        for value in ("value-before", "value-after", has["data"]["key"], "dmFsdWUtYWZ0ZXI="):
            assert value not in said
