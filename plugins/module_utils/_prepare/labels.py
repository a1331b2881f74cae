# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The two labels that say which backup and which restore an object comes from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from .._values import BACKUP_LABEL, RESTORE_LABEL, Body

_LONGEST = 63
_HASH = 6


def restore_labels(backup_name: str, restore_name: str) -> dict[str, str]:
    """The labels, each value cut to what a label may hold."""
    return {BACKUP_LABEL: _valid(backup_name), RESTORE_LABEL: _valid(restore_name)}


def values_of(labels: Mapping[str, str]) -> tuple[str, str]:
    return labels[BACKUP_LABEL], labels[RESTORE_LABEL]


def with_labels(body: Body, labels: Mapping[str, str]) -> Body:
    """A copy that carries the labels too; metadata or labels that are no maps are left for the server to refuse."""
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return body
    own = metadata.get("labels")
    if own is not None and not isinstance(own, dict):
        return body
    return {**body, "metadata": {**metadata, "labels": {**(own or {}), **labels}}}


def _valid(name: str) -> str:
    """Velero 1.18, pkg/label/label.go, GetValidName: too long a name ends in the start of its own hash."""
    if len(name) <= _LONGEST:
        return name
    return name[: _LONGEST - _HASH] + hashlib.sha256(name.encode()).hexdigest()[:_HASH]
