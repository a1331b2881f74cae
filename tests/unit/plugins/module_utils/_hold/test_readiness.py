# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a workload has the ready Pods that it asks for."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.readiness import tells_readiness, why_not_ready
from ansible_collections.standby.velero.plugins.module_utils._hold.rules import RULES

DEPLOYMENT, DAEMONS = "deployments.apps", "daemonsets.apps"


def body(spec, generation=2, **status):
    return {"metadata": {"generation": generation}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("resource", "live", "why"),
    [
        (DEPLOYMENT, body({"replicas": 3}, observedGeneration=2, readyReplicas=3), ""),
        (DEPLOYMENT, body({"replicas": 3}, observedGeneration=2, readyReplicas=1), "1 of 3 Pods are ready"),
        (DEPLOYMENT, body({"replicas": 3}, observedGeneration=2), "0 of 3 Pods are ready"),
        (DEPLOYMENT, body({}, observedGeneration=2), "0 of 1 Pods are ready"),
        (DEPLOYMENT, body({"replicas": 0}, observedGeneration=2), ""),
        (DEPLOYMENT, body({"replicas": 3}, observedGeneration=1, readyReplicas=3), "its controller has not looked"),
        (DEPLOYMENT, body({"replicas": 3}), "its controller has not looked"),
        ("rollouts.argoproj.io", body({"replicas": 1}, observedGeneration="2", readyReplicas=1), ""),
        ("rollouts.argoproj.io", body({"replicas": 1}, observedGeneration="one", readyReplicas=1), "its controller"),
        ("replicationcontrollers", body({"replicas": 1}, generation=None, readyReplicas=1), ""),
        (DAEMONS, body({}, observedGeneration=2, desiredNumberScheduled=2, numberReady=1), "1 of 2 Pods are ready"),
        (DAEMONS, body({}, observedGeneration=2, desiredNumberScheduled=0), ""),
        (DEPLOYMENT, body({"replicas": True}, observedGeneration=2, readyReplicas="x"), "0 of 1 Pods are ready"),
        ("cronjobs.batch", body({"suspend": False}), ""),
    ],
)
def test_why_a_workload_is_not_ready(resource, live, why):
    assert why_not_ready(resource, live).startswith(why)
    assert bool(why_not_ready(resource, live)) is bool(why)


def test_what_runs_now_and_then_is_never_waited_for():
    told = {rule.resource for rule in RULES if tells_readiness(rule.resource)}
    assert told == {
        "daemonsets.apps",
        "deploymentconfigs.apps.openshift.io",
        "deployments.apps",
        "replicasets.apps",
        "replicationcontrollers",
        "rollouts.argoproj.io",
        "statefulsets.apps",
    }
