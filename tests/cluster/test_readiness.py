# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a standby could take over, on a real API server; the status that controllers write, the tests write."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._errors import PreflightError
from ansible_collections.standby.velero.plugins.module_utils._flows.readiness import Looked, readiness
from ansible_collections.standby.velero.plugins.module_utils._options.readiness_info import (
    READINESS_INFO_SPEC,
    readiness_settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._report.result import build
from controlplane import ControlPlane, wait_for
from nightly import Corner
from playing import Player
from scenes import Body, as_stored, put, remove, watch

GUIDE = (Path(__file__).parents[2] / "docs/rights.md").read_text(encoding="utf-8")
RBAC = "rbac.authorization.k8s.io"
MERGE = "application/merge-patch+json"
STARTED = f"{datetime.now(timezone.utc) - timedelta(hours=3):%Y-%m-%dT%H:%M:%SZ}"


def cluster_scoped(api: str, kind: str, name: str, **fields: Any) -> Body:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, **fields}


CLASSES = (
    cluster_scoped("storage.k8s.io/v1", "StorageClass", "fast", provisioner="example.org/disk"),
    cluster_scoped("networking.k8s.io/v1", "IngressClass", "nginx", spec={"controller": "example.org/nginx"}),
    cluster_scoped("scheduling.k8s.io/v1", "PriorityClass", "high", value=1000),
    cluster_scoped("node.k8s.io/v1", "RuntimeClass", "kata", handler="kata"),
)


class Site:
    """Production's objects in a corner of the cluster, and the backup of them."""

    def __init__(self, corner: Corner) -> None:
        self.corner, self.target, self.namespace = corner, corner.target, corner.namespace
        put(self.target, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}})
        self.backup = corner.backup(3, *(as_stored(self.target, one) for one in self.production()), started=STARTED)

    def named(self, api: str, kind: str, name: str, **fields: Any) -> Body:
        metadata = {"name": name, "namespace": self.namespace, "uid": f"{self.namespace}-{kind}-{name}"}
        return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}

    def production(self) -> list[Body]:
        volumes = [
            {"name": "tls", "secret": {"secretName": "tls"}},
            {"name": "extra", "configMap": {"name": "extra", "optional": True}},
        ]
        container = {
            "name": "main",
            "image": "registry.example.org/web:1",
            "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
            "envFrom": [{"configMapRef": {"name": "settings"}}],
        }
        spec = {"containers": [container], "volumes": volumes, "priorityClassName": "high", "runtimeClassName": "kata"}
        template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
        selector = {"matchLabels": {"app": "web"}}
        claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        backend = {"service": {"name": "web", "port": {"number": 80}}}
        self.volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"pv-{self.namespace}", "uid": f"{self.namespace}-pv"},
            "spec": {
                "accessModes": ["ReadWriteOnce"],
                "capacity": {"storage": "1Gi"},
                "claimRef": {"namespace": self.namespace, "name": "kept"},
                "hostPath": {"path": "/data"},
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": "",
            },
            "status": {"phase": "Bound"},
        }
        return [
            self.named("v1", "ConfigMap", "settings", data={"a": "1"}),
            self.named("v1", "Secret", "tls", data={"key": "Y2FuYXJ5"}),
            self.named(
                "apps/v1", "Deployment", "web", spec={"replicas": 4, "selector": selector, "template": template}
            ),
            self.named("v1", "PersistentVolumeClaim", "data", spec={**claim, "storageClassName": "fast"}),
            self.named(
                "networking.k8s.io/v1",
                "Ingress",
                "web",
                spec={"ingressClassName": "nginx", "defaultBackend": backend},
            ),
            self.volume,
        ]

    def restore(self, **options: Any) -> Any:
        return self.corner.restore(self.backup, label_unchanged=False, **options)

    def ask(self, watched: Any = None, **options: Any) -> Looked:
        params = {name: spec.get("default") for name, spec in READINESS_INFO_SPEC.items()}
        params |= {"backup_file": str(self.backup), "state_namespace": self.corner.state_namespace, **options}
        client = Client(watched or watch(self.target.kubeconfig))
        return readiness(readiness_settings_of(params), client, "")

    def told(self, **options: Any) -> tuple[str, list[str]]:
        return told(self.ask(**options))

    @property
    def deployment(self) -> str:
        return f"named by Deployment.apps {self.namespace}/web"


def told(looked: Looked) -> tuple[str, list[str]]:
    """Verdict, and a line a finding."""
    found = [one for findings in looked.readiness.found.values() for one in findings]
    lines = [f"{one.reason.value} {one.object}{': ' + one.detail if one.detail else ''}" for one in found]
    return looked.readiness.verdict.value, lines


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    for one in CLASSES:
        controlplane.apply(json.dumps(one))
    return controlplane


@pytest.fixture
def site(target: ControlPlane, tmp_path: Path, request: pytest.FixtureRequest) -> Site:
    return Site(Corner.of(target, tmp_path, request.node.name))


@pytest.fixture
def restored(site: Site) -> Site:
    """A standby that has all, its volume bound."""
    site.restore()
    status(site.target, site.volume, {"phase": "Bound"})
    return site


def status(target: ControlPlane, body: Body, said: Body) -> None:
    """As a controller writes it."""
    code, answer = target.api("PATCH", f"{target.path_of(body)}/status", {"status": said}, MERGE)
    assert code == 200, answer


@contextmanager
def without(target: ControlPlane, body: Body) -> Iterator[None]:
    """The cluster without an object, which is put back."""
    remove(target, body)
    try:
        yield
    finally:
        put(target, body)


@contextmanager
def besides(target: ControlPlane, *bodies: Body) -> Iterator[None]:
    """The cluster with objects that go again."""
    for body in bodies:
        target.apply(json.dumps(body))
    try:
        yield
    finally:
        for body in bodies:
            remove(target, body)


# The verdict


def test_a_standby_that_has_all_is_ready_and_nothing_is_written(restored):
    watched = watch(restored.target.kubeconfig)
    looked = restored.ask(watched, max_backup_age="4h")
    assert told(looked) == (
        "ready",
        [f"optional_mount_missing ConfigMap {restored.namespace}/extra: {restored.deployment}"],
    )
    assert watched.all_writes == []
    assert looked.readiness.registries == {"registry.example.org": 1}


def test_a_bare_standby_is_not(site):
    with without(site.target, CLASSES[0]), without(site.target, CLASSES[2]):
        verdict, lines = site.told(max_backup_age="1h")
    assert verdict == "not_ready"
    assert [line.partition(":")[0] for line in lines] == [
        "backup_too_old Backup nightly-03",
        "out_of_sync Backup nightly-03",
        "class_missing StorageClass fast",
        "class_missing PriorityClass high",
        f"volume_missing PersistentVolume pv-{site.namespace}",
        f"optional_mount_missing ConfigMap {site.namespace}/extra",
        f"mount_missing ConfigMap {site.namespace}/settings",
        f"mount_missing Secret {site.namespace}/tls",
    ]


@pytest.mark.parametrize(
    ("gone", "line"),
    [
        (CLASSES[0], "class_missing StorageClass fast: named by PersistentVolumeClaim {namespace}/data"),
        (CLASSES[1], "class_missing IngressClass nginx: named by Ingress.networking.k8s.io {namespace}/web"),
        (CLASSES[2], "class_missing PriorityClass high: {deployment}"),
        (CLASSES[3], "class_missing RuntimeClass kata: {deployment}"),
    ],
    ids=lambda one: one["kind"] if isinstance(one, dict) else "",
)
def test_a_class_that_is_missing_is_named_with_who_names_it(restored, gone, line):
    with without(restored.target, gone):
        verdict, lines = restored.told()
    assert verdict == "not_ready"
    assert lines[:1] == [line.format(namespace=restored.namespace, deployment=restored.deployment)]
    assert len(lines) == 2, "and the ConfigMap that is optional"


def test_what_is_named_is_what_would_run_here(restored):
    """Mapped and modified; production's own names are no matter."""
    rule = {
        "conditions": {"groupResource": "deployments.apps"},
        "mergePatches": [{"patchData": "{spec: {template: {spec: {priorityClassName: low, runtimeClassName: null}}}}"}],
    }
    options = {
        "storage_class_mapping": {"fast": "slow"},
        "image_mapping": ["registry.example.org,mirror.example.org"],
        "resource_modifiers": {"version": "v1", "resourceModifierRules": [rule]},
    }
    looked = restored.ask(**options)
    classes = [line for line in told(looked)[1] if line.startswith("class_missing")]
    assert classes == [
        f"class_missing StorageClass slow: named by PersistentVolumeClaim {restored.namespace}/data",
        f"class_missing PriorityClass low: {restored.deployment}",
    ]
    assert looked.readiness.registries == {"mirror.example.org": 1}


# Objects


def test_a_secret_that_somebody_removed_is_told_with_its_users_and_no_value_is_anywhere(restored):
    secret = restored.named("v1", "Secret", "tls", data={"key": "Y2FuYXJ5"})
    with without(restored.target, secret):
        verdict, lines = restored.told()
    assert verdict == "not_ready"
    assert f"mount_missing Secret {restored.namespace}/tls: {restored.deployment}" in lines
    assert "out_of_sync Backup nightly-03: of its objects 1 missing" in lines
    assert "Y2FuYXJ5" not in str(lines)


@pytest.mark.parametrize(
    ("phase", "lines"),
    [
        ("Bound", []),
        ("Available", []),
        ("Released", ["volume_not_bindable PersistentVolume pv-{}: it is Released"]),
        ("Failed", ["volume_not_bindable PersistentVolume pv-{}: it is Failed"]),
    ],
)
def test_a_volume_that_production_keeps_is_bound_or_can_be(restored, phase, lines):
    status(restored.target, restored.volume, {"phase": phase})
    found = [line for line in restored.told()[1] if "PersistentVolume" in line]
    assert found == [line.format(restored.namespace) for line in lines]


def test_a_claim_that_lost_its_volume(restored):
    claim = restored.named("v1", "PersistentVolumeClaim", "data")
    status(restored.target, claim, {"phase": "Lost"})
    assert f"claim_lost PersistentVolumeClaim {restored.namespace}/data" in restored.told()[1]


def quota(site: Site, **hard: str) -> Body:
    return site.named("v1", "ResourceQuota", "small", spec={"hard": hard})


def test_a_quota_has_to_let_in_production_s_replicas_though_the_standby_sleeps(site):
    rule = {
        "conditions": {"groupResource": "deployments.apps"},
        "mergePatches": [{"patchData": "{spec: {replicas: 0}}"}],
    }
    asleep = {"resource_modifiers": {"version": "v1", "resourceModifierRules": [rule]}}
    site.restore(**asleep)
    status(site.target, site.volume, {"phase": "Bound"})
    with besides(site.target, quota(site, pods="4", **{"requests.cpu": "1500m", "requests.memory": "4Gi"})):
        verdict, lines = site.told(**asleep)
    assert verdict == "not_ready"
    said = "requests.cpu: production asks for 2, of at most 1.5"
    assert lines[0] == f"quota_too_small ResourceQuota {site.namespace}/small: {said}"
    assert len(lines) == 2


# Types and webhooks


def definition(group: str, **spec: Any) -> Body:
    versions = [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}]
    names = {"plural": "gears", "singular": "gear", "kind": "Gear"}
    fields = {"group": group, "scope": "Namespaced", "names": names, "versions": versions, **spec}
    return cluster_scoped("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"gears.{group}", spec=fields)


def test_a_type_that_the_standby_does_not_serve(site):
    gear = site.named("missing.example/v1", "Gear", "one")
    site.backup = site.corner.backup(3, gear, started=STARTED)
    verdict, lines = site.told()
    assert verdict == "not_ready"
    assert lines[1:] == [
        f"not_served Gear.missing.example {site.namespace}/one: "
        "gears.missing.example at v1; no definition of it is there"
    ]


def test_a_conversion_webhook_that_nobody_answers(restored):
    config = {"service": {"namespace": restored.namespace, "name": "converter", "path": "/", "port": 443}}
    webhook = {"clientConfig": config, "conversionReviewVersions": ["v1"]}
    made = definition("convert.example", conversion={"strategy": "Webhook", "webhook": webhook})
    with besides(restored.target, made):
        verdict, lines = restored.told()
    assert verdict == "not_ready"
    where = f"Service {restored.namespace}/converter is not there"
    assert lines[0] == f"conversion_unanswered CustomResourceDefinition gears.convert.example: {where}"


def webhooks(site: Site, policy: str) -> Body:
    rule = {"apiGroups": ["nothing.example"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["*"]}
    made = {
        "name": "check.example.org",
        "clientConfig": {"service": {"namespace": site.namespace, "name": "engine"}},
        "rules": [rule],
        "failurePolicy": policy,
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    api = "admissionregistration.k8s.io/v1"
    return cluster_scoped(api, "ValidatingWebhookConfiguration", f"policy-{site.namespace}", webhooks=[made])


def test_an_admission_webhook_is_answered_once_its_service_has_a_ready_endpoint(restored):
    name = f"ValidatingWebhookConfiguration policy-{restored.namespace}, webhook check.example.org"
    where = f"Service {restored.namespace}/engine"
    service = restored.named("v1", "Service", "engine", spec={"ports": [{"port": 443}]})
    slice_ = restored.named("discovery.k8s.io/v1", "EndpointSlice", "engine-1", addressType="IPv4", ports=[])
    slice_["metadata"]["labels"] = {"kubernetes.io/service-name": "engine"}

    def endpoints(ready: bool) -> Body:
        return {**slice_, "endpoints": [{"addresses": ["10.0.0.9"], "conditions": {"ready": ready}}]}

    def blocking() -> list[str]:
        return [line for line in restored.told()[1] if "webhook" in line]

    with besides(restored.target, webhooks(restored, "Fail")):
        assert blocking() == [f"webhook_unanswered {name}: {where} is not there"]
        with besides(restored.target, service):
            assert blocking() == [f"webhook_unanswered {name}: {where} has no ready endpoint"]
            with besides(restored.target, endpoints(ready=False)):
                assert blocking() == [f"webhook_unanswered {name}: {where} has no ready endpoint"]
            with besides(restored.target, endpoints(ready=True)):
                assert blocking() == []
    with besides(restored.target, webhooks(restored, "Ignore")):
        assert blocking() == [f"webhook_passed_over {name}: {where} is not there"]
        assert restored.told()[0] == "ready"


# In sync


def test_what_differs_may_be_admission_s_doing_and_check_mode_tells(restored):
    settings = restored.named("v1", "ConfigMap", "settings", data={"a": "2"})
    path = restored.target.path_of(settings)
    assert restored.target.api("PATCH", path, {"data": {"a": "2"}}, MERGE)[0] == 200
    verdict, lines = restored.told()
    assert (verdict, lines[0].partition(":")[0]) == ("unknown", "sync_unknown Backup nightly-03")
    run = restored.restore(check=True, readiness=True)
    (first, *_notes) = build(run)["readiness"]["reasons"]
    assert (first["reason"], first["message"].endswith(f": 1 of {len(run.done)} objects")) == ("out_of_sync", True)


# As part of a restore


def test_a_restore_tells_of_the_standby_as_it_leaves_it(site, tmp_path):
    report = tmp_path / "report.json"
    run = site.restore(readiness=True, report_path=str(report))
    found = build(run)["readiness"]
    assert found["verdict"] == "ready", found
    assert {"name": "in_sync", "passed": True, "message": ""} in found["checks"]
    assert [one["reason"] for one in found["reasons"]] == ["optional_mount_missing"]
    assert json.loads(report.read_text())["readiness"] == found
    assert "readiness" not in build(site.restore())


def test_in_check_mode_an_old_backup_is_a_reason_and_in_a_run_refused(site):
    old = {"readiness": True, "max_backup_age": "1h"}
    run = site.restore(check=True, **old)
    assert "backup_too_old" in [one["reason"] for one in build(run)["readiness"]["reasons"]]
    with pytest.raises(PreflightError, match="older than max_backup_age"):
        site.restore(**old)
    with pytest.raises(PreflightError, match="older than max_backup_age"):
        site.restore(check=True, max_backup_age="1h")


# The module


def test_the_module_tells_the_same_in_both_modes_and_never_changes_anything(restored, tmp_path):
    player = Player(restored.target, tmp_path)
    options = {"backup_file": str(restored.backup), "state_namespace": restored.corner.state_namespace}
    asked = {"kubeconfig": str(restored.target.kubeconfig), "accept": ["mount_missing/Secret x/*"], **options}
    tasks = [
        {
            "name": "ask",
            "standby.velero.velero_readiness_info": asked,
            "check_mode": check,
            "register": f"asked_{check}",
        }
        for check in (True, False)
    ]
    kept = [player.keep(f"asked_{check}", f"asked_{check}") for check in (True, False)]
    results = player.tasks(tasks[0], kept[0], tasks[1], kept[1]).results
    first, second = (results[f"asked_{check}"] for check in (True, False))
    assert first["readiness"] == second["readiness"]
    assert (first["changed"], first["readiness"]["verdict"], first["backup"]["name"]) == (False, "ready", "nightly-03")


# Rights


def role() -> Body:
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)]
    (found,) = [one for one in blocks if one.get("metadata", {}).get("name") == "standby-velero-readiness"]
    return found


def test_the_role_of_the_guide_reads_and_no_more_and_is_enough(restored):
    made = role()
    assert {verb for rule in made["rules"] for verb in rule["verbs"]} == {"get", "list"}
    binding = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "readiness"},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": made["metadata"]["name"]},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": "limited-1"}],
    }
    for body in (made, binding):
        restored.target.apply(json.dumps(body))
    token = restored.target.tokens["limited-1"]
    wait_for("the rights", lambda: restored.target.api("GET", "/api/v1/secrets", token=token)[0] == 200)
    watched = watch(restored.target.kubeconfig_for("limited-1"))
    assert restored.ask(watched).readiness.verdict.value == "ready"
    narrow = {**made, "rules": [{"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get", "list"]}]}
    restored.target.apply(json.dumps(narrow))
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    wait_for("fewer rights", lambda: restored.target.api("GET", path, token=token)[0] == 403)
    looked = restored.ask(watched, included_resources=["deployments", "configmaps", "secrets"])
    verdict, lines = told(looked)
    assert verdict == "unknown"
    assert [line.partition(":")[0] for line in lines if line.startswith("check_failed")] == [
        "check_failed Check types",
        "check_failed Check priority_classes",
        "check_failed Check runtime_classes",
        "check_failed Check webhooks",
        "check_failed Check conversions",
    ]
    assert all("cannot list resource" in line for line in lines if line.startswith("check_failed"))
