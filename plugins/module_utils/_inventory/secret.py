# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secrets in which this collection keeps something on the target: how they look, and how they are found."""

from __future__ import annotations

from .._kinds import SECRET
from .._values import MANAGED_BY, Body

HOLDS = "standby.velero/holds"
"""Label of every Secret of this collection: `body`, or `state`."""


def type_of(holds: str) -> str:
    """Of the Secret: what is of another type was not written by this collection."""
    return f"standby.velero/{holds}"


def selector_of(holds: str) -> str:
    return f"{HOLDS}={holds}"


def own_secret(name: str, namespace: str, holds: str, data: dict[str, str]) -> Body:
    """`data` is base64 already."""
    return {
        "apiVersion": SECRET.api_version,
        "kind": SECRET.kind,
        "type": type_of(holds),
        "metadata": {"name": name, "namespace": namespace, "labels": {**MANAGED_BY, HOLDS: holds}},
        "data": data,
    }
