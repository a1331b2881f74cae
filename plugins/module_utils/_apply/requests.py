# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patches as they are sent."""

from __future__ import annotations

from collections.abc import Mapping

from .._decide.decide import carries_labels
from .._values import Body, Change, Comparison
from .executor import Executor

CONFLICTS = 5
"""How often a write that met another writer is sent again."""


def patch_of(executor: Executor, change: Change) -> Body:
    """The merge patch as it is sent: what differs, the two labels, and the resourceVersion that was read.

    The status too, where it is a field like any other.
    """
    comparison = comparison_of(change)
    labels = {} if comparison.merged or not carries_labels(change.item) else executor.labels
    along = comparison.status and not executor.has_status(change.item)
    patch = {**comparison.patch, "status": comparison.status} if along else comparison.patch
    return with_metadata(patch, labels, comparison.resource_version)


def with_metadata(patch: Body, labels: Mapping[str, str], resource_version: str) -> Body:
    metadata = dict(patch.get("metadata") or {})
    if labels:
        metadata["labels"] = {**(metadata.get("labels") or {}), **labels}
    metadata["resourceVersion"] = resource_version
    return {**patch, "metadata": metadata}


def comparison_of(change: Change) -> Comparison:
    if change.comparison is None:
        raise ValueError(f"{change.action.value} without a comparison: {change.key}")
    return change.comparison
