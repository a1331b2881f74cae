# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an API server of another version than 1.36 serves of the same object: the recordings are of that one.

A row turns an object as 1.36 serves it into what the other version serves; nothing of a comparison is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from controlplane import ControlPlane

Body = dict[str, Any]
EACH = "[]"
"""In a path: every element of a list."""


@dataclass(frozen=True)
class Otherwise:
    """One field that other versions serve otherwise, in Kubernetes' own terms."""

    holds: Callable[[int], bool]
    """By the minor version."""
    kinds: tuple[str, ...]
    path: str
    value: Any
    """What stands there where 1.36 has nothing."""
    why: str


_TEMPLATES = {
    "spec.template.metadata": ("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"),
    "spec.jobTemplate.metadata": ("CronJob",),
    "spec.jobTemplate.spec.template.metadata": ("CronJob",),
    "spec.volumeClaimTemplates.[].metadata": ("StatefulSet",),
}

OTHERWISE = (
    *(
        Otherwise(
            lambda minor: minor < 34,
            kinds,
            f"{path}.creationTimestamp",
            None,
            "metav1.ObjectMeta writes an empty creationTimestamp as null, and leaves it out (omitzero) from 1.34 on",
        )
        for path, kinds in _TEMPLATES.items()
    ),
    Otherwise(
        lambda minor: minor >= 37,
        ("StatefulSet",),
        "spec.updateStrategy.rollingUpdate.maxUnavailable",
        1,
        "feature MaxUnavailableStatefulSet is on from 1.37 on, and defaults the field",
    ),
)


def minor_of(cluster: ControlPlane) -> int:
    """36 of Kubernetes 1.36."""
    return int(cluster.api("GET", "/version")[1]["minor"].rstrip("+"))


def as_served(minor: int, body: Body) -> Body:
    """An object of 1.36 as this version serves it."""
    found = deepcopy(body)
    for row in OTHERWISE:
        if body["kind"] in row.kinds and row.holds(minor):
            _put(found, row.path.split("."), row.value)
    return found


def _put(body: Any, path: list[str], value: Any) -> None:
    step, rest = path[0], path[1:]
    if step == EACH:
        for element in body:
            _put(element, rest, value)
    elif not rest:
        body.setdefault(step, value)
    elif step in body:
        _put(body[step], rest, value)
