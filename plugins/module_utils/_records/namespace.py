# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace of what this collection keeps on the target."""

from __future__ import annotations

from .._cluster.client import Client
from .._errors import AlreadyExists
from .._kinds import NAMESPACE
from .._values import MANAGED_BY


def ensure_namespace(client: Client, name: str) -> None:
    """Creates the namespace; one that is there is fine. A ClusterError when it may not be."""
    metadata = {"name": name, "labels": dict(MANAGED_BY)}
    body = {"apiVersion": NAMESPACE.api_version, "kind": NAMESPACE.kind, "metadata": metadata}
    try:
        client.create(NAMESPACE, "", body)
    except AlreadyExists:
        return
