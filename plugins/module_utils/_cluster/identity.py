# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster a target is: the UID of its Namespace kube-system, which lives as long as the cluster does."""

from __future__ import annotations

from .._errors import AbsenceUnproven, Forbidden, NotFound
from .._kinds import NAMESPACE
from .._unstructured import as_text, nested
from .client import Client


def cluster_uid(client: Client) -> str:
    """Empty where that Namespace may not be read, or is not there."""
    try:
        return as_text(nested(client.get(NAMESPACE, "", "kube-system"), "metadata", "uid"))
    except (AbsenceUnproven, Forbidden, NotFound):
        return ""
