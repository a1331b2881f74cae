# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks sleep with what answers for them (velero#2443, #7387), and come back as production has them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.guards import sleeps
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._report.workloads import fails_workloads
from controlplane import objects_of
from scenes import Body, config_map, edit, live, put, remove, watch
from workloads import Standby, active_since, answering, in_production, outcomes, rouse

GUARD = "Deployment guard"
SERVER = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: guard, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: guard}}
  template: {metadata: {labels: {app: guard}}, spec: {containers: [{name: main, image: "registry.example/guard:1"}]}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: guard, namespace: shop}
spec: {selector: {app: guard}, ports: [{port: 443}]}
"""
WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: shop}
webhooks:
- name: guard.shop.example
  clientConfig: {service: {namespace: shop, name: guard, path: /check, port: 443}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps], scope: "*"}]
  failurePolicy: Fail
  matchPolicy: Equivalent
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}
  objectSelector: {matchLabels: {guarded: "yes"}}
  sideEffects: None
  timeoutSeconds: 1
  admissionReviewVersions: [v1]
"""


class Guarded:
    """A standby with a webhook and what answers for it."""

    def __init__(self, standby: Standby) -> None:
        self.standby = standby
        self.target = standby.corner.target
        standby.add(SERVER)
        standby.add(SERVICE)
        (body,) = objects_of(WEBHOOK.replace("shop", standby.corner.namespace))
        self.webhook = in_production(body, standby.corner.namespace)

    @property
    def live(self) -> Body:
        found = live(self.target, self.webhook)
        assert found is not None
        return found

    @property
    def is_asleep(self) -> bool:
        return all(map(sleeps, self.live["webhooks"]))

    def answering(self, ready: bool = True, pod: str = "guard-7d-x") -> None:
        """As the controller of EndpointSlices would say it."""
        answering(self.standby, "guard", ready, pod)

    def sync(self, hour: int, *more: Body, **options: object) -> object:
        return self.standby.sync(hour, self.webhook, *more, include_cluster_resources=True, **options)

    def guarded(self, name: str, value: str) -> Body:
        body = config_map(name, {"key": value}, self.standby.corner.namespace)
        body["metadata"] = {**body["metadata"], "labels": {"guarded": "yes"}, "uid": name}
        return body


@pytest.fixture
def guarded(standby: Standby) -> Iterator[Guarded]:
    made = Guarded(standby)
    yield made
    if live(made.target, made.webhook):
        remove(made.target, made.webhook)


def production(guarded: Guarded) -> bool:
    return guarded.live["webhooks"] == guarded.webhook["webhooks"]


def test_the_next_sync_is_not_refused_by_a_webhook_whose_service_sleeps(guarded):
    for hour in (1, 2, 3):
        run = guarded.sync(hour, guarded.guarded("rules", str(hour)))
        assert in_sync(run.done, check_mode=False), [one for one in run.done if one.result.reason]
        assert guarded.is_asleep
        assert [text.rpartition(": ")[2] for text in run.guards.asleep] == [guarded.webhook["webhooks"][0]["name"]]
    again = guarded.sync(3, guarded.guarded("rules", "3"), label_unchanged=False)
    assert not changed(again.done)


def test_without_it_the_next_sync_is_refused(guarded):
    guarded.sync(1, guarded.guarded("rules", "1"), workloads="restore")
    run = guarded.sync(2, guarded.guarded("rules", "2"), workloads="restore")
    assert not in_sync(run.done, check_mode=False)
    assert production(guarded)


def test_an_activation_brings_back_production_s_webhook_once_it_answers(guarded):
    guarded.sync(1)
    run = rouse(guarded.standby)
    name = f"ValidatingWebhookConfiguration {guarded.webhook['metadata']['name']}"
    assert outcomes(run)[name] == "failed guard_unanswered"
    assert "guards nothing yet" in str(fails_workloads(run))
    assert guarded.is_asleep
    guarded.answering()
    again = rouse(guarded.standby)
    assert (outcomes(again)[name], fails_workloads(again)) == ("updated", None)
    assert production(guarded)
    assert "standby.velero/held" not in guarded.live["metadata"].get("annotations", {})
    assert name not in outcomes(rouse(guarded.standby))


def test_a_check_of_the_activation_tells_of_the_webhook(guarded):
    guarded.sync(1)
    run = rouse(guarded.standby, check=True)
    assert outcomes(run)[f"ValidatingWebhookConfiguration {guarded.webhook['metadata']['name']}"] == "updated"
    assert guarded.is_asleep


def test_one_that_is_awake_sleeps_in_the_run_that_puts_its_workload_to_sleep(guarded):
    guarded.sync(1, workloads="restore")
    guarded.answering()
    assert production(guarded)
    run = guarded.sync(2, guarded.guarded("rules", "2"))
    assert in_sync(run.done, check_mode=False)
    assert guarded.is_asleep


def test_one_that_answers_is_left_awake(guarded):
    guarded.sync(1, workloads="restore")
    guarded.answering()
    namespace = guarded.standby.corner.namespace
    guarded.sync(2, hold_except=[f"deployments.apps/{namespace}/guard"])
    assert production(guarded)


def test_one_that_a_pod_of_somebody_else_answers_is_left_awake(guarded):
    guarded.sync(1, workloads="restore")
    guarded.answering(pod="by-hand")
    guarded.sync(2)
    assert production(guarded)


def test_one_whose_pods_somebody_stopped_is_left_awake_and_named(guarded):
    guarded.sync(1, workloads="restore")
    edit(guarded.target, guarded.standby.bodies[GUARD], {"spec": {"replicas": 0}})
    namespace = guarded.standby.corner.namespace
    run = guarded.sync(2, hold_except=[f"deployments.apps/{namespace}/guard"])
    assert production(guarded)
    assert any(f"Service {namespace}/guard has no ready endpoint" in said for said in run.warnings)
    assert [text.rpartition(": ")[2] for text in run.guards.awake] == [
        f"guard.{namespace}.example, by Service {namespace}/guard"
    ]


def test_without_hold_it_sleeps_until_a_later_sync_finds_endpoints(guarded):
    options = {"workloads": "restore", "webhooks": "when_ready"}
    assert in_sync(guarded.sync(1, guarded.guarded("rules", "1"), **options).done, check_mode=False)
    assert guarded.is_asleep
    assert in_sync(guarded.sync(2, guarded.guarded("rules", "2"), **options).done, check_mode=False)
    guarded.answering()
    guarded.sync(3, **options)
    assert production(guarded)
    assert "standby.velero/held" not in guarded.live["metadata"].get("annotations", {})


def test_one_that_is_excepted_is_restored_awake(guarded):
    guarded.sync(1, hold_except=["validatingwebhookconfigurations.admissionregistration.k8s.io"])
    assert production(guarded)


def held_again(guarded: Guarded) -> object:
    return rouse(guarded.standby, "held", confirm=active_since(guarded.standby))


def test_a_hold_puts_a_webhook_to_sleep_before_what_answers_for_it(guarded):
    guarded.sync(1)
    guarded.answering()
    rouse(guarded.standby)
    assert production(guarded)
    sent = watch(guarded.target.kubeconfig)
    run = rouse(guarded.standby, "held", watched=sent, concurrency=1, confirm=active_since(guarded.standby))
    name = f"ValidatingWebhookConfiguration {guarded.webhook['metadata']['name']}"
    assert outcomes(run)[name] == "updated"
    assert guarded.is_asleep
    patched = [path for method, path in sent.writes if method == "PATCH" and "/apis/a" in path]
    assert "validatingwebhookconfigurations" in patched[0]
    assert guarded.standby.entry("Deployment guard").held
    guarded.answering(ready=False)
    assert in_sync(guarded.sync(2, guarded.guarded("rules", "2")).done, check_mode=False)
    guarded.answering()
    rouse(guarded.standby)
    assert production(guarded)
    again = held_again(guarded)
    assert outcomes(again)[name] == "updated"


def test_a_hold_leaves_a_webhook_awake_that_somebody_else_answers(guarded):
    guarded.sync(1)
    guarded.answering()
    rouse(guarded.standby)
    guarded.answering(pod="somebody-s")
    held_again(guarded)
    assert production(guarded)


def test_a_hold_does_not_touch_a_webhook_that_no_restore_made(guarded):
    put(guarded.target, {**guarded.webhook, "metadata": {"name": guarded.webhook["metadata"]["name"]}})
    guarded.standby.sync(1)
    guarded.answering()
    rouse(guarded.standby)
    held_again(guarded)
    assert production(guarded)


def test_a_converter_of_a_definition_that_sleeps_is_named_for_it_cannot(guarded):
    namespace = guarded.standby.corner.namespace
    group, plural = "conv.example.com", namespace.replace("-", "")
    service = {"namespace": namespace, "name": "guard", "path": "/convert", "port": 443}
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "uid": f"{namespace}-definition"},
        "spec": {
            "group": group,
            "names": {
                "kind": plural.title(),
                "plural": plural,
                "singular": plural,
                "listKind": f"{plural.title()}List",
            },
            "scope": "Namespaced",
            "versions": [
                {"name": version, "served": True, "storage": version == "v1", "schema": schema}
                for version in ("v1", "v1beta1")
            ],
            "conversion": {
                "strategy": "Webhook",
                "webhook": {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]},
            },
        },
    }
    try:
        for options, is_told in (({}, True), ({"workloads": "restore"}, False)):
            run = guarded.sync(1, definition, allow_older=True, **options)
            said = [text for text in run.warnings if f"CustomResourceDefinition {plural}.{group} converts" in text]
            assert bool(said) is is_told
            assert not said or f"by Service {namespace}/guard, which sleeps" in said[0]
            assert not said or run.guards.converters == (
                f"CustomResourceDefinition {plural}.{group}, by Service {namespace}/guard",
            )
        guarded.answering(pod="somebody-s")
        run = guarded.sync(2, definition)
        assert not [text for text in run.warnings if "converts between its versions" in text]
    finally:
        remove(guarded.target, definition)
