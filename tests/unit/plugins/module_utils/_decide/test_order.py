# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The order of writes is data: a total order whatever the order of the archive."""

from __future__ import annotations

import random

from ansible_collections.standby.velero.plugins.module_utils._decide.order import sort_key, stage_of
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey


def item(resource, namespace, name):
    return BackupItem(ObjectKey("", resource, namespace, name), resource, "v1")


def test_the_order_is_that_of_velero_with_guards_after_what_they_guard():
    resources = [
        "customresourcedefinitions.apiextensions.k8s.io",
        "namespaces",
        "projects.project.openshift.io",
        "storageclasses.storage.k8s.io",
        "persistentvolumes",
        "persistentvolumeclaims",
        "serviceaccounts",
        "rolebindings.rbac.authorization.k8s.io",
        "secrets",
        "configmaps",
        "limitranges",
        "priorityclasses.scheduling.k8s.io",
        "pods",
        "replicasets.apps",
        "endpoints",
        "services",
        "deployments.apps",
        "clusters.cluster.x-k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
    ]
    stages = [stage_of(resource) for resource in resources]
    assert stages == sorted(set(stages))


def test_types_without_a_priority_share_one_stage():
    assert stage_of("deployments.apps") == stage_of("widgets.example.org")


def test_the_plan_does_not_depend_on_the_order_of_the_archive():
    items = [
        item(resource, namespace, name)
        for resource in ("secrets", "a", "b")
        for namespace in ("x", "y")
        for name in ("1", "2")
    ]
    shuffled = items[:]
    random.Random(1).shuffle(shuffled)
    assert sorted(shuffled, key=sort_key) == sorted(items, key=sort_key)
