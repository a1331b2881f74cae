# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each check against a standby that stands still: what it finds, a line each."""

from __future__ import annotations

from datetime import datetime, timezone
from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    Forbidden,
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._readiness.backup_age import backup_age
from ansible_collections.standby.velero.plugins.module_utils._readiness.classes import (
    ingress_classes,
    priority_classes,
    runtime_classes,
    storage_classes,
)
from ansible_collections.standby.velero.plugins.module_utils._readiness.in_sync import in_sync
from ansible_collections.standby.velero.plugins.module_utils._readiness.mounts import mounts
from ansible_collections.standby.velero.plugins.module_utils._readiness.needs import Mount, Needs, Users
from ansible_collections.standby.velero.plugins.module_utils._readiness.question import Sync
from ansible_collections.standby.velero.plugins.module_utils._readiness.quotas import quotas
from ansible_collections.standby.velero.plugins.module_utils._readiness.table import CHECKS, Check, examined
from ansible_collections.standby.velero.plugins.module_utils._readiness.types import types
from ansible_collections.standby.velero.plugins.module_utils._readiness.volumes import volumes
from ansible_collections.standby.velero.plugins.module_utils._readiness.webhooks import conversions, webhooks
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from examining import MORE, NOW, an_object, found, question, standby
from scripted import Body


def at(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, timezone.utc):%Y-%m-%dT%H:%M:%SZ}"


def some(name: str = "Deployment.apps shop/web") -> Users:
    return Users(name, 1)


# Backup


@pytest.mark.parametrize(
    ("started", "max_age", "lines"),
    [
        (at(NOW - 3600), None, []),
        ("", None, []),
        (at(NOW - 3599), 3600, []),
        (
            at(NOW - 7300),
            3600,
            [f"backup_too_old Backup b2: it is of {at(NOW - 7300)}, 2h1m ago, and may be 1h0m old"],
        ),
        ("", 3600, ["backup_age_unknown Backup b2: it has no metadata"]),
        (
            at(NOW + 7300),
            3600,
            [f"backup_age_unknown Backup b2: it is of {at(NOW + 7300)}, 2h1m ahead of the standby's clock"],
        ),
    ],
)
def test_the_age_of_the_backup(started: str, max_age: float | None, lines: list[str]) -> None:
    assert found(backup_age, question(started=started, max_age=max_age)) == lines


@pytest.mark.parametrize(
    ("sync", "lines"),
    [
        (Sync(True, "none"), []),
        (Sync(False, "2 of 9 objects"), ["out_of_sync Backup b2: 2 of 9 objects"]),
        (Sync(None, "2 differ"), ["sync_unknown Backup b2: 2 differ"]),
    ],
)
def test_whether_it_is_in_sync(sync: Sync, lines: list[str]) -> None:
    assert found(in_sync, question(sync=sync)) == lines


# Types


WIDGET = BackupItem(ObjectKey("example.org", "Widget", "shop", "one"), "widgets.example.org", "v1")
CONFIG = BackupItem(ObjectKey("", "ConfigMap", "shop", "one"), "configmaps", "v1")


def definition(name: str = "widgets.example.org", conversion: Any = None, **conditions: str) -> Body:
    said = [{"type": type_, "status": status} for type_, status in conditions.items()]
    spec = {"conversion": conversion} if conversion else {}
    return an_object("CustomResourceDefinition", name, spec=spec, status={"conditions": said})


@pytest.mark.parametrize(
    ("needed", "objects", "silent", "lines"),
    [
        ({("configmaps", "v1"): CONFIG}, [], (), []),
        (
            {("configmaps", "v2"): CONFIG},
            [],
            (),
            ["not_served ConfigMap shop/one: configmaps at v2; the standby serves it at v1"],
        ),
        (
            {("widgets.example.org", "v1"): WIDGET},
            [],
            (),
            [
                "not_served Widget.example.org shop/one: widgets.example.org at v1; no definition of it is there",
            ],
        ),
        (
            {("widgets.example.org", "v1"): WIDGET},
            [],
            ("example.org",),
            ["discovery_incomplete Widget.example.org shop/one: widgets.example.org at v1"],
        ),
        (
            {("widgets.example.org", "v1"): WIDGET},
            [definition(Established="False"), definition("others.example.org", Established="False")],
            (),
            [
                "not_served Widget.example.org shop/one: widgets.example.org at v1; no definition of it is there",
                "not_established CustomResourceDefinition widgets.example.org: it is not established",
            ],
        ),
        (
            {("widgets.example.org", "v1"): WIDGET},
            [definition(NamesAccepted="False", Established="True")],
            ("example.org",),
            [
                "discovery_incomplete Widget.example.org shop/one: widgets.example.org at v1",
                "not_established CustomResourceDefinition widgets.example.org:"
                " its names are taken by another definition",
            ],
        ),
    ],
)
def test_types_and_definitions(needed: Any, objects: list[Body], silent: tuple[str, ...], lines: list[str]) -> None:
    assert found(types, question(Needs(types=needed)), *objects, silent=silent) == lines


# Classes


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (ingress_classes, "IngressClass"),
        (priority_classes, "PriorityClass"),
        (runtime_classes, "RuntimeClass"),
        (storage_classes, "StorageClass"),
    ],
)
def test_classes_that_are_named(check: Check, kind: str) -> None:
    needs = Needs(classes={(kind, "here"): some(), (kind, "gone"): some(), ("Other", "gone"): some()})
    lines = [f"class_missing {kind} gone: named by Deployment.apps shop/web"]
    assert found(check, question(needs), an_object(kind, "here")) == lines
    without = [one for one in MORE if one.kind != kind]
    assert len(found(check, question(needs), types=without)) == 2, "of a type that is not served there is none"
    here, client = standby()
    assert list(check(question(), here)) == []
    assert client.asked == [], "where nothing is named nothing is asked"


@pytest.mark.parametrize(
    ("annotations", "is_there"),
    [
        ({}, False),
        ({"storageclass.kubernetes.io/is-default-class": "false"}, False),
        ({"storageclass.kubernetes.io/is-default-class": "true"}, True),
        ({"storageclass.beta.kubernetes.io/is-default-class": "true"}, True),
    ],
)
def test_claims_that_name_no_class_need_a_default_one(annotations: dict[str, str], is_there: bool) -> None:
    needs = Needs(default_class=some("PersistentVolumeClaim shop/data"))
    here = an_object("StorageClass", "standard", metadata={"annotations": annotations})
    line = "default_class_missing A default StorageClass: named by PersistentVolumeClaim shop/data"
    assert found(storage_classes, question(needs), here) == ([] if is_there else [line])


# Volumes


UNBOUND = "volume_not_bindable PersistentVolume pv"


def volume(phase: str, **claim: str) -> Body:
    spec = {"claimRef": {"namespace": "shop", "name": "data", **claim}}
    return an_object("PersistentVolume", "pv", spec=spec, status={"phase": phase})


@pytest.mark.parametrize(
    ("objects", "lines"),
    [
        ([volume("Bound", uid="u")], []),
        ([volume("Available")], []),
        ([volume("Pending")], []),
        (
            [volume("Released", uid="u")],
            ["volume_not_bindable PersistentVolume pv: it is Released; it was the claim shop/data's"],
        ),
        ([volume("Failed")], [f"{UNBOUND}: it is Failed"]),
        ([], ["volume_missing PersistentVolume pv"]),
    ],
)
def test_volumes_that_production_keeps(objects: list[Body], lines: list[str]) -> None:
    other = an_object("PersistentVolume", "other", status={"phase": "Failed"})
    assert found(volumes, question(Needs(volumes={"pv"})), other, *objects) == lines


def test_a_volume_that_is_being_deleted_is_no_volume_to_rely_on() -> None:
    going = volume("Bound")
    going["metadata"]["deletionTimestamp"] = at(NOW)
    assert found(volumes, question(Needs(volumes={"pv"})), going) == [
        "volume_not_bindable PersistentVolume pv: it is being deleted"
    ]


def test_a_claim_of_the_backup_that_lost_its_volume() -> None:
    claims = [an_object("PersistentVolumeClaim", name, status={"phase": "Lost"}) for name in ("data", "other")]
    assert found(volumes, question(Needs(claims={("shop", "data")})), *claims) == [
        "claim_lost PersistentVolumeClaim shop/data"
    ]


# Webhooks


def asked(name: str, policy: str = "Fail", **client_config: Any) -> Body:
    config = client_config or {"service": {"namespace": "policy", "name": "engine"}}
    webhook = {"name": "check.policy.example.org", "failurePolicy": policy, "clientConfig": config}
    return an_object("ValidatingWebhookConfiguration", name, webhooks=[webhook])


def endpoints(*ready: bool | None) -> list[Body]:
    made = [{"conditions": {} if is_ready is None else {"ready": is_ready}} for is_ready in ready]
    labels = {"labels": {"kubernetes.io/service-name": "engine"}}
    return [
        an_object("Service", "engine", "policy"),
        an_object("EndpointSlice", "engine-x", "policy", metadata=labels, endpoints=made),
    ]


NAME = "ValidatingWebhookConfiguration a, webhook check.policy.example.org"


@pytest.mark.parametrize(
    ("configuration", "others", "lines"),
    [
        (asked("a"), endpoints(True), []),
        (asked("a"), endpoints(False, True), []),
        (asked("a"), endpoints(None), []),
        (asked("a"), endpoints(False), [f"webhook_unanswered {NAME}: Service policy/engine has no ready endpoint"]),
        (asked("a"), endpoints(), [f"webhook_unanswered {NAME}: Service policy/engine has no ready endpoint"]),
        (asked("a"), [], [f"webhook_unanswered {NAME}: Service policy/engine is not there"]),
        (asked("a", ""), [], [f"webhook_unanswered {NAME}: Service policy/engine is not there"]),
        (asked("a", "Ignore"), [], [f"webhook_passed_over {NAME}: Service policy/engine is not there"]),
        (asked("a", url="https://elsewhere.example.org"), [], [f"webhook_outside {NAME}"]),
    ],
)
def test_admission_webhooks(configuration: Body, others: list[Body], lines: list[str]) -> None:
    assert found(webhooks, question(), configuration, *others) == lines


def test_mutating_ones_are_looked_at_too_and_a_service_once() -> None:
    service = {"clientConfig": {"service": {"namespace": "policy", "name": "engine"}}}
    mutating = an_object(
        "MutatingWebhookConfiguration", "b", webhooks=[{"name": "x", **service}, {"name": "y", **service}]
    )
    here, client = standby(mutating, *endpoints(False))
    assert len(list(webhooks(question(), here))) == 2
    assert sum("endpointslices" in path for path in client.asked) == 1


CONVERTS = {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"namespace": "policy", "name": "engine"}}}}
OUTSIDE = {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://elsewhere.example.org"}}}
DEFINITION = "CustomResourceDefinition widgets.example.org"


@pytest.mark.parametrize(
    ("conversion", "others", "lines"),
    [
        (None, [], []),
        ({"strategy": "None"}, [], []),
        (CONVERTS, endpoints(True), []),
        (CONVERTS, [], [f"conversion_unanswered {DEFINITION}: Service policy/engine is not there"]),
        (OUTSIDE, [], [f"webhook_outside {DEFINITION}, its conversion webhook"]),
    ],
)
def test_conversion_webhooks(conversion: Any, others: list[Body], lines: list[str]) -> None:
    assert found(conversions, question(), definition(conversion=conversion, Established="True"), *others) == lines


# Quotas


def quota(hard: dict[str, str], **spec: Any) -> Body:
    return an_object("ResourceQuota", "q", spec={"hard": hard, **spec})


SMALL = "quota_too_small ResourceQuota shop/q"
WANTED = {"pods": Fraction(4), "requests.cpu": Fraction(3), "limits.memory": Fraction(6 << 30)}


@pytest.mark.parametrize(
    ("hard", "spec", "lines"),
    [
        ({"pods": "4", "requests.cpu": "3", "limits.memory": "6Gi"}, {}, []),
        ({"pods": "3"}, {}, [f"{SMALL}: pods: production asks for 4, of at most 3"]),
        (
            {"count/pods": "3"},
            {},
            [f"{SMALL}: count/pods: production asks for 4, of at most 3"],
        ),
        ({"cpu": "2500m"}, {}, [f"{SMALL}: cpu: production asks for 3, of at most 2.5"]),
        (
            {"limits.memory": "1536Mi"},
            {},
            [f"{SMALL}: limits.memory: production asks for 6Gi, of at most 1.5Gi"],
        ),
        ({"requests.memory": "1", "services": "0", "pods": "much"}, {}, []),
        (
            {"pods": "3"},
            {"scopes": ["BestEffort"]},
            ["quota_doubtful ResourceQuota shop/q: pods: production asks for 4, of at most 3"],
        ),
    ],
)
def test_quotas_against_production_s_replicas(hard: dict[str, str], spec: dict[str, Any], lines: list[str]) -> None:
    needs = Needs(amounts={"shop": WANTED, "asleep": {"pods": Fraction(0)}})
    elsewhere = an_object("ResourceQuota", "q", "other", spec={"hard": {"pods": "0"}})
    assert found(quotas, question(needs), quota(hard, **spec), elsewhere) == lines


# Mounts


def test_secrets_and_config_maps_that_pods_mount() -> None:
    needs = Needs(
        mounts={
            ("Secret", ("shop", "tls")): Mount("Deployment.apps shop/web", 2, optional=False),
            ("Secret", ("shop", "here")): Mount("Deployment.apps shop/web", 1, optional=False),
            ("ConfigMap", ("shop", "tls")): Mount("Pod shop/a", 1, optional=True),
            ("ConfigMap", ("bank", "here")): Mount("Pod bank/a", 1, optional=False),
        }
    )
    there = [an_object("Secret", "here"), an_object("ConfigMap", "here")]
    assert found(mounts, question(needs), *there) == [
        "mount_missing ConfigMap bank/here: named by Pod bank/a",
        "optional_mount_missing ConfigMap shop/tls: named by Pod shop/a",
        "mount_missing Secret shop/tls: named by Deployment.apps shop/web and 1 more",
    ]


def test_where_secrets_may_be_listed_in_some_namespaces_only_they_are_listed_there() -> None:
    needs = Needs(mounts={("Secret", ("shop", "tls")): Mount("Pod shop/a", 1, optional=False)})
    here = an_object("Secret", "tls")
    refused = {"/api/v1/secrets": Forbidden("secrets is forbidden")}
    assert found(mounts, question(needs), here, answers=refused) == []
    refused["/api/v1/namespaces/shop/secrets"] = Forbidden("secrets is forbidden")
    here_, _client = standby(here, answers=refused)
    (told,) = examined(question(needs), here_).found["mounts"]
    assert (told.reason.value, told.object, told.detail) == ("check_failed", "Check mounts", "secrets is forbidden")


# All of them


def test_a_standby_that_lacks_nothing_is_ready_and_is_asked_little() -> None:
    here, client = standby()
    readiness = examined(question(Needs(images={"nginx", "a.example/b"})), here)
    assert readiness.verdict.value == "ready"
    assert list(readiness.found) == list(CHECKS)
    assert readiness.registries == {"a.example": 1, "docker.io": 1}
    assert sorted(client.asked) == [
        "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
        "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    ]


def test_one_check_that_fails_hides_no_other() -> None:
    needs = Needs(classes={("StorageClass", "gone"): some()})
    refused = {"/apis/apiextensions.k8s.io/v1/customresourcedefinitions": ClusterError("not today")}
    here, _client = standby(answers=refused)
    readiness = examined(question(needs), here)
    told = {check: [one.reason.value for one in findings] for check, findings in readiness.found.items() if findings}
    assert told == {"types": ["check_failed"], "storage_classes": ["class_missing"], "conversions": ["check_failed"]}
    assert readiness.verdict.value == "not_ready"


def test_an_api_group_that_is_silent_is_not_taken_for_empty() -> None:
    needs = Needs(classes={("StorageClass", "fast"): some()})
    here, _client = standby(silent=("storage.k8s.io",))
    (told,) = examined(question(needs), here).found["storage_classes"]
    assert (told.reason.value, told.detail) == ("check_failed", "API group storage.k8s.io did not answer")


@pytest.mark.parametrize("error", [Unreachable, Unauthorized])
def test_a_standby_that_does_not_answer_ends_it(error: type[ClusterError]) -> None:
    here, _client = standby(answers={"/apis/apiextensions.k8s.io/v1/customresourcedefinitions": error("gone")})
    with pytest.raises(error):
        examined(question(), here)
