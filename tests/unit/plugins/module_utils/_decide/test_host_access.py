# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a workload asks of its node."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.host_access import WORKLOADS, host_access
from ansible_collections.standby.velero.plugins.module_utils._unstructured import replaced


def security(**context: Any) -> dict[str, Any]:
    return {"name": "web", "securityContext": context}


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"containers": [{"name": "web", "image": "x"}], "hostNetwork": False, "volumes": [{"emptyDir": {}}]}, []),
        ({"hostNetwork": True, "hostPID": True, "hostIPC": True}, ["hostNetwork", "hostPID", "hostIPC"]),
        ({"volumes": [{"hostPath": {"path": "/etc"}}, {"hostPath": {}}]}, ["hostPath /etc", "hostPath "]),
        ({"containers": [security(privileged=True)]}, ["container web is privileged"]),
        ({"initContainers": [security(privileged=True)]}, ["container web is privileged"]),
        ({"ephemeralContainers": [security(privileged=True)]}, ["container web is privileged"]),
        ({"containers": [security(privileged=False, capabilities={"drop": ["ALL"], "add": []})]}, []),
        (
            {"containers": [security(capabilities={"add": ["SYS_ADMIN", "NET_ADMIN"]})]},
            ["container web adds NET_ADMIN, SYS_ADMIN"],
        ),
        ({"securityContext": {"windowsOptions": {"hostProcess": True}}}, ["hostProcess"]),
        ({"containers": [security(windowsOptions={"hostProcess": True})]}, ["container web is a hostProcess"]),
        # nothing of a backup is trusted
        ({"volumes": "x", "containers": [None, {"securityContext": 7}, {"securityContext": {"capabilities": []}}]}, []),
        ({"hostNetwork": "true", "containers": {"name": "web"}}, []),
        (None, []),
        ("spec", []),
    ],
)
def test_what_reaches_the_node_is_said(spec: Any, said: list[str]) -> None:
    assert list(host_access("pods", {"spec": spec})) == said


@pytest.mark.parametrize("resource", WORKLOADS)
def test_every_type_that_makes_pods_is_looked_into(resource: str) -> None:
    body: Any = {}
    for depth in range(len(WORKLOADS[resource])):
        body = replaced(body, WORKLOADS[resource][: depth + 1], {})
    body = replaced(body, WORKLOADS[resource], {"hostNetwork": True})
    assert list(host_access(resource, body)) == ["hostNetwork"]


def test_a_type_that_nobody_knows_has_the_pods_where_most_have_them() -> None:
    body = {"spec": {"template": {"spec": {"hostPID": True}}}}
    assert list(host_access("rollouts.argoproj.io", body)) == ["hostPID"]
    assert list(host_access("rollouts.argoproj.io", {"spec": {"hostPID": True}})) == []
