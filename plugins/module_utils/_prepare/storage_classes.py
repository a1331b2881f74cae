# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage classes under another name. Velero 1.18, pkg/restore/actions/change_storageclass_action.go.

Ours changes the old annotation as well: where it stands, Kubernetes goes by it and not by the spec.
"""

from __future__ import annotations

from collections.abc import Mapping

from .._kinds import CLAIMS, STATEFUL_SETS, VOLUMES
from .._match.validation import is_subdomain
from .._unstructured import EACH, revised, select
from .._values import Body, Path
from .context import PrepareContext

_IN_SPEC: Path = ("spec", "storageClassName")
_IN_ANNOTATION: Path = ("metadata", "annotations", "volume.beta.kubernetes.io/storage-class")
_TEMPLATES: Path = ("spec", "volumeClaimTemplates", EACH)

CLASSES: dict[str, tuple[Path, ...]] = {
    CLAIMS: (_IN_SPEC, _IN_ANNOTATION),
    VOLUMES: (_IN_SPEC, _IN_ANNOTATION),
    STATEFUL_SETS: ((*_TEMPLATES, *_IN_SPEC), (*_TEMPLATES, *_IN_ANNOTATION)),
}
"""Where a type names a storage class."""


def problems(mapping: Mapping[str, str]) -> list[str]:
    """What is wrong with the mapping: only names that a storage class can have are taken."""
    return [
        f"storage_class_mapping: {name!r} is not the name of a storage class"
        for name in dict.fromkeys((*mapping, *mapping.values()))
        if not isinstance(name, str) or not is_subdomain(name)
    ]


def change_classes(resource: str, body: Body, context: PrepareContext) -> Body:
    """The object with the target's classes; one without a class, or with an empty one, keeps it so."""
    mapping = context.storage_class_mapping
    if not mapping:
        return body
    for path in CLASSES.get(resource, ()):
        body = revised(body, path, lambda name: mapping.get(name, name) if isinstance(name, str) else name)
    return body


def named_classes(resource: str, body: Body) -> frozenset[str]:
    """The classes that the object of the backup names."""
    named = (name for path in CLASSES.get(resource, ()) for name in select(body, path))
    return frozenset(name for name in named if isinstance(name, str))


def mapped_classes(resource: str, body: Body, context: PrepareContext) -> frozenset[str]:
    """The classes that the mapping gives the object of the backup: the target must have each of them."""
    mapping = context.storage_class_mapping
    named = named_classes(resource, body) if mapping else frozenset()
    return frozenset(mapping[name] for name in named if name in mapping)
