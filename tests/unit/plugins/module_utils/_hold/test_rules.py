# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what makes a kind sleep, and the user's rows behind it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.rules import (
    RULES,
    HoldRule,
    Wave,
    merged,
    resolved,
    sleeps_of,
)


@pytest.mark.parametrize(
    ("resource", "patch"),
    {
        "cronjobs.batch": {"spec": {"suspend": True}},
        "cronworkflows.argoproj.io": {"spec": {"suspend": True}},
        "applications.argoproj.io": {"spec": {"syncPolicy": {"automated": None}}},
        "daemonsets.apps": {"spec": {"template": {"spec": {"nodeSelector": {"standby.velero/asleep": "true"}}}}},
        "deploymentconfigs.apps.openshift.io": {"spec": {"replicas": 0}},
        "deployments.apps": {"spec": {"replicas": 0}},
        "helmreleases.helm.toolkit.fluxcd.io": {"spec": {"suspend": True}},
        "jobs.batch": {"spec": {"suspend": True}},
        "kustomizations.kustomize.toolkit.fluxcd.io": {"spec": {"suspend": True}},
        "replicasets.apps": {"spec": {"replicas": 0}},
        "replicationcontrollers": {"spec": {"replicas": 0}},
        "rollouts.argoproj.io": {"spec": {"replicas": 0}},
        "scaledjobs.keda.sh": {"metadata": {"annotations": {"autoscaling.keda.sh/paused": "true"}}},
        "scaledobjects.keda.sh": {"metadata": {"annotations": {"autoscaling.keda.sh/paused-replicas": "0"}}},
        "statefulsets.apps": {"spec": {"replicas": 0}},
    }.items(),
)
def test_what_makes_a_kind_sleep(resource, patch):
    assert sleeps_of(RULES)[resource].patch == patch


def test_every_row_is_tested_above_and_says_why():
    assert len(RULES) == 15
    assert all(rule.why for rule in RULES)


def test_state_is_woken_before_what_uses_it_and_batch_work_last():
    waves = {resource: sleep.wave for resource, sleep in sleeps_of(RULES).items()}
    assert {name for name, wave in waves.items() if wave is Wave.STATE} == {"statefulsets.apps"}
    assert {name for name, wave in waves.items() if wave is Wave.BATCH} == {
        "cronjobs.batch",
        "jobs.batch",
        "cronworkflows.argoproj.io",
        "scaledjobs.keda.sh",
    }


def test_a_further_field_comes_in_addition():
    own = HoldRule("deployments.apps", ("spec", "paused"), True)
    assert sleeps_of((*RULES, own))["deployments.apps"].patch == {"spec": {"replicas": 0, "paused": True}}


def test_the_same_field_has_the_later_value():
    own = HoldRule("deployments.apps", ("spec", "replicas"), 1)
    assert sleeps_of((*RULES, own))["deployments.apps"].patch == {"spec": {"replicas": 1}}


def test_another_kind_sleeps_too():
    own = HoldRule("brokers.example.org", ("spec", "sleep"), {"deep": True})
    assert sleeps_of((*RULES, own))["brokers.example.org"].patch == {"spec": {"sleep": {"deep": True}}}


def test_a_null_of_either_patch_stays():
    assert merged({"spec": {"a": None}}, {"spec": {"b": None}}) == {"spec": {"a": None, "b": None}}


def test_types_are_the_target_s_to_know():
    (rule,) = resolved([HoldRule("deploy", ("spec", "paused"), True)], {"deploy": "deployments.apps"}.get)
    assert rule.resource == "deployments.apps"
