# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every row of the table with a live and a desired object: the target's stays, the user's goes through."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.rebase import ASKED, TRUSTING, rebase
from ansible_collections.standby.velero.plugins.module_utils._compare.rebase_rules import EVERY, REBASE_RULES
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import diff
from hypothesis import given, settings
from hypothesis import strategies as st

GOLDEN = Path(__file__).parents[4] / "golden"
PVC, PV, JOB = "persistentvolumeclaims", "persistentvolumes", "jobs.batch"
VALIDATING = "validatingwebhookconfigurations.admissionregistration.k8s.io"
MUTATING = "mutatingwebhookconfigurations.admissionregistration.k8s.io"
CRD = "customresourcedefinitions.apiextensions.k8s.io"
API = "apiservices.apiregistration.k8s.io"
ROLE = "clusterroles.rbac.authorization.k8s.io"
TOKEN = "kubernetes.io/service-account-token"


def spec(**fields: Any) -> Any:
    return {"spec": fields}


def labels(**fields: Any) -> Any:
    return {"metadata": {"labels": fields}}


def annotated(**fields: Any) -> Any:
    return {"metadata": {"annotations": fields}}


def ports(*rows: tuple[int, str, int | None], service_type: str = "NodePort") -> Any:
    listed = [{"port": p, "protocol": protocol, **({"nodePort": n} if n else {})} for p, protocol, n in rows]
    return spec(type=service_type, ports=listed)


def only_ports(*rows: tuple[int, str, int | None]) -> Any:
    return spec(ports=ports(*rows)["spec"]["ports"])


def webhook(name: str, bundle: str | None) -> Any:
    return {"name": name, "clientConfig": {"url": "u", **({"caBundle": bundle} if bundle else {})}}


def container(**resources: Any) -> Any:
    return spec(containers=[{"name": "c", "resources": resources}])


def token(kind: str, **data: str) -> Any:
    return {"type": kind, "data": data}


def bound(name: str, **more: str) -> Any:
    return spec(claimRef={"namespace": "billing", "name": name, **more})


def balancer(**more: Any) -> Any:
    return spec(type="LoadBalancer", externalTrafficPolicy="Local", **more)


# (resource, live, desired, the patch that is left: {} means the target's value was taken)
TARGETS: list[Any] = [
    # annotations that controllers keep
    ("deployments.apps", annotated(**{"deployment.kubernetes.io/revision": "7"}), {}, {}),
    (
        "deployments.apps",
        annotated(**{"deployment.kubernetes.io/revision": "7", "mine": "a"}),
        annotated(**{"deployment.kubernetes.io/revision": "3", "mine": "b"}),
        annotated(mine="b"),
    ),
    ("daemonsets.apps", annotated(**{"deprecated.daemonset.template.generation": "2"}), annotated(), {}),
    ("endpoints", annotated(**{"endpoints.kubernetes.io/last-change-trigger-time": "t"}), annotated(), {}),
    ("configmaps", annotated(**{"control-plane.alpha.kubernetes.io/leader": "me"}), annotated(), {}),
    (PVC, annotated(**{"pv.kubernetes.io/bind-completed": "yes"}), annotated(), {}),
    (PVC, annotated(**{"volume.kubernetes.io/selected-node": "n"}), annotated(), {}),
    (PVC, annotated(**{"volume.beta.kubernetes.io/storage-provisioner": "p"}), annotated(), {}),
    (
        PV,
        annotated(**{"volume.beta.kubernetes.io/mount-options": "ro"}),
        annotated(),
        annotated(**{"volume.beta.kubernetes.io/mount-options": None}),
    ),
    (
        "deployments.apps",
        annotated(),
        annotated(**{"deployment.kubernetes.io/revision": "3"}),
        {},
    ),
    # the target's silence is final too
    ("pods", spec(runtimeClassName="kata"), spec(runtimeClassName="kata", overhead={"cpu": "1"}), {}),
    ("pods", spec(), spec(ephemeralContainers=[{"name": "debugger"}]), {}),
    ("pods", spec(), spec(nodeName="prod-1"), {}),
    (PVC, spec(), spec(volumeName="prod-volume"), {}),
    (
        ROLE,
        {"aggregationRule": {}},
        {"aggregationRule": {}, "rules": [{"verbs": ["*"]}]},
        {},
    ),
    ("jobs.batch", labels(), labels(**{"batch.kubernetes.io/controller-uid": "prod"}), {}),
    ("jobs.batch", labels(**{"controller-uid": "mine"}), labels(**{"controller-uid": "prod"}), {}),
    # Services
    ("services", spec(clusterIP="10.0.0.9", clusterIPs=["10.0.0.9"]), spec(type="ClusterIP"), spec(type="ClusterIP")),
    ("services", spec(clusterIP="10.0.0.9"), spec(clusterIP="10.0.0.5"), spec(clusterIP="10.0.0.5")),
    (
        "services",
        spec(clusterIP="10.0.0.9", clusterIPs=["10.0.0.9"]),
        spec(clusterIP="10.0.0.5"),
        spec(clusterIP="10.0.0.5", clusterIPs=None),
    ),
    ("services", spec(clusterIP="None", clusterIPs=["None"]), spec(), spec(clusterIP=None, clusterIPs=None)),
    ("services", spec(clusterIP="None"), spec(clusterIP="None"), {}),
    (
        "services",
        spec(clusterIP="10.0.0.9"),
        spec(type="ExternalName", externalName="e"),
        spec(clusterIP=None, type="ExternalName", externalName="e"),
    ),
    ("services", spec(ipFamilies=["IPv4"]), spec(ipFamilies=["IPv6"]), {}),
    ("services", spec(loadBalancerClass="c"), spec(type="LoadBalancer"), spec(type="LoadBalancer")),
    ("services", balancer(healthCheckNodePort=31265), balancer(), {}),
    ("services", balancer(healthCheckNodePort=31265), balancer(healthCheckNodePort=1), spec(healthCheckNodePort=1)),
    ("services", spec(healthCheckNodePort=31265), spec(), spec(healthCheckNodePort=None)),
    ("services", ports((80, "TCP", 30080)), ports((80, "TCP", None)), {}),
    ("services", ports((53, "TCP", 1), (53, "UDP", 2)), ports((53, "TCP", None), (53, "UDP", None)), {}),
    ("services", ports((80, "TCP", 1)), ports((80, "TCP", 2)), only_ports((80, "TCP", 2))),
    (
        "services",
        ports((80, "TCP", 1)),
        ports((80, "TCP", None), (443, "TCP", 1)),
        only_ports((80, "TCP", None), (443, "TCP", 1)),
    ),
    (
        "services",
        ports((80, "TCP", 1)),
        ports((80, "TCP", None), service_type="ClusterIP"),
        ports((80, "TCP", None), service_type="ClusterIP"),
    ),
    # volumes
    (PVC, spec(volumeName="pvc-live"), spec(), {}),
    (PVC, spec(volumeName="pvc-live"), spec(volumeName="pvc-backup"), {}),
    (PVC, spec(storageClassName="default"), spec(), {}),
    (PVC, spec(storageClassName="default"), spec(storageClassName=""), spec(storageClassName="")),
    (PV, bound("ledger", uid="u", resourceVersion="1"), spec(), {}),
    (PV, bound("ledger", uid="u", resourceVersion="1"), bound("ledger"), {}),
    (PV, bound("ledger"), bound("ledger"), {}),
    (
        PV,
        bound("ledger", uid="u", resourceVersion="1"),
        bound("ledger", uid="", resourceVersion=""),
        {"spec": {"claimRef": {"uid": "", "resourceVersion": ""}}},
    ),
    (PVC, spec(dataSource={"name": "mine"}), spec(dataSource={"name": "gone"}), {}),
    (PVC, spec(dataSource={"name": "mine"}, dataSourceRef={"name": "mine"}), spec(), {}),
    (PVC, spec(), spec(dataSource={"name": "gone"}, dataSourceRef={"name": "gone"}), {}),
    (PV, bound("ledger", uid="u"), bound("other"), {"spec": {"claimRef": {"name": "other", "uid": None}}}),
    # Pods
    ("pods", spec(nodeName="n", priority=1, preemptionPolicy="Never", overhead={"cpu": "1"}), spec(priority=2), {}),
    ("pods", spec(imagePullSecrets=[{"name": "a"}]), spec(), {}),
    ("pods", spec(imagePullSecrets=[{"name": "a"}]), *[spec(imagePullSecrets=[{"name": "b"}])] * 2),
    ("pods", spec(ephemeralContainers=[{"name": "debugger"}]), spec(), {}),
    ("pods", annotated(**{"kubernetes.io/limit-ranger": "note"}), annotated(), {}),
    (
        "pods",
        {**annotated(**{"kubernetes.io/limit-ranger": "n"}), **container(requests={"cpu": "1m", "memory": "1Mi"})},
        container(requests={"memory": "2Mi"}),
        container(requests={"cpu": "1m", "memory": "2Mi"}),
    ),
    ("pods", container(requests={"cpu": "1m"}), container(), container()),  # no LimitRange did that
    # Jobs
    (JOB, spec(selector={"matchLabels": {"controller-uid": "live"}}), spec(selector={"matchLabels": {}}), {}),
    (
        JOB,
        spec(selector={"matchLabels": {"a": "live"}}, manualSelector=True),
        spec(selector={"matchLabels": {"a": "mine"}}, manualSelector=True),
        spec(selector={"matchLabels": {"a": "mine"}}),
    ),
    (JOB, labels(**{"controller-uid": "live", "job-name": "j"}), labels(**{"controller-uid": "production"}), {}),
    (JOB, labels(**{"batch.kubernetes.io/controller-uid": "u", "batch.kubernetes.io/job-name": "j"}), labels(), {}),
    (JOB, spec(template=labels(**{"controller-uid": "live"})), spec(template={}), {}),
    (JOB, spec(template=labels(app="live")), spec(template=labels(app="b")), spec(template=labels(app="b"))),
    # tokens and certificates
    ("secrets", token(TOKEN, token="t", **{"ca.crt": "c", "namespace": "n"}), token(TOKEN), {}),
    ("secrets", token("Opaque", token="t"), token("Opaque"), {"data": {"token": None}}),
    (
        "secrets",
        {"type": TOKEN, **annotated(**{"kubernetes.io/service-account.uid": "live"})},
        {"type": TOKEN, **annotated(**{"kubernetes.io/service-account.uid": "production"})},
        {},
    ),
    ("secrets", {"type": TOKEN, **labels(**{"kubernetes.io/legacy-token-last-used": "d"})}, {"type": TOKEN}, {}),
    *(
        case
        for resource in (VALIDATING, MUTATING)
        for case in (
            (resource, {"webhooks": [webhook("a", "live")]}, {"webhooks": [webhook("a", "production")]}, {}),
            (resource, {"webhooks": [webhook("a", "live")]}, {"webhooks": [webhook("a", None)]}, {}),
            (resource, {"webhooks": [webhook("a", "live")]}, *[{"webhooks": [webhook("b", "production")]}] * 2),
        )
    ),
    (
        CRD,
        spec(conversion={"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": "live"}}}),
        spec(conversion={"strategy": "Webhook", "webhook": {"clientConfig": {}}}),
        {},
    ),
    (
        CRD,
        spec(conversion={"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": "live"}}}),
        spec(conversion={"strategy": "None"}),
        spec(conversion={"strategy": "None", "webhook": None}),
    ),
    (API, spec(service={"name": "s"}, caBundle="live"), spec(service={"name": "s"}, caBundle="production"), {}),
    (
        API,
        spec(service={"name": "s"}, caBundle="live"),
        spec(service={"name": "s"}, insecureSkipTLSVerify=True),
        spec(insecureSkipTLSVerify=True, caBundle=None),
    ),
    # aggregated roles
    (ROLE, {"rules": [1], "aggregationRule": {}}, {"rules": [2], "aggregationRule": {}}, {}),
    (ROLE, {"rules": [1]}, {"rules": [2]}, {"rules": [2]}),
]


@pytest.mark.parametrize(("resource", "live", "desired", "patch"), TARGETS)
def test_the_target_keeps_what_is_its_own_and_no_more(resource: str, live: Any, desired: Any, patch: Any) -> None:
    kept = copy.deepcopy((live, desired))
    rebased = rebase(resource, live, desired)
    assert (live, desired) == kept, "an input was edited"
    assert diff(live, rebased) == patch


def golden(scenario: str, key: str) -> Any:
    return json.loads((GOLDEN / scenario / "after.json").read_text())[key]


@pytest.mark.parametrize("key", ["pods|shop|lonely", "pods|shop|web-58864b8ddc-c4294", "pods|shop|db-0"])
def test_a_pods_token_volume_and_tolerations_are_those_of_the_target(key: str) -> None:
    live = golden("drift-update", key)
    text = json.dumps(live).replace("kube-api-access-", "kube-api-access-zz").replace("300", "60")
    assert diff(live["spec"], rebase("pods", live, json.loads(text))["spec"]) == {}


def test_a_users_own_volumes_and_tolerations_go_through_around_the_targets() -> None:
    volumes = [{"name": "a"}, {"name": "kube-api-access-x", "projected": {}}, {"name": "b"}]
    mount = {"name": "kube-api-access-x", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}
    live = spec(volumes=volumes, containers=[{"name": "c", "volumeMounts": [mount]}, {"name": "gone"}])
    desired = spec(
        volumes=[{"name": "a"}, {"name": "new"}, {"name": "kube-api-access-y", "projected": {}}, {"name": "more"}],
        containers=[{"name": "c", "volumeMounts": [{"name": "a", "mountPath": "/a"}]}, {"name": "added"}],
    )
    rebased = rebase("pods", live, desired)["spec"]
    assert [volume["name"] for volume in rebased["volumes"]] == ["a", "kube-api-access-x", "new", "more"]
    assert rebased["containers"] == [
        {"name": "c", "volumeMounts": [mount, {"name": "a", "mountPath": "/a"}]},
        {"name": "added"},
    ]


def test_an_older_token_volume_is_known_by_its_secret() -> None:
    old = {"name": "robot-token-abcde", "secret": {"secretName": "robot-token-abcde"}}
    users = {"name": "my-token-store", "secret": {"secretName": "store"}}
    assert rebase("pods", spec(volumes=[old, users]), spec(volumes=[users]))["spec"]["volumes"] == [old, users]
    assert rebase("pods", spec(volumes=[users]), spec(volumes=[]))["spec"]["volumes"] == []


def test_a_toleration_without_the_defaults_form_is_the_users() -> None:
    default = {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute"}
    live = spec(tolerations=[{**default, "tolerationSeconds": 300}, {"key": "mine"}])
    rebased = rebase("pods", live, spec(tolerations=[default, {"key": "theirs"}]))
    assert rebased["spec"]["tolerations"] == [{**default, "tolerationSeconds": 300}, default, {"key": "theirs"}]


def test_every_row_says_why() -> None:
    rows = [*EVERY, *(row for rows in REBASE_RULES.values() for row in rows)]
    assert all(row.why and not row.why.endswith(".") for row in rows)


def test_a_body_that_needs_no_rebase_is_the_same_object() -> None:
    desired = spec(storageClassName="a")
    assert rebase("persistentvolumeclaims", {}, desired) is desired
    assert rebase("configmaps", annotated(mine="a"), desired) is desired


STEPS = sorted(
    {step for rows in REBASE_RULES.values() for row in rows for step in row.path.replace("[name]", "").split(".")}
)
NAMES = st.sampled_from([*STEPS, "name", "port", "nodePort", "type", "mountPath", "secret", "key"])
LEAVES = st.sampled_from([None, True, 0, 1, "", "x", "None", "ExternalName", "NodePort", "kube-api-access-a", TOKEN])
NONSENSE = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
BODIES = st.dictionaries(NAMES, st.one_of(st.dictionaries(NAMES, NONSENSE, max_size=4), NONSENSE), max_size=5)


@settings(max_examples=60)
@given(st.sampled_from(sorted(REBASE_RULES)), BODIES, BODIES, st.sampled_from([{}, ASKED, TRUSTING]))
def test_malformed_bodies_are_tolerated_and_never_edited(resource: str, live: Any, desired: Any, swap: Any) -> None:
    kept = copy.deepcopy((live, desired))
    rebase(resource, live, desired, swap=swap)
    assert (live, desired) == kept


@settings(max_examples=60)
@given(st.sampled_from(sorted(REBASE_RULES)), BODIES)
def test_an_equal_body_stays_equal(resource: str, body: Any) -> None:
    assert diff(body, rebase(resource, body, copy.deepcopy(body))) == {}


@settings(max_examples=60)
@given(st.sampled_from(sorted(REBASE_RULES)), BODIES, BODIES)
def test_a_second_rebase_changes_nothing(resource: str, live: Any, desired: Any) -> None:
    once = rebase(resource, live, desired)
    assert diff(once, rebase(resource, live, once)) == {}
