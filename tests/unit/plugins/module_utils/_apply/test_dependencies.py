"""What a dry run cannot prove: refusals that an object planned earlier may cure."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.dependencies import planned_dependency
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

RBAC = "rbac.authorization.k8s.io"
POD = BackupItem(ObjectKey("", "Pod", "shop", "a"), "pods", "v1")
DEPLOYMENT = BackupItem(ObjectKey("apps", "Deployment", "shop", "a"), "deployments.apps", "v1")
BINDING = BackupItem(ObjectKey(RBAC, "RoleBinding", "shop", "a"), f"rolebindings.{RBAC}", "v1")
WIDGET = BackupItem(ObjectKey("example.org", "Widget", "", "a"), "widgets.example.org", "v1")
CLAIM = BackupItem(ObjectKey("", "PersistentVolumeClaim", "shop", "a"), "persistentvolumeclaims", "v1")


@pytest.mark.parametrize(
    ("item", "body", "promised"),
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
        (BINDING, {"roleRef": {"kind": "Role", "name": "r"}}, ObjectKey(RBAC, "Role", "shop", "r")),
        (BINDING, {"roleRef": {"kind": "ClusterRole", "name": "r"}}, ObjectKey(RBAC, "ClusterRole", "", "r")),
        (WIDGET, {}, ObjectKey("apiextensions.k8s.io", "CustomResourceDefinition", "", "widgets.example.org")),
        (CLAIM, {"spec": {"storageClassName": "slow"}}, ObjectKey("storage.k8s.io", "StorageClass", "", "slow")),
    ],
)
def test_what_an_object_needs_may_cure_its_refusal_only_when_it_is_promised(item, body, promised):
    assert planned_dependency(item, body, {promised}) == promised
    assert planned_dependency(item, body, {ObjectKey("", "ConfigMap", "shop", "other")}) is None


def test_a_malformed_body_needs_no_more_than_its_namespace():
    assert planned_dependency(POD, {"spec": "text", "roleRef": []}, set()) is None
