# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What built-in admission and webhooks say no with, on a real API server: readable, bounded, without a value.

The unit tests have the same sentences; here the API server itself says them.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client, path_of
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Forbidden, Throttled
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from cases import case, said_of
from controlplane import ControlPlane, free_ports, wait_for
from playing import Player
from raw_server import RawServer, answer
from scenes import Watched, backup_of, config_map, connection
from webhook import Refusing

Body = dict[str, Any]
CANARY = "canary-in-a-webhook"
SPACE = "guarded"

PODS = Resource("", "v1", "pods", "Pod", True)
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap", True)
SECRETS = Resource("", "v1", "secrets", "Secret", True)
SERVICES = Resource("", "v1", "services", "Service", True)
CLAIMS = Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", True)
WIDGETS = Resource("example.org", "v1", "widgets", "Widget", True)
OLD_WIDGETS = Resource("example.org", "v1beta1", "widgets", "Widget", True)

SCENE = """
{apiVersion: v1, kind: Namespace, metadata: {name: guarded}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: counted}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: leaving}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: guarded}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: default, namespace: counted}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: none-left, namespace: counted},
  spec: {hard: {count/configmaps: "0"}}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: computed, namespace: counted},
  spec: {hard: {requests.cpu: "1", limits.memory: 1Gi}}}
---
{apiVersion: v1, kind: ResourceQuota, metadata: {name: new, namespace: counted}, spec: {hard: {services: "1"}}}
---
{apiVersion: v1, kind: LimitRange, metadata: {name: small, namespace: guarded},
  spec: {limits: [{type: Container, max: {cpu: "1"}, min: {memory: 64Mi}}]}}
---
{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: high}, value: 100}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: rigid}, provisioner: example.org/none}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: guarded},
  spec: {storageClassName: rigid, accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  conversion:
    strategy: Webhook
    webhook: {conversionReviewVersions: [v1], clientConfig: {url: "https://127.0.0.1:%(nobody)d/convert"}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: dead}
webhooks:
- name: dead.example.org
  admissionReviewVersions: [v1]
  clientConfig: {url: "https://127.0.0.1:%(nobody)d/admit"}
  sideEffects: None
  objectSelector: {matchLabels: {guard: dead}}
  rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
"""
COUNTED = {
    "none-left": {"count/configmaps": "0"},
    "computed": {"requests.cpu": "1", "limits.memory": "1Gi"},
    "new": {"services": "1"},
}
"""What the quotas of the scene count, as a controller would have noted it; of `new` it has not counted yet."""
CONTAINER = {"name": "main", "image": "registry.example.org/app:1"}


def body_of(resource: Resource, name: str = "app", namespace: str = SPACE, **fields: Any) -> Body:
    metadata = {"name": name, "namespace": namespace, **fields.pop("metadata", {})}
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **fields}


def pod(namespace: str = SPACE, container: Body | None = None, **spec: Any) -> Body:
    containers = [{**CONTAINER, **(container or {})}]
    return body_of(PODS, namespace=namespace, spec={"containers": containers, **spec})


@pytest.fixture(scope="module")
def controlplane() -> Iterator[ControlPlane]:
    """With plugins that are off unless asked for."""
    plugins = "DenyServiceExternalIPs,OwnerReferencesPermissionEnforcement"
    with ControlPlane(apiserver_args=(f"--enable-admission-plugins={plugins}",)) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    (nobody,) = free_ports(1)
    controlplane.apply(SCENE % {"nobody": nobody})
    for quota, hard in COUNTED.items():
        used = {} if quota == "new" else dict.fromkeys(hard, "0")
        status = {"status": {"hard": hard, "used": used}}
        path = f"/api/v1/namespaces/counted/resourcequotas/{quota}/status"
        assert controlplane.api("PATCH", path, status, "application/merge-patch+json")[0] == 200
    bound = {"status": {"phase": "Bound", "capacity": {"storage": "2Gi"}}}
    path = path_of(CLAIMS, SPACE, "data") + "/status"
    assert controlplane.api("PATCH", path, bound, "application/merge-patch+json")[0] == 200
    assert controlplane.api("DELETE", "/api/v1/namespaces/leaving")[0] == 200
    return controlplane


class Told:
    """How a request was refused, and how often it was sent."""

    def __init__(self, target: ControlPlane, kubeconfig: Path | None = None) -> None:
        hurried = connection({"kubeconfig": str(kubeconfig or target.kubeconfig)})
        self.pauses: list[float] = []
        hurried._sleep = self.pauses.append
        self._client = Client(Watched(hurried))

    def create(self, resource: Resource, body: Body) -> ClusterError:
        with pytest.raises(ClusterError) as caught:
            self._client.create(resource, body["metadata"]["namespace"], body)
        return caught.value

    def patch(self, resource: Resource, name: str, patch: Body) -> ClusterError:
        with pytest.raises(ClusterError) as caught:
            self._client.patch(resource, SPACE, name, patch)
        return caught.value


@pytest.fixture
def told(target: ControlPlane) -> Told:
    return Told(target)


# The case of the bug report


def test_a_pod_that_the_namespaces_pod_security_level_refuses_is_told_with_level_and_checks(
    target: ControlPlane, tmp_path: Path
) -> None:
    played = case("pod-security-message", target, tmp_path)
    for restored in (played.run(), played.run()):
        view = said_of(restored, "Pod", "legacy")
        assert (view.outcome, view.reason) == (Outcome.FAILED, Reason.REFUSED)
        assert view.message.endswith(
            'Forbidden: violates PodSecurity "restricted:latest": host namespaces, allowPrivilegeEscalation != false,'
            " unrestricted capabilities, runAsNonRoot != true, seccompProfile"
        )
        assert "registry.example.org" not in view.message
        assert "main" not in view.message
    namespace = played.get("Namespace", played.space("strict"))
    assert namespace is not None
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert played.get("ServiceAccount", "default") is not None


# Its neighbours: each built-in plugin in its own words

REFUSED = [
    (CONFIG_MAPS, body_of(CONFIG_MAPS, namespace="counted"), "exceeded quota: none-left (count/configmaps)"),
    (PODS, pod("counted"), "failed quota: computed: must specify limits.memory, requests.cpu"),
    (
        SERVICES,
        body_of(SERVICES, namespace="counted", spec={"ports": [{"port": 80}]}),
        "status unknown for quota: new",
    ),
    (
        PODS,
        pod(container={"resources": {"limits": {"cpu": "2", "memory": "1Mi"}}}),
        "LimitRange: minimum memory usage per Container, maximum cpu usage per Container",
    ),
    (PODS, pod(priorityClassName="missing"), "no PriorityClass with name missing was found"),
    (
        PODS,
        pod(priorityClassName="high", priority=5),
        "the integer value of priority must not be provided in pod spec: the PriorityClass has another one",
    ),
    (PODS, pod(runtimeClassName="gvisor"), 'pod rejected: RuntimeClass "gvisor" not found'),
    (
        PODS,
        pod(overhead={"cpu": "250m"}),
        "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    ),
    (
        PODS,
        pod(serviceAccountName="robot"),
        'error looking up service account guarded/robot: serviceaccount "robot" not found',
    ),
    (
        CONFIG_MAPS,
        body_of(CONFIG_MAPS, namespace="leaving"),
        "unable to create new content in namespace leaving because it is being terminated",
    ),
    (
        SERVICES,
        body_of(SERVICES, spec={"ports": [{"port": 80}], "externalIPs": ["192.0.2.1"]}),
        "Use of external IPs is denied by admission control",
    ),
]


@pytest.mark.parametrize(("resource", "body", "words"), REFUSED, ids=[words for _resource, _body, words in REFUSED])
def test_a_built_in_plugin_is_quoted_with_its_constant_words(
    told: Told, resource: Resource, body: Body, words: str
) -> None:
    error = told.create(resource, body)
    assert (type(error), str(error)) == (Forbidden, f"Forbidden: {words}")
    assert not told.pauses


def test_a_namespace_that_does_not_exist_is_named(told: Told) -> None:
    error = told.create(CONFIG_MAPS, body_of(CONFIG_MAPS, namespace="nowhere"))
    assert str(error) == 'NotFound: namespaces "nowhere" not found'


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (
            "3Gi",
            "Forbidden: only dynamically provisioned pvc can be resized"
            " and the storageclass that provisions the pvc must support resize",
        ),
        ("1Gi", "Invalid: spec.resources.requests.storage (field can not be less than status.capacity)"),
    ],
)
def test_a_claim_that_cannot_change_its_size_says_why(told: Told, size: str, words: str) -> None:
    patch = {"spec": {"resources": {"requests": {"storage": size}}}}
    assert str(told.patch(CLAIMS, "data", patch)) == words


def test_an_owner_reference_that_needs_a_right_on_its_owner_is_told(target: ControlPlane) -> None:
    user = next(iter(target.tokens.keys() - {"admin"}))
    target.apply(
        f"""
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: mapper, namespace: {SPACE}}}
rules: [{{apiGroups: [""], resources: [configmaps], verbs: [create]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: mapper, namespace: {SPACE}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: mapper}}
subjects: [{{apiGroup: rbac.authorization.k8s.io, kind: User, name: {user}}}]
"""
    )
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": "1", "blockOwnerDeletion": True}
    body = body_of(CONFIG_MAPS, metadata={"ownerReferences": [owner]})
    told = Told(target, target.kubeconfig_for(user))
    wait_for("the right to create", lambda: "cannot create" not in str(told.create(CONFIG_MAPS, body)))
    assert str(told.create(CONFIG_MAPS, body)) == (
        "Forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on"
    )


# What time does not mend is sent twice, and says what it is


def test_a_webhook_that_nobody_answers_is_named_and_tried_once_more_only(told: Told) -> None:
    error = told.create(CONFIG_MAPS, body_of(CONFIG_MAPS, metadata={"labels": {"guard": "dead"}}))
    assert str(error) == 'InternalError: failed calling webhook "dead.example.org": connection refused'
    assert (type(error), error.lasting, error.webhook) == (Throttled, True, "dead.example.org")
    assert not error.by_admission
    assert len(told.pauses) == 1


def test_a_conversion_webhook_that_nobody_answers_is_named_by_the_kind_that_it_converts(told: Told) -> None:
    error = told.create(OLD_WIDGETS, body_of(OLD_WIDGETS, spec={"password": CANARY}))
    name = "conversion webhook for example.org/v1beta1, Kind=Widget"
    assert str(error) == f"HTTP 500: {name} failed: connection refused"
    assert (error.lasting, error.webhook, len(told.pauses)) == (True, name, 1)


def test_an_object_that_is_too_large_for_etcd_is_not_tried_again_and_again(told: Told) -> None:
    error = told.create(WIDGETS, body_of(WIDGETS, spec={"text": "x" * 2_000_000}))
    assert str(error) == "HTTP 500: etcdserver: request is too large"
    assert (error.lasting, error.webhook, len(told.pauses)) == (True, "", 1)


# A webhook writes its whole Status itself

WEBHOOK = "hostile.example.org"
HOSTILE = {
    "the password in every text": lambda word: {
        "code": 403,
        "reason": f"password '{word}' is too weak",
        "message": f"exceeded quota: {word}, requested: {word}=1, used: {word}=1",
        "details": {
            "name": word,
            "kind": word,
            "causes": [
                {"reason": word, "message": f"{word}: field is immutable", "field": f"data.{word}"},
                {"reason": "FieldValueInvalid", "message": word, "field": word},
                {"reason": "FieldValueInvalid", "message": word, "field": f"the value '{word}'"},
            ],
        },
    },
    "a status of the API's own": lambda word: {
        "code": 404,
        "reason": "NotFound",
        "message": f'secrets "{word}" not found',
    },
    "a status that is tried again": lambda word: {"code": 503, "reason": "ServiceUnavailable", "message": word},
    "another webhook's words": lambda word: {"code": 500, "message": f'failed calling webhook "{word}"'},
    "nothing": lambda _word: {},
    "control characters": lambda word: {"code": 422, "reason": f"\x1b[31m{word}", "message": f"\n\x1b]0;{word}\x07"},
}


def secret(name: str) -> Body:
    data = {"password": base64.b64encode(CANARY.encode()).decode()}
    return body_of(SECRETS, name, data=data, metadata={"labels": {"guard": name}})


@pytest.mark.parametrize("how", HOSTILE)
def test_no_webhook_carries_a_secrets_value_out_of_the_api_server(
    target: ControlPlane, tmp_path: Path, told: Told, how: str
) -> None:
    name = how.replace(" ", "-").replace("'", "").lower()

    def refusal(stored: Body) -> Body:
        word = base64.b64decode(stored["data"]["password"]).decode()
        assert word == CANARY
        return HOSTILE[how](word)

    with Refusing(tmp_path, refusal) as webhook:
        configured(target, name, webhook.client_config)
        error = told.create(SECRETS, secret(name))
        status, raw = target.api("POST", path_of(SECRETS, SPACE), secret(name))
    assert status >= 400
    assert how == "nothing" or CANARY in str(raw)
    assert f'admission webhook "{WEBHOOK}" denied the request' in str(error)
    assert CANARY not in f"{error}{error.__dict__}"
    assert str(error).isprintable()
    assert error.by_admission
    assert isinstance(error, Forbidden) or error.status == 422
    assert len(told.pauses) <= 1


def configured(target: ControlPlane, name: str, client_config: Body) -> None:
    """Registers the webhook for objects with a label of this value, and waits until it is asked."""
    webhook = {
        "name": WEBHOOK,
        "admissionReviewVersions": ["v1"],
        "clientConfig": client_config,
        "sideEffects": "None",
        "objectSelector": {"matchLabels": {"guard": name}},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["secrets"]}],
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    assert target.api("POST", path, {**kind, "metadata": {"name": name}, "webhooks": [webhook]})[0] == 201
    asked = path_of(SECRETS, SPACE) + "?dryRun=All"
    wait_for("the webhook", lambda: "denied the request" in str(target.api("POST", asked, secret(name))[1]))


# A password in the server's address

PASSWORD = "hunter2-in-an-address"


def test_no_output_shows_the_password_in_the_servers_address(target: ControlPlane, tmp_path: Path) -> None:
    backup = backup_of(tmp_path, config_map("addressed", {"a": "1"}, SPACE))
    with RawServer(lambda _method, _path: answer(200, b"<html>")) as nobody:
        addresses = [url.replace("://", f"://robot:{PASSWORD}@") for url in (target.url, nobody.host)]
        there, away = addresses
        clusters = [{"name": "standby", "cluster": {"server": away}}]
        kubeconfig = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "standby",
            "clusters": clusters,
            "contexts": [{"name": "standby", "context": {"cluster": "standby", "user": "robot"}}],
            "users": [{"name": "robot", "user": {"token": "t-o-k-e-n"}}],
        }
        player = Player(target, tmp_path)
        played = player.tasks(
            *player.module("there", backup_file=str(backup), host=there, api_key=target.token, ca_cert=str(target.ca)),
            *player.module("away", backup_file=str(backup), host=away, api_key="t-o-k-e-n"),
            *player.module("kubeconfig", backup_file=str(backup), kubeconfig=kubeconfig),
            arguments=("-vvv",),
        )
    assert played.results["there"]["restore"]["phase"] == "Completed"
    for name in ("away", "kubeconfig"):
        assert f" {nobody.host}/version did not answer" in played.results[name]["msg"]
    assert PASSWORD not in f"{played.everything}{played.results}"
