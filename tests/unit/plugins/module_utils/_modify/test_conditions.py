# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""To which objects a rule applies."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers

BODY = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web-1", "namespace": "mapped", "labels": {"app": "web"}},
    "spec": {"replicas": 3, "paused": True, "list": ["a"]},
}


def holds(conditions, resource="deployments.apps", namespace="shop", body=None):
    body = BODY if body is None else body
    rule = {"conditions": {"groupResource": "deployments.apps", **conditions}, "mergePatches": [{"patchData": "{}"}]}
    (compiled,) = compile_modifiers({"version": "v1", "resourceModifierRules": [rule]}).rules
    return compiled.conditions.hold(resource, namespace, body)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, True),
        ({"groupResource": "*.apps"}, True),
        ({"groupResource": "*"}, False),
        ({"groupResource": "deployments"}, False),
        ({"namespaces": []}, True),
        ({"namespaces": ["shop"]}, True),
        ({"namespaces": ["mapped"]}, False),  # as the backup has it, not as it is mapped
        ({"namespaces": ["other", "sh*"]}, True),
        ({"namespaces": ["*"]}, True),
        ({"resourceNameRegex": ""}, True),
        ({"resourceNameRegex": "^web"}, True),
        ({"resourceNameRegex": "-1"}, True),
        ({"resourceNameRegex": "^1"}, False),
        ({"labelSelector": {}}, True),
        ({"labelSelector": {"matchLabels": {"app": "web"}}}, True),
        ({"labelSelector": {"matchLabels": {"app": "db"}}}, False),
        ({"labelSelector": {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}}, True),
        ({"matches": []}, True),
        ({"matches": [{"path": "/spec/replicas", "value": "3"}]}, True),
        ({"matches": [{"path": "/spec/replicas", "value": 3}]}, True),
        ({"matches": [{"path": "/spec/replicas", "value": '"3"'}]}, False),
        ({"matches": [{"path": "/spec/paused", "value": True}]}, True),
        ({"matches": [{"path": "/spec/gone", "value": "3"}]}, False),
        ({"matches": [{"path": "/spec/gone", "value": "null"}]}, True),  # a missing key is null
        ({"matches": [{"path": "/gone/gone", "value": "null"}]}, False),
        ({"matches": [{"path": "/spec/list/0", "value": "a"}]}, True),
        ({"matches": [{"path": "/spec/list/1", "value": "a"}]}, False),
        ({"matches": [{"path": "/spec/replicas", "value": "3"}, {"path": "/spec/paused", "value": "false"}]}, False),
        ({"namespaces": ["shop"], "resourceNameRegex": "web", "matches": [{"path": "/kind", "value": "Pod"}]}, False),
    ],
)
def test_all_conditions_must_hold(conditions, expected):
    assert holds(conditions) is expected


def test_namespaces_say_nothing_of_cluster_scoped_objects():
    body = {"kind": "PersistentVolume", "metadata": {"name": "pv"}}
    conditions = {"groupResource": "persistentvolumes", "namespaces": ["shop"]}
    assert holds(conditions, "persistentvolumes", "", body)


@pytest.mark.parametrize("body", [{}, {"metadata": None}, {"metadata": {"name": 3, "labels": "x"}}])
def test_a_body_that_is_none_matches_nothing_and_breaks_nothing(body):
    assert not holds({"resourceNameRegex": "web"}, body=body)
    assert not holds({"labelSelector": {"matchLabels": {"a": "b"}}}, body=body)
