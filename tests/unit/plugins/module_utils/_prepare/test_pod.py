# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods: what scheduler, admission and Velero had put in."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.pod import rewrite

TOKEN = {"name": "robot-token-abcde"}
OTHER = {"name": "data"}


def pod(**spec):
    return {"metadata": {"name": "p"}, "spec": {"serviceAccountName": "robot", **spec}}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"nodeName": "n1", "priority": 0, "priorityClassName": "high"}, {"priorityClassName": "high"}),
        ({"preemptionPolicy": "Never", "priorityClassName": "high"}, {"priorityClassName": "high"}),
        ({"ephemeralContainers": [{"name": "debugger"}], "containers": []}, {"containers": []}),
        ({"overhead": {"cpu": "1"}, "runtimeClassName": "kata"}, {"runtimeClassName": "kata"}),
        ({"overhead": {"cpu": "1"}}, {"overhead": {"cpu": "1"}}),
        ({"volumes": [TOKEN, OTHER]}, {"volumes": [OTHER]}),
        ({"volumes": [TOKEN]}, {}),
        ({"volumes": [{"name": "robots-token-abcde"}]}, {"volumes": [{"name": "robots-token-abcde"}]}),
        (
            {"containers": [{"name": "c", "volumeMounts": [TOKEN, OTHER]}]},
            {"containers": [{"name": "c", "volumeMounts": [OTHER]}]},
        ),
        ({"containers": [{"name": "c", "volumeMounts": [TOKEN]}]}, {"containers": [{"name": "c"}]}),
        ({"initContainers": [{"name": "i", "volumeMounts": [TOKEN]}]}, {"initContainers": [{"name": "i"}]}),
        ({"initContainers": [{"name": "restore-wait"}, {"name": "i"}]}, {"initContainers": [{"name": "i"}]}),
        ({"initContainers": [{"name": "restic-wait"}]}, {}),
        ({"containers": None, "volumes": "x"}, {"containers": None, "volumes": "x"}),
        ({"containers": ["x", None]}, {"containers": ["x", None]}),
    ],
)
def test_what_the_source_cluster_added_goes(spec, expected):
    assert rewrite(pod(**spec), PrepareContext()) == pod(**expected)


@pytest.mark.parametrize("spec", [None, "x", []])
def test_a_malformed_spec_is_left_to_the_server(spec):
    assert rewrite({"spec": spec}, PrepareContext()) == {"spec": spec}


def test_the_recorded_pod_loses_what_admission_resolved_and_keeps_the_rest():
    body = recorded.body("pods", "shop", "lonely")
    after = rewrite(body, PrepareContext())
    resolved = ("nodeName", "priority", "preemptionPolicy")
    assert after["spec"] == {name: value for name, value in body["spec"].items() if name not in resolved}
