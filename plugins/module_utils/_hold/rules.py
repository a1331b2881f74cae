# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which kinds can sleep, and what makes each do so: a table. Kinds of the user's are further rows (hold_rules)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from .. import _kinds
from .._values import Body, Path

AWAKE_NODE = "standby.velero/asleep"
"""Label that no node has: what asks for it is scheduled nowhere."""


class Wave(IntEnum):
    """When a workload is woken, unless the user says otherwise."""

    STATE = 1
    SERVING = 2
    BATCH = 3


@dataclass(frozen=True, slots=True)
class HoldRule:
    """One field of a kind, and its value in sleep."""

    resource: str
    """`<plural>[.<group>]`, or as the user has it until it is resolved."""
    path: Path
    asleep: Any
    """None: the field is not there."""
    why: str = "the user says so"
    wave: Wave = Wave.SERVING

    @property
    def patch(self) -> Body:
        """The merge patch that writes the field."""
        value = self.asleep
        for name in reversed(self.path):
            value = {name: value}
        patch: Body = value
        return patch


_REPLICAS = ("spec", "replicas")
_SUSPEND = ("spec", "suspend")
_NODE_SELECTOR = ("spec", "template", "spec", "nodeSelector", AWAKE_NODE)
_PAUSED = ("metadata", "annotations", "autoscaling.keda.sh/paused")
_PAUSED_AT = ("metadata", "annotations", "autoscaling.keda.sh/paused-replicas")
_SCALED = "runs no Pods without replicas; an autoscaler leaves alone what has none"

RULES: tuple[HoldRule, ...] = (
    HoldRule(_kinds.STATEFUL_SETS, _REPLICAS, 0, _SCALED, Wave.STATE),
    HoldRule(_kinds.DEPLOYMENTS, _REPLICAS, 0, _SCALED),
    HoldRule(_kinds.REPLICA_SETS, _REPLICAS, 0, _SCALED),
    HoldRule(_kinds.REPLICATION_CONTROLLERS, _REPLICAS, 0, _SCALED),
    HoldRule(_kinds.DAEMON_SETS, _NODE_SELECTOR, "true", "has no replicas: its Pods ask for a node that is not there"),
    HoldRule(_kinds.CRON_JOBS, _SUSPEND, True, "begins no Job while it is suspended", Wave.BATCH),
    HoldRule(_kinds.JOBS, _SUSPEND, True, "runs no Pods while it is suspended", Wave.BATCH),
    HoldRule("rollouts.argoproj.io", _REPLICAS, 0, _SCALED),
    HoldRule("cronworkflows.argoproj.io", _SUSPEND, True, "begins no Workflow while it is suspended", Wave.BATCH),
    HoldRule(
        "applications.argoproj.io",
        ("spec", "syncPolicy", "automated"),
        None,
        "would undo the sleep of what it deploys, by its automated sync",
    ),
    HoldRule("deploymentconfigs.apps.openshift.io", _REPLICAS, 0, _SCALED),
    HoldRule("scaledobjects.keda.sh", _PAUSED_AT, "0", "would scale up what sleeps as soon as something asks for it"),
    HoldRule("scaledjobs.keda.sh", _PAUSED, "true", "would begin Jobs as soon as something asks for it", Wave.BATCH),
    HoldRule("kustomizations.kustomize.toolkit.fluxcd.io", _SUSPEND, True, "would undo the sleep of what it deploys"),
    HoldRule("helmreleases.helm.toolkit.fluxcd.io", _SUSPEND, True, "would undo the sleep of what it deploys"),
)


@dataclass(frozen=True, slots=True)
class Sleep:
    """What puts a kind to sleep, all its rows together."""

    patch: Body
    wave: Wave


Sleeps = Mapping[str, Sleep]
"""By resource."""


def sleeps_of(rules: Iterable[HoldRule]) -> Sleeps:
    """A later row goes before an earlier one that writes the same field."""
    found: dict[str, Sleep] = {}
    for rule in rules:
        known = found.get(rule.resource, Sleep({}, rule.wave))
        found[rule.resource] = Sleep(merged(known.patch, rule.patch), known.wave)
    return found


def merged(patch: Body, further: Body) -> Body:
    """One merge patch that writes what both write: unlike an applied one it keeps the nulls."""
    both = dict(patch)
    for name, value in further.items():
        old = both.get(name)
        both[name] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def resolved(rules: Iterable[HoldRule], resolve: Callable[[str], str]) -> Iterator[HoldRule]:
    """With each resource under its full name, which only the target and the backup know."""
    return (replace(rule, resource=resolve(rule.resource)) for rule in rules)
