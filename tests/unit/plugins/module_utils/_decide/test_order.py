# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of writes is data: a total order whatever the order of the archive."""

from __future__ import annotations

import random

from ansible_collections.standby.velero.plugins.module_utils._decide.order import (
    GROWING_QUOTAS,
    plan_key,
    sort_key,
    stage_of,
    stage_of_change,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, Comparison, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action


def item(resource, namespace, name):
    return BackupItem(ObjectKey("", resource, namespace, name), resource, "v1")


def test_the_order_is_that_of_velero_with_guards_after_what_they_guard():
    resources = [
        "customresourcedefinitions.apiextensions.k8s.io",
        "namespaces",
        "projects.project.openshift.io",
        "storageclasses.storage.k8s.io",
        "runtimeclasses.node.k8s.io",
        "ingressclasses.networking.k8s.io",
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
        "resourcequotas",
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


def quota(before: str, after: str, action: Action = Action.UPDATE) -> Change:
    patch, found = ({"spec": {"hard": {"pods": value}}} for value in (after, before))
    comparison = None if action is Action.CREATE else Comparison("1", patch, found)
    return Change(item("resourcequotas", "shop", "compute"), action, comparison=comparison)


def test_a_quota_that_grows_comes_before_what_it_counts_and_any_other_after_it():
    counted = Change(item("pods", "shop", "web"), Action.CREATE)
    shrinks, is_new, grows = quota("9", "3"), quota("", "3", Action.CREATE), quota("3", "9")
    changes = sorted([shrinks, counted, is_new, grows], key=plan_key)
    assert changes[:2] == [grows, counted]
    assert stage_of_change(grows) == GROWING_QUOTAS
    stages = [stage_of_change(change) for change in (grows, counted, shrinks)]
    assert stages == sorted(set(stages))
    assert stage_of("namespaces") < GROWING_QUOTAS < stage_of("persistentvolumes")


def test_the_order_of_changes_is_that_of_their_objects():
    changes = [Change(item(resource, "shop", name), Action.NOOP) for resource in ("secrets", "pods") for name in "ba"]
    assert [change.ref for change in sorted(changes, key=plan_key)] == sorted(
        (change.ref for change in changes), key=sort_key
    )
