# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a workload has the Pods that it asks for, ready; pure."""

from __future__ import annotations

from typing import Any

from .. import _kinds
from .._unstructured import nested
from .._values import Body

_REPLICATED = frozenset(
    (
        _kinds.DEPLOYMENTS,
        _kinds.REPLICA_SETS,
        _kinds.REPLICATION_CONTROLLERS,
        _kinds.STATEFUL_SETS,
        "deploymentconfigs.apps.openshift.io",
        "rollouts.argoproj.io",
    )
)


def tells_readiness(resource: str) -> bool:
    """Whether objects of the type say how many of their Pods are ready; what runs now and then does not."""
    return resource in _REPLICATED or resource == _kinds.DAEMON_SETS


def why_not_ready(resource: str, live: Body) -> str:
    """`1 of 3 Pods are ready`; empty when all are, and for a type that does not tell."""
    if not tells_readiness(resource):
        return ""
    if not _is_observed(live):
        return "its controller has not looked at it yet"
    if resource == _kinds.DAEMON_SETS:
        wanted, ready = _number(live, "status", "desiredNumberScheduled"), _number(live, "status", "numberReady")
    else:
        wanted, ready = _number(live, "spec", "replicas", absent=1), _number(live, "status", "readyReplicas")
    return "" if ready >= wanted else f"{ready} of {wanted} Pods are ready"


def _is_observed(live: Body) -> bool:
    """Argo writes a Rollout's observed generation as a text."""
    generation, observed = nested(live, "metadata", "generation"), nested(live, "status", "observedGeneration")
    if not isinstance(generation, int):
        return True
    if isinstance(observed, str) and observed.isdigit():
        observed = int(observed)
    return isinstance(observed, int) and observed >= generation


def _number(body: Body, *path: str, absent: int = 0) -> int:
    found: Any = nested(body, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else absent
