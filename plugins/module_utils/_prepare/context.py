# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rewrite must know besides the object itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._values import ObjectKey
from .hooks import NO_HOOKS, Hooks


@dataclass(frozen=True, slots=True)
class PrepareContext:
    """The same for every object of one restore."""

    provisioned_volumes: frozenset[str] = frozenset()
    """PersistentVolumes left out of this restore because they are provisioned anew."""
    rebound_volumes: frozenset[ObjectKey] = frozenset()
    """PersistentVolumes that forget the claim they had on the target, which is gone from there."""
    sourceless_claims: frozenset[ObjectKey] = frozenset()
    """PersistentVolumeClaims, by their keys on the target, whose source is neither restored nor there."""
    namespace_mapping: Mapping[str, str] = field(default_factory=dict)
    """Namespace in the backup -> namespace on the target."""
    restored_volumes: frozenset[str] = frozenset()
    """Names of the PersistentVolumes that are selected."""
    storage_class_mapping: Mapping[str, str] = field(default_factory=dict)
    """Storage class in the backup -> storage class of the target."""
    image_mapping: tuple[tuple[str, str], ...] = ()
    """Part of an image's name, and what stands there instead: the first row that fits an image counts."""
    preserve_node_ports: bool = False
    hooks: Hooks = NO_HOOKS
