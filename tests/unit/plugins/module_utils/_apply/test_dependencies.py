# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a dry run cannot prove: refusals that an object planned earlier may cure."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.dependencies import planned_dependency
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

ADMISSION = "admissionregistration.k8s.io"
RBAC = "rbac.authorization.k8s.io"
POD = BackupItem(ObjectKey("", "Pod", "shop", "a"), "pods", "v1")
DEPLOYMENT = BackupItem(ObjectKey("apps", "Deployment", "shop", "a"), "deployments.apps", "v1")
BINDING = BackupItem(ObjectKey(RBAC, "RoleBinding", "shop", "a"), f"rolebindings.{RBAC}", "v1")
INGRESS = BackupItem(ObjectKey("networking.k8s.io", "Ingress", "shop", "a"), "ingresses.networking.k8s.io", "v1")
WIDGET = BackupItem(ObjectKey("example.org", "Widget", "", "a"), "widgets.example.org", "v1")
CLAIM = BackupItem(ObjectKey("", "PersistentVolumeClaim", "shop", "a"), "persistentvolumeclaims", "v1")


@pytest.mark.parametrize(
    ("item", "body", "planned"),
    [
        (POD, {}, ObjectKey("", "Namespace", "", "shop")),
        (POD, {"spec": {}}, ObjectKey("", "ServiceAccount", "shop", "default")),
        (POD, {"spec": {"serviceAccountName": "robot"}}, ObjectKey("", "ServiceAccount", "shop", "robot")),
        (POD, {"spec": {"priorityClassName": "top"}}, ObjectKey("scheduling.k8s.io", "PriorityClass", "", "top")),
        (
            DEPLOYMENT,
            {"spec": {"template": {"spec": {"priorityClassName": "top"}}}},
            ObjectKey("scheduling.k8s.io", "PriorityClass", "", "top"),
        ),
        (POD, {"spec": {"runtimeClassName": "gvisor"}}, ObjectKey("node.k8s.io", "RuntimeClass", "", "gvisor")),
        (INGRESS, {"spec": {"ingressClassName": "web"}}, ObjectKey("networking.k8s.io", "IngressClass", "", "web")),
        (BINDING, {"roleRef": {"kind": "Role", "name": "r"}}, ObjectKey(RBAC, "Role", "shop", "r")),
        (BINDING, {"roleRef": {"kind": "ClusterRole", "name": "r"}}, ObjectKey(RBAC, "ClusterRole", "", "r")),
        (WIDGET, {}, ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.org")),
        (CLAIM, {"spec": {"storageClassName": "slow"}}, ObjectKey("storage.k8s.io", "StorageClass", "", "slow")),
    ],
)
def test_what_an_object_needs_may_cure_its_refusal_only_when_it_is_planned(item, body, planned):
    assert planned_dependency(item, body, {planned}) == planned
    assert planned_dependency(item, body, {ObjectKey("", "ConfigMap", "shop", "other")}) is None


@pytest.mark.parametrize(
    ("item", "body", "planned"),
    [
        (
            BackupItem(ObjectKey("batch", "CronJob", "shop", "a"), "cronjobs.batch", "v1"),
            {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"serviceAccountName": "robot"}}}}}},
            ObjectKey("", "ServiceAccount", "shop", "robot"),
        ),
        (
            BackupItem(
                ObjectKey(ADMISSION, "ValidatingAdmissionPolicyBinding", "", "a"),
                f"validatingadmissionpolicybindings.{ADMISSION}",
                "v1",
            ),
            {"spec": {"policyName": "guard"}},
            ObjectKey(ADMISSION, "ValidatingAdmissionPolicy", "", "guard"),
        ),
    ],
    ids=["the template of a template", "the policy of a binding"],
)
def test_needs_are_found_wherever_they_are_named(item, body, planned):
    assert planned_dependency(item, body, {planned}) == planned


@pytest.mark.parametrize(
    ("item", "body", "other"),
    [
        (POD, {"spec": {"serviceAccountName": "robot"}}, ObjectKey("", "ServiceAccount", "bank", "robot")),
        (POD, {}, ObjectKey("", "Namespace", "", "bank")),
        (BINDING, {"roleRef": {"kind": "Role", "name": "r"}}, ObjectKey(RBAC, "ClusterRole", "", "r")),
    ],
)
def test_what_merely_looks_like_it_cures_nothing(item, body, other):
    assert planned_dependency(item, body, {other}) is None


def test_a_malformed_body_needs_no_more_than_its_namespace():
    assert planned_dependency(POD, {"spec": "text", "roleRef": []}, set()) is None
    namespace = ObjectKey("", "Namespace", "", "shop")
    assert planned_dependency(POD, {"spec": "text", "roleRef": []}, {namespace}) == namespace


QUOTA = ObjectKey("", "ResourceQuota", "shop", "compute")


@pytest.mark.parametrize(
    ("refusal", "planned"),
    [
        ("Forbidden: exceeded quota: compute", QUOTA),
        ("Forbidden: exceeded quota: compute, requested: pods=1", QUOTA),
        ("Forbidden: exceeded quota: other", None),
        ("Forbidden", None),
        ("", None),
    ],
)
def test_a_quota_that_grows_cures_what_it_refused_and_nothing_else(refusal, planned):
    assert planned_dependency(POD, {}, {QUOTA}, refusal) == planned
    assert planned_dependency(POD, {}, {QUOTA._replace(namespace="bank")}, refusal) is None
