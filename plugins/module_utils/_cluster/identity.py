# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster a target is: the UID of its Namespace kube-system, which lives as long as the cluster does."""

from __future__ import annotations

from typing import NamedTuple

from .._errors import AbsenceUnproven, Forbidden, NotFound
from .._kinds import NAMESPACE
from .._unstructured import as_text, nested
from .client import Client


class Identity(NamedTuple):
    """What is told of a cluster in a result; each is empty where it may not be read."""

    uid: str = ""
    version: str = ""
    """As the API server says it, such as `v1.36.3`."""


UNTOLD = Identity()
"""Of a cluster that was not asked."""


def identity_of(client: Client) -> Identity:
    """Two small requests; a target that does not answer them raises a ClusterError."""
    return Identity(cluster_uid(client), _version(client))


def cluster_uid(client: Client) -> str:
    """Empty where that Namespace may not be read, or is not there."""
    try:
        return as_text(nested(client.get(NAMESPACE, "", "kube-system"), "metadata", "uid"))
    except (AbsenceUnproven, Forbidden, NotFound):
        return ""


def _version(client: Client) -> str:
    try:
        return as_text(client.get_json("/version").get("gitVersion"))
    except (AbsenceUnproven, Forbidden, NotFound):
        return ""
