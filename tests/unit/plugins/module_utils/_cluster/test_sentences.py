# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages of Kubernetes 1.36 as its sources write them, and what is shown of each: names and constant words."""

from __future__ import annotations

import time

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.sentences import Known, recognised

CANARY = "S3cr3t!"

SHOWN = [
    # Pod Security
    (
        'pods "legacy" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true),'
        ' allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false),'
        f' unrestricted capabilities (container "main" must set {CANARY}), seccompProfile (pod or'
        f' container "privileged")',
        'violates PodSecurity "restricted:latest": host namespaces, allowPrivilegeEscalation != false, unrestricted'
        " capabilities, seccompProfile",
    ),
    (
        f'pods "x" is forbidden: violates PodSecurity "baseline:v1.24": forbidden sysctls ({CANARY}),'
        f" hostPort ({CANARY})",
        'violates PodSecurity "baseline:v1.24": forbidden sysctls, hostPort',
    ),
    (f'pods "x" is forbidden: violates PodSecurity "{CANARY}:latest": privileged', "violates PodSecurity"),
    (
        f'pods "x" is forbidden: violates PodSecurity "baseline:latest": {CANARY}',
        'violates PodSecurity "baseline:latest"',
    ),
    ('pods "x" is forbidden: Not allowed by PodSecurity', "violates PodSecurity"),
    # ResourceQuota
    (
        'pods "x" is forbidden: exceeded quota: compute.small, requested:'
        " pods=1,requests.nvidia.com/gpu=2,limits.memory=1Gi,"
        " used: pods=0, limited: pods=0",
        "exceeded quota: compute.small (pods, requests.nvidia.com/gpu, limits.memory)",
    ),
    (f'pods "x" is forbidden: exceeded quota: q, requested: {CANARY}, used: pods=0', "exceeded quota: q"),
    (
        'pods "x" is forbidden: failed quota: q: must specify cpu for: main,side; requests.memory for: main',
        "failed quota: q: must specify cpu, requests.memory",
    ),
    (
        'pods "x" is forbidden: failed quota: q: must specify limits.cpu,limits.memory',
        "failed quota: q: must specify limits.cpu, limits.memory",
    ),
    (f'pods "x" is forbidden: failed quota: q: must specify {CANARY} for: main', "failed quota: q: must specify"),
    (f'pods "x" is forbidden: failed quota: q: {CANARY}', "failed quota: q"),
    ('pods "x" is forbidden: status unknown for quota: q, resources: pods', "status unknown for quota: q"),
    (
        'pods "x" is forbidden: insufficient quota to consume: pods,count/jobs.batch',
        "insufficient quota to consume: pods,count/jobs.batch",
    ),
    (
        f"insufficient quota to match these scopes: [{{PriorityClass In [{CANARY}]}}]",
        "insufficient quota to match these scopes",
    ),
    # LimitRange
    (
        'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
        "LimitRange: maximum cpu usage per Container",
    ),
    (
        'pods "x" is forbidden: [minimum memory usage per Pod is 64Mi.  No request is specified,'
        " maximum nvidia.com/gpu usage"
        " per Container is 1, but request is 2, cpu max limit to request ratio per Container is 2, but"
        " provided ratio is 4.0]",
        "LimitRange: minimum memory usage per Pod, maximum nvidia.com/gpu usage per Container, cpu max limit to request"
        " ratio per Container",
    ),
    (
        'persistentvolumeclaims "x" is forbidden: minimum storage usage per PersistentVolumeClaim is'
        " 1Gi, but request is 1Mi",
        "LimitRange: minimum storage usage per PersistentVolumeClaim",
    ),
    # PriorityClass, RuntimeClass, ServiceAccount
    ('pods "x" is forbidden: no PriorityClass with name high was found', "no PriorityClass with name high was found"),
    (
        'pods "x" is forbidden: the integer value of priority (-5) must not be provided in pod spec; priority admission'
        " controller computed 100 from the given PriorityClass name",
        "the integer value of priority must not be provided in pod spec: the PriorityClass has another one",
    ),
    (
        'pods "x" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority'
        " admission controller computed PreemptLowerPriority from the given PriorityClass name",
        "the string value of PreemptionPolicy must not be provided in pod spec: the PriorityClass has another one",
    ),
    (
        'priorityclasses.scheduling.k8s.io "x" is forbidden: PriorityClass high is already marked as'
        " default. Only one default"
        " can exist",
        "PriorityClass high is already marked as default",
    ),
    (
        'pods "x" is forbidden: pod rejected: RuntimeClass "gvisor" not found',
        'pod rejected: RuntimeClass "gvisor" not found',
    ),
    (
        "pods \"x\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
        "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ),
    (
        f'pods "x" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[{CANARY}] = {CANARY}',
        "the RuntimeClass's scheduling.nodeSelector conflicts with the Pod's",
    ),
    (
        'pods "x" is forbidden: error looking up service account shop/robot: serviceaccount "robot" not found',
        'error looking up service account shop/robot: serviceaccount "robot" not found',
    ),
    (
        f'pods "x" is forbidden: error looking up service account shop/robot: {CANARY}',
        "error looking up service account shop/robot",
    ),
    # Namespaces
    (
        'configmaps "x" is forbidden: unable to create new content in namespace shop because it is being terminated',
        "unable to create new content in namespace shop because it is being terminated",
    ),
    ('namespaces "kube-system" is forbidden: this namespace may not be deleted', "this namespace may not be deleted"),
    ('namespaces "shop" not found', 'namespaces "shop" not found'),
    # RBAC
    (
        'secrets is forbidden: User "system:serviceaccount:a:b" cannot list resource "secrets" in API'
        ' group "" at the cluster'
        f" scope: RBAC: {CANARY}",
        'User "system:serviceaccount:a:b" cannot list resource "secrets" in API group "" at the cluster scope',
    ),
    (
        f'forbidden: User "jane@example.org" cannot get path "/version": {CANARY}',
        'User "jane@example.org" cannot get path "/version"',
    ),
    # policies
    (
        f"configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'guard' with binding 'all' denied request: {CANARY}",
        "ValidatingAdmissionPolicy 'guard' with binding 'all' denied request",
    ),
    (
        f"configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'guard' denied request: {CANARY}",
        "ValidatingAdmissionPolicy 'guard' denied request",
    ),
    (
        f"policy 'mutate' with binding 'all' denied request: {CANARY}",
        "MutatingAdmissionPolicy 'mutate' with binding 'all' denied request",
    ),
    # webhooks
    (
        f'admission webhook "a.example.org" denied the request: {CANARY}',
        'admission webhook "a.example.org" denied the request',
    ),
    (
        'Internal error occurred: admission webhook "a.example.org" attempted to modify the object,'
        " which is not supported for"
        " this operation",
        'admission webhook "a.example.org" attempted to modify the object',
    ),
    (
        'Internal error occurred: failed calling webhook "a.example.org": failed to call webhook: Post'
        f' "https://hook.shop.svc:443/{CANARY}?timeout=10s": context deadline exceeded',
        'failed calling webhook "a.example.org": context deadline exceeded',
    ),
    (
        f'Internal error occurred: failed calling webhook "a.example.org": an error on the server'
        f' ("{CANARY}") has prevented',
        'failed calling webhook "a.example.org"',
    ),
    (
        "conversion webhook for helm.example.org/v1, Kind=Chart failed: Post: tls: certificate signed"
        " by unknown authority",
        "conversion webhook for helm.example.org/v1, Kind=Chart failed: certificate signed by unknown authority",
    ),
    (
        "Internal error occurred: failed to convert new object (shop/a; helm.example.org/v1,"
        " Kind=Chart) to proper version"
        " (helm.example.org/v2): conversion webhook for helm.example.org/v1, Kind=Chart returned invalid metadata: x",
        "conversion webhook for helm.example.org/v1, Kind=Chart returned what cannot be used",
    ),
    (
        "Internal error occurred: failed to allocate requested HealthCheck NodePort 30611: provided port is already"
        " allocated",
        "failed to allocate requested HealthCheck NodePort",
    ),
    (f"conversion webhook for &{{map[{CANARY}]}} failed, no objects returned", "a conversion webhook failed"),
    # a field's error as a plugin's refusal
    (
        'pods "x" is forbidden: spec.containers[0].imagePullPolicy: Unsupported value: "IfNotPresent":'
        ' supported values: "Always"',
        "spec.containers[0].imagePullPolicy (unsupported value)",
    ),
    ('pods "x" is forbidden: [spec.a: Too long: may not be more than 5 bytes, spec.b: Forbidden]', "spec.a (too long)"),
    (f'pods "x" is forbidden: [{CANARY}: Invalid value: "x"]', ""),
    ("data: Forbidden: field is immutable", ""),
]


@pytest.mark.parametrize(("message", "shown"), SHOWN, ids=[message[:60] for message, _shown in SHOWN])
def test_of_a_sentence_of_kubernetes_the_constant_words_and_names_are_shown(message: str, shown: str) -> None:
    assert recognised(message).text == shown
    assert CANARY not in shown


@pytest.mark.parametrize(
    "words",
    [
        "exceeded quota: hunter2, requested: pods=1, used: pods=1, limited: pods=1",
        'violates PodSecurity "restricted:latest": privileged',
        "no PriorityClass with name hunter2 was found",
        'User "hunter2" cannot get resource "secrets" in API group ""',
        'failed calling webhook "hunter2"',
        "conversion webhook for hunter2/v1, Kind=Hunter2 failed",
        'namespaces "hunter2" not found',
    ],
)
@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("", None),
        ('secrets "x" is forbidden: ', None),
        (
            'admission webhook "a.example.org" denied the request: ',
            'admission webhook "a.example.org" denied the request',
        ),
        ("ValidatingAdmissionPolicy 'a' denied request: ", "ValidatingAdmissionPolicy 'a' denied request"),
        ('Secret "x" is invalid: data: Invalid value: "', ""),
        ("x ", ""),
        ('roles "a\\" is forbidden: b" is invalid: ', ""),
        ('roles "a" is invalid: "b" is forbidden: ', ""),
    ],
)
def test_a_sentence_counts_only_where_the_api_server_puts_it(words: str, before: str, shown: str | None) -> None:
    found = recognised(f"{before}{words}")
    assert (found.text == shown) if shown is not None else found.text
    assert shown is None or "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("message", "known"),
    [
        ('admission webhook "a.b.c" denied the request: x', Known(by_admission=True, by_webhook=True, is_lasting=True)),
        (
            'admission webhook "a.b.c" does not support dry run',
            Known(by_admission=True, is_lasting=True, needs_dry_run=True),
        ),
        ('failed calling webhook "a.b.c": x', Known(is_lasting=True, webhook="a.b.c")),
        (
            "conversion webhook for a.b/v1, Kind=C failed: x",
            Known(is_lasting=True, webhook="conversion webhook for a.b/v1, Kind=C"),
        ),
        ("conversion webhook for x failed", Known(is_lasting=True)),
        ("failed to allocate requested HealthCheck NodePort 1: x", Known(is_lasting=True)),
        ("ValidatingAdmissionPolicy 'a' denied request: x", Known(by_admission=True, is_lasting=True)),
        ('pods "x" is forbidden: exceeded quota: q', Known(by_admission=True)),
        ('pods "x" is forbidden: User "a" cannot get resource "pods" in API group ""', Known()),
        ('namespaces "a" not found', Known()),
        ("anything else", Known()),
        ("", Known()),
    ],
)
def test_who_said_it_and_whether_it_lasts_is_known(message: str, known: Known) -> None:
    found = recognised(message)
    assert Known("", *(getattr(found, name) for name in Known.__slots__[1:])) == known


@pytest.mark.parametrize(
    "message",
    [
        "[" * 30_000,
        'pods "' + "\\" * 30_000,
        "a" * 30_000,
        "exceeded quota: q, requested: " + "a=1," * 8_000,
        "failed quota: q: must specify " + "cpu for: a; " * 3_000,
        'violates PodSecurity "restricted:latest": ' + "privileged, " * 3_000,
        "maximum cpu usage per Pod is 1, " * 1_000,
        "failed to convert " + "a" * 30_000,
        "a[a]" * 8_000,
        "failed to update x (" * 1_500,
        "conversion webhook for " + "a." * 15_000,
    ],
    ids=lambda message: message[:30],
)
def test_a_message_made_to_take_long_takes_no_time(message: str) -> None:
    began = time.perf_counter()
    for _time in range(5):
        recognised(message)
    assert time.perf_counter() - began < 1
