# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: what is the target's, what is the backup's, and what is said of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from cases import Case, case, said_of
from controlplane import ControlPlane, wait_for
from restoring import views
from scenes import edit, put, remove

HOOKS = "ValidatingWebhookConfiguration"


@pytest.fixture
def aggregated(shared_live_controlplane: ControlPlane, tmp_path: Path) -> Case:
    return case("aggregated-cluster-role", shared_live_controlplane, tmp_path)


@pytest.fixture
def guarded(controlplane: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Case:
    """Under a name of its own for each test: webhook configurations lie in no namespace."""
    found = case("ca-bundle", controlplane, tmp_path)
    name = f"guard-{request.node.name[-20:].strip('[]_').replace('_', '-')}"
    for body in (*found.live, *(body for _resource, body in found.objects)):
        body["metadata"]["name"] = body["metadata"]["name"].replace("guard", name)
        if "namespace" in body["metadata"]:
            body["metadata"]["namespace"] = body["metadata"]["namespace"].replace("guard", name)
    found.options["state_namespace"] = f"state-{name}"
    return found


def named(found: Case, kind: str) -> str:
    return next(body["metadata"]["name"] for body in found.live if body["kind"] == kind)


def bundle(found: Case) -> str:
    return found.get(HOOKS, named(found, HOOKS))["webhooks"][0]["clientConfig"]["caBundle"]


def secret_ca(found: Case) -> str:
    return found.get("Secret", named(found, "Secret"))["data"]["ca.crt"]


OLD, NEW = "T0xEQ0E=", "TkVXQ0E="


def test_an_aggregated_role_keeps_the_rules_that_the_target_gathers(aggregated: Case) -> None:
    aggregated.create_live()
    first = aggregated.run()
    gathers = said_of(first, "ClusterRole", "knative-admin")
    assert (gathers.outcome, gathers.reason) == (Outcome.RELABELLED, None)
    assert said_of(first, "ClusterRole", "was-aggregated").outcome is Outcome.UPDATED
    brought = {entry["name"]: entry["new"] for entry in first.privileged}
    assert "secrets" not in str(brought.get("knative-admin", ""))
    parts = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    wait_for("the rules", lambda: aggregated.get("ClusterRole", "knative-admin")["rules"] == parts, 30)
    plain = aggregated.get("ClusterRole", "was-aggregated")
    assert not plain.get("aggregationRule")
    assert [rule["resources"] for rule in plain["rules"]] == [["configmaps"]]
    again = aggregated.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


def test_an_aggregated_role_is_created_without_what_production_gathered(aggregated: Case) -> None:
    for body in (body for _resource, body in aggregated.objects):
        body["metadata"]["name"] += "-fresh"
        body["metadata"]["uid"] += "-fresh"
    granted: list[Any] = []

    def look(method: str, path: str, body: Any) -> None:
        if method == "POST" and "clusterroles" in path and body["metadata"]["name"] == "knative-admin-fresh":
            granted.append(body["rules"])

    first = aggregated.run(before=look)
    assert said_of(first, "ClusterRole", "knative-admin-fresh").outcome is Outcome.CREATED
    assert granted == [[]]
    wait_for("the rules", lambda: bool(aggregated.get("ClusterRole", "knative-admin-fresh")["rules"]), 30)
    assert not changed(aggregated.run().done)


def test_a_bundle_follows_the_backup_s_together_with_its_secret(guarded: Case) -> None:
    guarded.create_live()
    planned = guarded.run(check=True)
    assert said_of(planned, HOOKS, named(guarded, HOOKS)).outcome is Outcome.UPDATED
    first = guarded.run()
    assert said_of(first, HOOKS, named(guarded, HOOKS)).outcome is Outcome.UPDATED
    assert (bundle(guarded), secret_ca(guarded)) == (NEW, NEW)
    assert in_sync(first.done, False)
    again = guarded.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


def test_a_bundle_stays_when_its_secret_is_not_restored_and_is_told(guarded: Case) -> None:
    guarded.create_live()
    first = guarded.run(excluded_resources=["secrets"])
    said = said_of(first, HOOKS, named(guarded, HOOKS))
    assert (said.reason, said.different) == (Reason.CA_BUNDLE_KEPT, True)
    assert "caBundle" in said.message
    assert (bundle(guarded), secret_ca(guarded)) == (OLD, OLD)
    assert not in_sync(first.done, False)


def test_a_bundle_stays_when_its_secret_fails(guarded: Case) -> None:
    guarded.create_live()
    secret = next(body for body in guarded.live if body["kind"] == "Secret")
    edit(guarded.target, secret, {"immutable": True})
    first = guarded.run()
    assert said_of(first, "Secret", named(guarded, "Secret")).outcome is Outcome.FAILED
    assert said_of(first, HOOKS, named(guarded, HOOKS)).reason is Reason.CA_BUNDLE_KEPT
    assert (bundle(guarded), secret_ca(guarded)) == (OLD, OLD)


def test_a_bundle_stays_the_target_s_where_an_injector_puts_it_in(guarded: Case) -> None:
    for body in guarded.live:
        if body["kind"] == HOOKS:
            body["metadata"]["annotations"]["cert-manager.io/inject-ca-from"] = "guard/guard"
    guarded.create_live()
    first = guarded.run()
    assert said_of(first, HOOKS, named(guarded, HOOKS)).reason is not Reason.CA_BUNDLE_KEPT
    assert (bundle(guarded), secret_ca(guarded)) == (OLD, NEW)
    assert in_sync(first.done, False)


VALUES = {"resources": {"limits": {"cpu": None, "memory": "128Mi"}}, "list": [1, None, {"a": None, "b": 2}]}


@pytest.fixture
def helm(controlplane: ControlPlane, tmp_path: Path) -> Case:
    return case("null-in-custom-resource", controlplane, tmp_path)


def test_a_null_in_a_custom_resource_is_a_value(helm: Case) -> None:
    helm.create_live("CustomResourceDefinition", "Namespace")
    release = next(body for body in helm.live if body["kind"] == "Release")
    helm.target.apply(yaml.safe_dump(release))
    shown = helm.run(check=True, diff=True)
    assert said_of(shown, "Release", "redis").outcome is Outcome.UPDATED
    assert any("cpu: null" in entry["after"] for entry in shown.diff)
    first = helm.run()
    assert said_of(first, "Release", "redis").outcome is Outcome.UPDATED
    assert helm.get("Release", "redis")["spec"]["values"] == VALUES
    assert in_sync(first.done, False)
    again = helm.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)
    remove(helm.target, release)
    created = helm.run()
    assert said_of(created, "Release", "redis").outcome is Outcome.CREATED
    assert helm.get("Release", "redis")["spec"]["values"] == VALUES
    assert not changed(helm.run().done)


def test_a_null_that_meets_another_writer_is_a_conflict_and_no_proof(helm: Case) -> None:
    """The server answers a test that fails as it answers an object that breaks a rule: 422."""
    release = next(body for body in helm.live if body["kind"] == "Release")
    edit(helm.target, release, {"spec": {"values": {"resources": {"limits": {"cpu": "1"}}}}})
    touched = []

    def touch(method: str, path: str, body: Any) -> None:
        if method == "PATCH" and isinstance(body, list) and not touched:
            touched.append(path)
            edit(helm.target, release, {"metadata": {"annotations": {"touched": "yes"}}})

    before = helm.get("Release", "redis")["metadata"]["uid"]
    done = helm.run(before=touch, existing_resource_policy="recreate")
    assert touched
    assert said_of(done, "Release", "redis").outcome is Outcome.UPDATED
    after = helm.get("Release", "redis")
    assert after["metadata"]["uid"] == before
    assert after["spec"]["values"] == VALUES


ODD = (
    "CORP\\shop-admins",
    "team: payments (eu)",
    "system:shop:reader",
    "grün-東京",
    "ops\u00a0team",
    "zero\u200bwidth",
    "...",
)


def test_odd_names_are_names(controlplane: ControlPlane, tmp_path: Path) -> None:
    odd = case("odd-names", controlplane, tmp_path)
    first = odd.run(delta="report")
    assert {view.outcome for view in views(first)} == {Outcome.CREATED}
    for name in ODD:
        assert odd.get("ClusterRoleBinding", name)["metadata"]["name"] == name
    assert not changed(odd.run(delta="report").done)
    odd.body("ClusterRoleBinding", ODD[1])["roleRef"]["name"] = "edit"
    again = odd.run(delta="report")
    assert said_of(again, "ClusterRoleBinding", ODD[1]).outcome is Outcome.RECREATED
    assert [view.outcome for view in views(again)].count(Outcome.UNCHANGED) == len(odd.objects) - 1
    assert all(view.message.isprintable() for view in views(again))


def test_an_account_s_other_values_are_told_and_left(controlplane: ControlPlane, tmp_path: Path) -> None:
    """The cloud's role annotation differs between clusters on purpose: ignore_fields says so."""
    found = case("ephemeral-containers", controlplane, tmp_path)
    found.create_live("Namespace")
    account = found.body("ServiceAccount", "default")
    account["metadata"]["name"] = "robot"
    account |= {"automountServiceAccountToken": False}
    account["metadata"]["annotations"] = {"eks.amazonaws.com/role-arn": "production"}
    found.objects = [(resource, body) for resource, body in found.objects if body["kind"] == "ServiceAccount"]
    metadata = {
        "name": "robot",
        "namespace": found.space("shop"),
        "annotations": {"eks.amazonaws.com/role-arn": "standby"},
    }
    put(controlplane, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    first = found.run()
    said = said_of(first, "ServiceAccount", "robot")
    assert (said.outcome, said.reason, said.different) == (Outcome.UPDATED, Reason.NOT_OVERWRITTEN, True)
    assert "metadata.annotations[eks.amazonaws.com/role-arn]" in said.message
    live = found.get("ServiceAccount", "robot")
    assert live["automountServiceAccountToken"] is False
    assert live["metadata"]["annotations"]["eks.amazonaws.com/role-arn"] == "standby"
    again = found.run()
    assert said_of(again, "ServiceAccount", "robot").outcome is Outcome.UNCHANGED
    assert (changed(again.done), in_sync(again.done, False)) == (False, False)
    ignored = found.run(ignore_fields={"serviceaccounts": ["/metadata/annotations/eks.amazonaws.com~1role-arn"]})
    assert said_of(ignored, "ServiceAccount", "robot").outcome is Outcome.RELABELLED, "it is equal now, as any object"
    assert in_sync(ignored.done, False)
