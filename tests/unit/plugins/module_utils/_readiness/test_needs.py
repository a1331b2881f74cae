# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What production needs of a standby, by its desired bodies and its replicas."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import ModifierError
from ansible_collections.standby.velero.plugins.module_utils._readiness.needs import (
    Needs,
    makers,
    needs_of,
    replicas_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

Body = dict[str, Any]


KINDS = {
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "Job": "jobs.batch",
    "CronJob": "cronjobs.batch",
    "Pod": "pods",
    "PodTemplate": "podtemplates",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "PersistentVolume": "persistentvolumes",
    "Ingress": "ingresses.networking.k8s.io",
    "Widget": "widgets.example.org",
}


def item(kind: str, name: str, namespace: str = "shop", **more: Any) -> BackupItem:
    group = KINDS[kind].partition(".")[2]
    return BackupItem(ObjectKey(group, kind, namespace, name), KINDS[kind], "v1", size=1, uid=f"u-{name}", **more)


def pods(*mounts: str, replicas: int | None = None, **spec: Any) -> Body:
    volumes = [{"secret": {"secretName": name.rstrip("?"), "optional": name.endswith("?")}} for name in mounts]
    template = {"spec": {"volumes": volumes, **spec}}
    return {"spec": {"template": template, **({} if replicas is None else {"replicas": replicas})}}


def needs(*pairs: tuple[BackupItem, Body], raw: dict[str, Body] | None = None, made: Any = None) -> Needs:
    """`raw` are the bodies of the backup that differ from the desired ones, by name."""
    bodies = {one.key: body for one, body in pairs}
    items = [one for one, _body in pairs]
    backed_up = raw or {}
    uids = makers(items) if made is None else made
    return needs_of(items, uids, lambda one: bodies[one.key], lambda one: backed_up.get(one.key.name, bodies[one.key]))


def test_who_names_a_secret_is_told_with_how_many_others() -> None:
    web, api = (item("Deployment", "web"), pods("tls", "extra?")), (item("Deployment", "api"), pods("tls?"))
    found = needs(web, api).mounts
    assert str(found["Secret", ("shop", "tls")]) == "named by Deployment.apps shop/web and 1 more"
    assert {name: mount.optional for (_kind, (_ns, name)), mount in found.items()} == {"tls": False, "extra": True}


def test_the_user_that_cannot_do_without_is_the_one_to_name() -> None:
    found = needs((item("Deployment", "a"), pods("tls?")), (item("Deployment", "b"), pods("tls"))).mounts
    assert str(found["Secret", ("shop", "tls")]) == "named by Deployment.apps shop/b and 1 more"


def test_what_an_owner_of_the_backup_makes_anew_counts_through_it() -> None:
    """The ReplicaSets of former revisions name Secrets that are gone for long."""
    web = (item("Deployment", "web"), pods("new", replicas=2))
    old = (item("ReplicaSet", "web-1", owner="u-web"), pods("old", replicas=0))
    pod = (item("Pod", "web-1-x", owner="u-web-1"), {"spec": {"volumes": [{"secret": {"secretName": "old"}}]}})
    orphan = (item("Pod", "set-0", owner="u-strimzi"), {"spec": {"volumes": [{"secret": {"secretName": "kafka"}}]}})
    found = needs(web, old, pod, orphan)
    assert {name for _kind, (_ns, name) in found.mounts} == {"new", "kafka"}
    assert found.amounts["shop"]["pods"] == 3


def test_replicas_are_production_s_though_the_standby_sleeps() -> None:
    asked = {"containers": [{"resources": {"requests": {"cpu": "500m"}}, "image": "here.example/a:1"}]}
    web = (item("Deployment", "web"), pods(replicas=0, **asked))
    found = needs(web, raw={"web": pods(replicas=4, containers=[{"image": "there.example/a:1"}])})
    assert found.amounts == {"shop": {"requests.cpu": Fraction(2), "pods": Fraction(4)}}
    assert found.registries == {"here.example": 1}


@pytest.mark.parametrize(
    ("kind", "body", "replicas"),
    [
        ("Deployment", {"spec": {"replicas": 3}}, 3),
        ("Deployment", {"spec": {}}, 1),
        ("Deployment", {"spec": {"replicas": "many"}}, 1),
        ("StatefulSet", {"spec": {"replicas": 0}}, 0),
        ("DaemonSet", {"status": {"desiredNumberScheduled": 5}}, 5),
        ("DaemonSet", {}, 0),
        ("Job", {"spec": {"parallelism": 2}}, 2),
        ("Job", {"spec": {"parallelism": 2, "suspend": True}}, 0),
        ("CronJob", {}, 0),
        ("Pod", {}, 1),
    ],
)
def test_how_many_pods_production_ran(kind: str, body: Body, replicas: int) -> None:
    assert replicas_of(KINDS[kind], body) == replicas


def test_classes_of_claims_templates_pods_and_ingresses() -> None:
    claim = {"spec": {"storageClassName": "fast"}}
    found = needs(
        (item("PersistentVolumeClaim", "data"), claim),
        (item("PersistentVolumeClaim", "static"), {"spec": {"storageClassName": "gone", "volumeName": "pv-1"}}),
        (item("PersistentVolumeClaim", "any"), {"spec": {}}),
        (item("StatefulSet", "db"), {"spec": {**pods()["spec"], "volumeClaimTemplates": [claim]}}),
        (item("Deployment", "web"), pods(priorityClassName="high", runtimeClassName="kata")),
        (item("Ingress", "web"), {"spec": {"ingressClassName": "nginx"}}),
        (item("Ingress", "old"), {"metadata": {"annotations": {"kubernetes.io/ingress.class": "nginx-old"}}}),
    )
    assert {key: str(users) for key, users in found.classes.items()} == {
        ("StorageClass", "fast"): "named by PersistentVolumeClaim shop/data and 1 more",
        ("PriorityClass", "high"): "named by Deployment.apps shop/web",
        ("RuntimeClass", "kata"): "named by Deployment.apps shop/web",
        ("IngressClass", "nginx"): "named by Ingress.networking.k8s.io shop/web",
    }
    assert str(found.default_class) == "named by PersistentVolumeClaim shop/any"
    assert found.claims == {("shop", "data"), ("shop", "static"), ("shop", "any")}


def test_of_volumes_those_that_production_keeps() -> None:
    kept = {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}
    other = {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}
    pairs = [(item("PersistentVolume", "a", ""), kept), (item("PersistentVolume", "b", ""), other)]
    assert needs(*pairs).volumes == {"a"}


def test_every_type_once_with_its_first_object_but_not_of_what_is_broken() -> None:
    found = needs(
        (item("Widget", "a"), {}), (item("Widget", "b"), {}), (item("Ingress", "c", problem="is broken"), {})
    ).types
    assert {key: one.key.name for key, one in found.items()} == {("widgets.example.org", "v1"): "a"}


def test_a_template_makes_no_pod_by_itself_but_names_what_its_pods_need() -> None:
    body = {"template": {"spec": {"volumes": [{"secret": {"secretName": "tls"}}]}}}
    found = needs((item("PodTemplate", "a"), body))
    assert (list(found.mounts), found.amounts) == ([("Secret", ("shop", "tls"))], {})


def test_what_a_modifier_fails_on_is_passed_over() -> None:
    def failing(_item: BackupItem) -> Body:
        raise ModifierError("rule 1")

    found = needs_of([item("Deployment", "web")], frozenset(), failing, failing)
    assert found.mounts == {}


def test_no_body_is_made_that_is_not_needed() -> None:
    asked: list[str] = []

    def body(one: BackupItem) -> Body:
        asked.append(one.key.name)
        return {}

    items = [item("Widget", "widget"), item("Deployment", "web"), item("ReplicaSet", "web-1", owner="u-web")]
    needs_of(items, makers(items), body, body)
    assert set(asked) == {"web"}
