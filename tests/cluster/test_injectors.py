# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What puts sidecars into Pods is awake before the Pods are made that need them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import fails_workloads
from controlplane import objects_of
from scenes import Body, live, remove, unlock, watch
from workloads import Killed, Kubelet, Standby, answering, in_production, outcomes, rouse

SERVER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: istiod, namespace: shop, labels: {tier: mesh}}
spec:
  replicas: 1
  selector: {matchLabels: {app: istiod}}
  template: {metadata: {labels: {app: istiod}}, spec: {containers: [{name: main, image: "registry.example/istiod:1"}]}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: istiod, namespace: shop}
spec: {selector: {app: istiod}, ports: [{port: 443}]}
"""
WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: shop}
webhooks:
- name: inject.shop.example
  clientConfig: {service: {namespace: shop, name: istiod, path: /inject, port: 443}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps], scope: "*"}]
  failurePolicy: Fail
  matchPolicy: Equivalent
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
  objectSelector: {matchLabels: {injected: "yes"}}
  reinvocationPolicy: Never
  sideEffects: None
  timeoutSeconds: 1
  admissionReviewVersions: [v1]
"""
SERVED, GUARD, STATE, SERVING = (
    "deployments/istiod",
    "mutatingwebhookconfigurations",
    "statefulsets/db",
    "deployments/web",
)


class Mesh:
    """A standby with an injector and what answers for it."""

    def __init__(self, standby: Standby, text: str = WEBHOOK) -> None:
        self.standby = standby
        standby.add(SERVER)
        standby.add(SERVICE)
        (body,) = objects_of(text.replace("shop", standby.corner.namespace))
        self.webhook = in_production(body, standby.corner.namespace)
        self.named = f"{body['kind']} {body['metadata']['name']}"

    @property
    def live(self) -> Body:
        found = live(self.standby.corner.target, self.webhook)
        assert found is not None
        return found

    def sync(self) -> None:
        self.standby.sync(1, self.webhook, include_cluster_resources=True)

    def rouse(self, order: list[str], *, dies_before: str = "", ready: bool = True, **options: Any) -> Any:
        """Wakes all; the injector answers once its Pods are made ready. `order` gets what is patched, in its order."""
        kubelet, target = Kubelet(self.standby), self.standby.corner.target

        def watching(method: str, path: str, body: object) -> None:
            kubelet(method, path, body)
            place = next((one for one in (SERVED, GUARD, STATE, SERVING) if one in path), "")
            if ready and method == "GET" and "/apis/apps/" in path and SERVED in order and GUARD not in order:
                answering(self.standby, "istiod")
            if method == "PATCH" and place and order[-1:] != ["dead"]:
                if place == dies_before:
                    order.append("dead")
                    raise Killed
                order.extend([] if place in order else [place])

        sent = watch(target.kubeconfig, watching)
        return rouse(self.standby, watched=sent, wait=True, concurrency=1, **{"wait_timeout": 60, **options})


@pytest.fixture
def mesh(standby: Standby) -> Iterator[Mesh]:
    made = Mesh(standby)
    yield made
    if live(standby.corner.target, made.webhook):
        remove(standby.corner.target, made.webhook)


@pytest.mark.usefixtures("node")
def test_an_injector_is_awake_before_the_workloads_that_need_it(mesh):
    mesh.sync()
    order: list[str] = []
    run = mesh.rouse(order)
    assert fails_workloads(run) is None
    assert order == [SERVED, GUARD, STATE, SERVING]
    assert mesh.live["webhooks"] == mesh.webhook["webhooks"]
    assert outcomes(run)[mesh.named] == "updated"


@pytest.mark.usefixtures("node")
def test_after_a_kill_in_between_the_injector_wakes_first_all_the_same(mesh):
    mesh.sync()
    first: list[str] = []
    with pytest.raises(Killed):
        mesh.rouse(first, dies_before=GUARD)
    assert first == [SERVED, "dead"]
    unlock(mesh.standby.corner.target, mesh.standby.corner.state_namespace)
    again: list[str] = []
    run = mesh.rouse(again)
    assert fails_workloads(run) is None
    assert again == [GUARD, STATE, SERVING]


@pytest.mark.usefixtures("node")
def test_an_injector_that_does_not_come_holds_nobody_up_for_good(mesh):
    mesh.sync()
    order: list[str] = []
    run = mesh.rouse(order, ready=False, wait_timeout=3)
    assert order == [SERVED, STATE, SERVING]
    assert outcomes(run)[mesh.named] == "failed guard_unanswered"
    assert "guards nothing yet" in str(fails_workloads(run))


@pytest.mark.usefixtures("node")
def test_waves_of_the_user_count_before_that(mesh):
    mesh.sync()
    order: list[str] = []
    run = mesh.rouse(order, waves=["app=db", "tier=mesh"])
    assert fails_workloads(run) is None
    assert order.index(GUARD) < order.index(SERVING)


@pytest.mark.usefixtures("node")
def test_a_guard_that_changes_nothing_is_woken_once_it_answers_and_nobody_is_woken_earlier_for_it(standby):
    made = Mesh(standby, WEBHOOK.replace("Mutating", "Validating").replace("  reinvocationPolicy: Never\n", ""))
    made.sync()
    order: list[str] = []
    try:
        run = made.rouse(order)
        assert fails_workloads(run) is None
        assert order.index(STATE) < order.index(SERVED)
        assert outcomes(run)[made.named] == "updated"
    finally:
        remove(standby.corner.target, made.webhook)
