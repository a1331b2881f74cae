# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`hpa_replicas: keep`: how many replicas there are of what an autoscaler scales is the target's to say.

Two writers would else undo each other's work at every run. The exception is 0: a HorizontalPodAutoscaler does nothing
for a workload without replicas (pkg/controller/podautoscaler/horizontal.go, ScalingDisabled), so none would wake it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from .._merge_patch import same
from .._unstructured import as_text, nested
from .._values import Body, ObjectKey
from .copy_live import copy_live
from .rebase_rules import RebaseRule, RebaseRules

_REPLICAS = ("spec", "replicas")


def _awake(live: Body, desired: Body) -> bool:
    return not same(nested(live, *_REPLICAS), 0) or same(nested(desired, *_REPLICAS), 0)


KEPT: RebaseRules = (RebaseRule("", copy_live(_REPLICAS), "an autoscaler of the target's sets it", _awake),)


def scale_targets(autoscalers: Iterable[Body]) -> frozenset[ObjectKey]:
    """What these HorizontalPodAutoscalers scale; every version of autoscaling has the reference in the same place.

    A malformed one scales nothing, and so does one whose target has no group and version, unless it is of the core.
    """
    return frozenset(key for body in autoscalers for key in _target(body))


def _target(body: Any) -> Iterator[ObjectKey]:
    reference = nested(body, "spec", "scaleTargetRef")
    kind, name = as_text(nested(reference, "kind")), as_text(nested(reference, "name"))
    namespace = as_text(nested(body, "metadata", "namespace"))
    parts = as_text(nested(reference, "apiVersion")).split("/")
    if kind and name and namespace and len(parts) <= 2:
        yield ObjectKey(parts[0] if len(parts) == 2 else "", kind, namespace, name)
