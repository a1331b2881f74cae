# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases out of public bug reports: when a difference is one, when an object may be recreated, when nothing is tried."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from cases import Case, case, said_of
from controlplane import ControlPlane, wait_for
from restoring import views
from scenes import Body, edit, put, remove, until, until_default

CaseOf = Callable[[str], Case]


@pytest.fixture
def of(controlplane: ControlPlane, tmp_path: Path) -> CaseOf:
    return lambda name: case(name, controlplane, tmp_path)


def copies(found: Case) -> list[Body]:
    """Secrets with bodies of recreated objects."""
    path = f"/api/v1/namespaces/state-{found.name}/secrets?labelSelector=standby.velero/holds=body"
    listed: list[Body] = found.target.api("GET", path)[1]["items"]
    return listed


def questions(found: Case, **how: Any) -> list[str]:
    """The dry runs of a run, as `POST ingresses`, and all other writes to the user's objects, as `patch ingresses`."""
    sent: list[str] = []

    def note(method: str, path: str, _body: Any) -> None:
        where, _mark, query = path.partition("?")
        if method == "GET" or f"/state-{found.name}" in where or path == "/api/v1/namespaces":
            return
        parts = where.split("/")
        plural = parts[-1] if method == "POST" else parts[-2]
        sent.append(f"{method if query else method.lower()} {plural}")

    found.run(before=note, **how)
    return sent


# Allocators are not immutability


def service(name: str, namespace: str, *ports: Body, **spec: Any) -> Body:
    spec = {"type": "NodePort", "selector": {"app": name}, "ports": list(ports), **spec}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def test_a_service_whose_port_another_one_has_is_not_recreated(of: CaseOf) -> None:
    found = of("recreate-taken-node-port")
    found.create_live()
    before, other = found.get("Service", "web"), found.get("Service", "dashboard")
    for check in (True, False, False):
        done = found.run(check=check)
        said = said_of(done, "Service", "web")
        assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
        assert "spec.ports[0].nodePort" in said.message
        now = found.get("Service", "web")
        assert (now["metadata"]["uid"], now["spec"]) == (before["metadata"]["uid"], before["spec"])
    assert copies(found) == []
    assert found.get("Service", "dashboard") == other


def test_a_port_out_of_the_target_s_range_recreates_nothing(of: CaseOf) -> None:
    found = of("recreate-taken-node-port")
    set_port(found.body("Service", "web"), 40480)
    done = found.run()
    said = said_of(done, "Service", "web")
    assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
    assert "spec.ports[0].nodePort (provided port is not in the valid range)" in said.message
    assert copies(found) == []


def set_port(body: Body, port: int) -> None:
    """As the user's own: kubectl's annotation names it."""
    body["spec"]["ports"][0]["nodePort"] = port
    note = body["metadata"]["annotations"]
    name = "kubectl.kubernetes.io/last-applied-configuration"
    note[name] = note[name].replace("30480", str(port))


@pytest.mark.parametrize("concurrency", [1, 8])
def test_two_services_that_swap_their_ports_fail_both_whatever_the_concurrency(of: CaseOf, concurrency: int) -> None:
    found = of("recreate-taken-node-port")
    web = found.body("Service", "web")
    space = f"swap-{concurrency}"
    ports = {"one": 30500 + concurrency, "two": 30520 + concurrency}
    web["metadata"]["namespace"] = space
    found.objects = []
    for name, wanted in (("one", "two"), ("two", "one")):
        body = {
            **web,
            "metadata": {**web["metadata"], "name": name, "annotations": dict(web["metadata"]["annotations"])},
        }
        body["spec"] = {**web["spec"], "ports": [dict(web["spec"]["ports"][0])]}
        set_port(body, ports[wanted])
        found.objects.append(("services", body))
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    held = [service(name, space, {"name": "http", "port": 80, "nodePort": port}) for name, port in ports.items()]
    put(found.target, *held)
    done = found.run(concurrency=concurrency)
    assert [(view.outcome, view.reason) for view in views(done)] == [(Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)] * 2
    for body in held:
        assert (
            found.target.api("GET", found.target.path_of(body))[1]["spec"]["ports"][0]["nodePort"]
            == ports[body["metadata"]["name"]]
        )
    assert copies(found) == []


def test_a_health_check_s_port_that_another_service_has_recreates_nothing(of: CaseOf) -> None:
    found = of("recreate-taken-node-port")
    space = "health"
    local = {"type": "LoadBalancer", "externalTrafficPolicy": "Local"}
    held = service("edge", space, {"name": "http", "port": 80}, **local, healthCheckNodePort=30610)
    other = service("other", space, {"name": "http", "port": 80, "nodePort": 30611})
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}}, held, other)
    wanted = service("edge", space, {"name": "http", "port": 80}, **local, healthCheckNodePort=30611)
    wanted["metadata"]["uid"] = "7d3b7f0f-9f0e-4b0c-8a43-2f5b4b9d4f10"
    found.objects = [("services", wanted)]
    before = found.target.api("GET", found.target.path_of(held))[1]
    options = {"preserve_node_ports": True, "recreate_allow": ["services"]}
    for check in (True, False):
        said = said_of(found.run(check=check, **options), "Service", "edge")
        assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.RECREATE_NOT_ALLOWED)
        assert "healthCheckNodePort" in said.message
    now = found.target.api("GET", found.target.path_of(held))[1]
    assert (now["metadata"]["uid"], now["spec"]) == (before["metadata"]["uid"], before["spec"])
    assert copies(found) == []
    wanted["spec"]["healthCheckNodePort"] = 30612
    assert said_of(found.run(**options), "Service", "edge").outcome is Outcome.RECREATED


# What admission adds on creation


def test_a_default_ingress_class_is_not_taken_away_again(of: CaseOf) -> None:
    found = of("default-ingress-class")
    found.create_live()
    until_default(found.target, "IngressClass", "nginx")
    assert said_of(found.run(), "Ingress", "site").outcome is Outcome.CREATED
    made = found.get("Ingress", "site")
    assert made["spec"]["ingressClassName"] == "nginx"
    for options in (
        {},
        {"check": True},
        {"existing_resource_policy": "none"},
        {"existing_resource_policy": "recreate"},
    ):
        again = found.run(**options)
        said = said_of(again, "Ingress", "site")
        assert (said.outcome, said.reason) == (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION), options
        assert (changed(again.done), in_sync(again.done, False)) == (False, True)
        assert found.get("Ingress", "site") == made
    assert questions(found) == ["POST ingresses"]
    third = found.run(restore_name="third")
    said = said_of(third, "Ingress", "site")
    assert (said.outcome, said.reason) == (Outcome.RELABELLED, Reason.EQUAL_AFTER_ADMISSION)
    assert found.get("Ingress", "site")["metadata"]["generation"] == made["metadata"]["generation"]
    found.body("Ingress", "site")["spec"]["rules"][0]["host"] = "www.example.org"
    for check in (True, False):
        last = found.run(check=check, diff=True)
        assert said_of(last, "Ingress", "site").outcome is Outcome.UPDATED
        (entry,) = last.diff
        assert "ingressClassName" not in entry["before"] + entry["after"]
    spec = found.get("Ingress", "site")["spec"]
    assert (spec["ingressClassName"], spec["rules"][0]["host"]) == ("nginx", "www.example.org")
    assert not changed(found.run().done)
    drop_class(found)


def drop_class(found: Case) -> None:
    """The default is the whole cluster's."""
    remove(found.target, next(body for body in found.live if body["kind"] == "IngressClass"))


CREATE_ONLY = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: creation}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}]
  matchConditions: [{name: shop, expression: "object.metadata.name.startsWith('injected')"}]
  mutations:
  - patchType: ApplyConfiguration
    applyConfiguration:
      expression: >-
        Object{metadata: Object.metadata{labels: {"cost-centre": "standby"}}, spec: Object.spec{
        template: Object.spec.template{spec: Object.spec.template.spec{
        containers: [Object.spec.template.spec.containers{name: "proxy", image: "registry.example.org/proxy:1"}]}}}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: creation}
spec: {policyName: creation}
"""


def deployment(name: str, namespace: str, image: str) -> Body:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "uid": "0d0a7d0e-6f1c-4b52-9d9c-3f3b2b1f7a10"},
        "spec": {"replicas": 0, "selector": {"matchLabels": {"app": name}}, "template": template},
    }


def test_a_label_and_a_sidecar_of_a_create_only_policy_stay(of: CaseOf) -> None:
    found = of("default-ingress-class")
    space = "injected"
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    found.target.apply(CREATE_ONLY)
    wanted = deployment("injected-web", space, "registry.example.org/app:1")
    probe = {**wanted, "metadata": {"name": "injected-probe", "namespace": space}}
    path = found.target.path_of(wanted).rpartition("/")[0]
    asked = f"{path}?dryRun=All"
    wait_for("the policy", lambda: "labels" in found.target.api("POST", asked, probe)[1]["metadata"], 30)
    found.objects = [("deployments.apps", wanted)]
    assert said_of(found.run(), "Deployment", "injected-web").outcome is Outcome.CREATED

    def now() -> tuple[str, list[str]]:
        live = found.target.api("GET", found.target.path_of(wanted))[1]
        containers = live["spec"]["template"]["spec"]["containers"]
        return live["metadata"]["labels"].get("cost-centre"), sorted(one["image"] for one in containers)

    mine, proxy = "registry.example.org/app:1", "registry.example.org/proxy:1"
    assert now() == ("standby", [mine, proxy])
    for policy in ("update", "recreate", "none"):
        said = said_of(found.run(existing_resource_policy=policy), "Deployment", "injected-web")
        assert (said.outcome, said.reason) == (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION), policy
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = "registry.example.org/app:2"
    assert said_of(found.run(), "Deployment", "injected-web").outcome is Outcome.UPDATED
    assert now() == ("standby", ["registry.example.org/app:2", proxy])
    assert not changed(found.run().done)
    for kind in ("bindings", ""):  # it is the whole cluster's
        where = f"/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolic{'y' if kind else 'ies'}{kind}/creation"
        assert found.target.api("DELETE", where)[0] == 200


def test_a_default_that_was_changed_by_hand_is_set_back(of: CaseOf) -> None:
    """The backup is of a Kubernetes that did not know the field."""
    found = of("older-defaults-under-none")
    found.objects = [pair for pair in found.objects if pair[1]["kind"] == "StatefulSet"]
    body = found.body("StatefulSet", "old")
    body["metadata"]["namespace"] = "by-hand"
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "by-hand"}})
    update = {"existing_resource_policy": "update"}
    assert said_of(found.run(**update), "StatefulSet", "old").outcome is Outcome.CREATED
    field = "persistentVolumeClaimRetentionPolicy"
    edit(found.target, body, {"spec": {field: {"whenScaled": "Delete"}}})
    none = said_of(found.run(), "StatefulSet", "old")
    assert (none.outcome, none.reason) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
    assert said_of(found.run(**update, check=True), "StatefulSet", "old").outcome is Outcome.UPDATED
    assert said_of(found.run(**update), "StatefulSet", "old").outcome is Outcome.UPDATED
    assert found.get("StatefulSet", "old")["spec"][field] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
    assert not changed(found.run(**update).done)


# Policy none asks the server too


def test_older_defaults_are_no_difference_under_none(of: CaseOf) -> None:
    found = of("older-defaults-under-none")
    found.create_live()
    assert {view.outcome for view in views(found.run())} <= {Outcome.CREATED, Outcome.UNCHANGED}
    kinds = (("StatefulSet", "old"), ("Job", "import"), ("Service", "lb"))
    made = {name: found.get(kind, name) for kind, name in kinds}
    for check in (False, True):
        again = found.run(check=check)
        assert {view.outcome for view in views(again)} == {Outcome.UNCHANGED}, views(again)
        assert not any(view.warning for view in views(again))
        assert (changed(again.done), in_sync(again.done, check)) == (False, True)
    assert {name: found.get(kind, name) for kind, name in kinds} == made
    updated = found.run(existing_resource_policy="update", restore_name="third")
    assert {view.outcome for view in views(updated)} <= {Outcome.UNCHANGED, Outcome.RELABELLED}
    for kind, name in kinds:
        assert found.get(kind, name)["metadata"].get("generation") == made[name]["metadata"].get("generation")
    last = found.run(existing_resource_policy="update", restore_name="third")
    assert {view.outcome for view in views(last)} == {Outcome.UNCHANGED}
    assert not changed(last.done)


def test_what_differs_is_different_under_none_after_one_question(of: CaseOf) -> None:
    found = of("older-defaults-under-none")
    found.body("StatefulSet", "old")["spec"]["replicas"] = 3
    found.objects = [pair for pair in found.objects if pair[1]["kind"] == "StatefulSet"]
    done = found.run()
    said = said_of(done, "StatefulSet", "old")
    assert (said.outcome, said.reason, bool(said.warning)) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT, True)
    assert questions(found) == ["POST statefulsets"]


# A change that the server ignores in silence


def test_a_headless_service_gets_no_address_by_a_patch(of: CaseOf) -> None:
    found = of("headless-to-address")
    found.create_live()
    assert said_of(found.run(existing_resource_policy="update"), "Service", "peers").reason is Reason.REFUSED
    first = said_of(found.run(), "Service", "peers")
    assert first.outcome is Outcome.RECREATED
    assert found.get("Service", "peers")["spec"]["clusterIP"] == "None"
    assert not changed(found.run().done)
    # the reverse, which the API server does not even refuse
    body = found.body("Service", "peers")
    body["spec"] |= {"clusterIP": "10.3.0.17", "clusterIPs": ["10.3.0.17"]}
    for check in (True, False):
        said = said_of(found.run(check=check, existing_resource_policy="update"), "Service", "peers")
        assert (said.outcome, said.reason) == (Outcome.FAILED, Reason.IGNORED_BY_TARGET)
        assert "spec.clusterIP" in said.message
    none = said_of(found.run(existing_resource_policy="none"), "Service", "peers")
    assert (none.outcome, none.reason) == (Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
    assert said_of(found.run(check=True), "Service", "peers").outcome is Outcome.RECREATED
    assert said_of(found.run(), "Service", "peers").outcome is Outcome.RECREATED
    assert found.get("Service", "peers")["spec"]["clusterIP"].startswith("10.")
    assert copies(found) == []
    again = found.run()
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


def test_ports_on_the_nodes_that_the_backup_does_without_are_closed(of: CaseOf) -> None:
    found = of("recreate-taken-node-port")
    space = "closed-ports"
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    body = service("edge", space, {"name": "web", "port": 80}, type="LoadBalancer")
    put(found.target, body)
    body["metadata"]["uid"] = "c0e1d9ad-7b1e-4f5f-8f5e-0d1f3c1c4a11"
    body["spec"] |= {"allocateLoadBalancerNodePorts": False}
    found.objects = [("services", body)]
    assert said_of(found.run(existing_resource_policy="update"), "Service", "edge").outcome is Outcome.UPDATED
    assert "nodePort" not in found.get("Service", "edge")["spec"]["ports"][0]
    again = found.run(existing_resource_policy="update")
    assert (changed(again.done), in_sync(again.done, False)) == (False, True)


REWRITES = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: rewriting}
spec:
  failurePolicy: Fail
  reinvocationPolicy: Never
  matchConstraints:
    resourceRules: [{apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}]
  matchConditions: [{name: shop, expression: "object.metadata.name.startsWith('mirrored')"}]
  mutations:
  - patchType: JSONPatch
    jsonPatch:
      expression: >-
        [JSONPatch{op: "replace", path: "/spec/template/spec/containers/0/image", value: "mirror.example.org/app:1"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: rewriting}
spec: {policyName: rewriting}
"""


def test_an_image_that_a_policy_rewrites_is_equal_and_never_recreated(of: CaseOf) -> None:
    found = of("default-ingress-class")
    space = "mirrored"
    put(found.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    found.target.apply(REWRITES)
    wanted = deployment("mirrored-web", space, "registry.example.org/app:1")
    probe = {**wanted, "metadata": {"name": "mirrored-probe", "namespace": space}}
    path = f"{found.target.path_of(wanted).rpartition('/')[0]}?dryRun=All"

    def image(body: Body) -> str:
        return str(body["spec"]["template"]["spec"]["containers"][0]["image"])

    wait_for("the policy", lambda: image(found.target.api("POST", path, probe)[1]).startswith("mirror"), 30)
    found.objects = [("deployments.apps", wanted)]
    assert said_of(found.run(), "Deployment", "mirrored-web").outcome is Outcome.CREATED
    made = found.target.api("GET", found.target.path_of(wanted))[1]
    assert image(made) == "mirror.example.org/app:1"
    for policy in ("update", "recreate", "none"):
        again = found.run(existing_resource_policy=policy)
        said = said_of(again, "Deployment", "mirrored-web")
        assert (said.outcome, in_sync(again.done, False)) == (Outcome.UNCHANGED, True)
        assert said.reason in (Reason.NO_EFFECT, Reason.EQUAL_AFTER_ADMISSION)
    assert found.target.api("GET", found.target.path_of(wanted))[1] == made


# A definition that gains a field


def test_objects_get_a_field_that_their_definition_gains_in_the_same_run(of: CaseOf) -> None:
    found = of("definition-gains-field")
    found.create_live("CustomResourceDefinition", "Namespace")
    releases = [body for body in found.live if body["kind"] == "Release"]
    for release in releases:
        found.target.apply(yaml.safe_dump(release))  # which waits for the type
    path = found.target.path_of(releases[0]).rpartition("/")[0]
    planned = found.run(check=True)
    existing = {body["metadata"]["name"] for body in releases}
    said = [view for view in views(planned) if view.key.kind == "Release"]
    assert {view.reason for view in said} == {Reason.UNVERIFIED}
    assert {view.outcome for view in said if view.key.name in existing} == {Outcome.UPDATED}
    assert not any("spec.region" in text for text in planned.velero_warnings)
    first = found.run()
    said = [view for view in views(first) if view.key.kind == "Release"]
    assert {(view.outcome, view.reason) for view in said} == {(Outcome.UPDATED, None), (Outcome.CREATED, None)}
    items = found.target.api("GET", path)[1]["items"]
    assert [item["spec"]["region"] for item in items] == ["eu"] * 40
    assert not any("spec.region" in text for text in first.velero_warnings)
    again = found.run()
    assert {view.outcome for view in views(again) if view.key.kind == "Release"} == {Outcome.UNCHANGED}
    assert not changed(again.done)


# What time does not mend


def test_a_webhook_that_nobody_answers_does_not_cost_the_night(of: CaseOf) -> None:
    found = of("dead-webhook")
    found.create_live()
    hooked(found)
    for check in (True, False):
        start = time.monotonic()
        done = found.run(check=check)
        assert time.monotonic() - start < 60
        said = [view for view in views(done) if view.key.kind == "ConfigMap"]
        assert [(view.outcome, view.reason) for view in said] == [(Outcome.FAILED, Reason.REFUSED)] * 500
        assert all('failed calling webhook "dead.example.org"' in view.message for view in said)
        assert said_of(done, "Secret", "free").outcome is Outcome.CREATED
    sent = questions(found)
    assert sent.count("post configmaps") == 500, "an object selector may let some pass, but none is sent twice"


def hooked(found: Case) -> None:
    """A webhook is called some time after it is stored."""
    body = found.objects[1][1]
    path = found.target.path_of(body).rpartition("/")[0]
    until(found.target, "the webhook", "POST", path, {**body, "metadata": {"name": "probe"}}, 500)
