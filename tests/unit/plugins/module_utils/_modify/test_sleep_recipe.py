# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/modifiers-sleep.yml over the recorded production backup: what would run sleeps, all else stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply, diff
from ansible_collections.standby.velero.plugins.module_utils._modify.rules import compile_modifiers

RECIPE = (
    next(path for path in Path(__file__).parents if (path / "galaxy.yml").exists()) / "docs" / "modifiers-sleep.yml"
)

ASLEEP = {
    "cronjobs.batch": {"spec": {"suspend": True}},
    "daemonsets.apps": {"spec": {"template": {"spec": {"nodeSelector": {"standby.velero/asleep": "true"}}}}},
    "deployments.apps": {"spec": {"replicas": 0}},
    "jobs.batch": {"spec": {"suspend": True}},
    "pods": {"spec": {"schedulingGates": [{"name": "standby.velero/asleep"}]}},
    "replicasets.apps": {"spec": {"replicas": 0}},
    "replicationcontrollers": {"spec": {"replicas": 0}},
    "statefulsets.apps": {"spec": {"replicas": 0}},
}
"""Whatever makes a container start, and what keeps it from that."""

MODIFIERS = compile_modifiers(RECIPE.read_text())


def test_nothing_of_the_backup_runs_and_nothing_else_is_touched():
    seen = set()
    for resource, namespace, name in recorded.places():
        body = recorded.body(resource, namespace, name)
        seen.add(resource)
        assert MODIFIERS.apply(resource, namespace, body) == apply(body, ASLEEP.get(resource, {})), (resource, name)
    assert set(ASLEEP) - seen == {"replicationcontrollers"}


@pytest.mark.parametrize("resource", sorted(ASLEEP))
def test_each_rule_works_on_an_object_that_says_nothing(resource):
    body = {"apiVersion": "v1", "kind": "Any", "metadata": {"name": "web"}}
    assert diff(body, MODIFIERS.apply(resource, "shop", body)) == ASLEEP[resource]


@pytest.mark.parametrize("resource", sorted(ASLEEP))
def test_what_sleeps_already_needs_no_patch(resource):
    body = {"apiVersion": "v1", "kind": "Any", "metadata": {"name": "web"}, **ASLEEP[resource]}
    assert diff(body, MODIFIERS.apply(resource, "shop", body)) == {}
