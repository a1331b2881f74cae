# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images under another name: another registry, another tag.

Velero 1.18, pkg/restore/actions/change_image_name_action.go. Of several rows that fit an image Velero takes any one,
ours the first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import _kinds
from .._unstructured import EACH, revised, select
from .._values import Body, Path
from .context import PrepareContext

_TEMPLATE: Path = ("spec", "template", "spec")

POD_SPECS: dict[str, Path] = {
    _kinds.CRON_JOBS: ("spec", "jobTemplate", *_TEMPLATE),
    _kinds.DAEMON_SETS: _TEMPLATE,
    _kinds.DEPLOYMENTS: _TEMPLATE,
    _kinds.JOBS: _TEMPLATE,
    _kinds.PODS: ("spec",),
    _kinds.REPLICA_SETS: _TEMPLATE,
    _kinds.REPLICATION_CONTROLLERS: _TEMPLATE,
    _kinds.STATEFUL_SETS: _TEMPLATE,
}
"""Where the types that Velero rewrites have the spec of their Pods."""

_CONTAINERS = ("containers", "initContainers")

Rows = tuple[tuple[str, str], ...]


def compile_images(rows: Iterable[str]) -> tuple[Rows, list[str]]:
    """Rows `old,new` taken apart, and the problems of those that are not: Velero passes them over, or, when `old` is
    empty, puts `new` between any two characters."""
    parsed = [tuple(part.strip() for part in row.split(",")) for row in rows]
    problems = [
        f"image_mapping: {','.join(parts)!r} is not <part of an image's name>,<what stands there instead>"
        for parts in parsed
        if len(parts) != 2 or not all(parts)
    ]
    return tuple((parts[0], parts[-1]) for parts in parsed if len(parts) == 2 and all(parts)), problems


def change_images(resource: str, body: Body, context: PrepareContext) -> Body:
    """Every occurrence of the first row's `old` that is part of the image, in containers and init containers."""
    where = POD_SPECS.get(resource)
    if where is None or not context.image_mapping:
        return body
    for containers in _CONTAINERS:
        body = revised(body, (*where, containers, EACH, "image"), lambda image: _changed(image, context.image_mapping))
    return body


def named_images(resource: str, body: Body) -> frozenset[str]:
    """The images that the object of the backup names."""
    where = POD_SPECS.get(resource)
    paths = [(*where, containers, EACH, "image") for containers in _CONTAINERS] if where else []
    named = (name for path in paths for name in select(body, path))
    return frozenset(name for name in named if isinstance(name, str))


def _changed(image: Any, rows: Rows) -> Any:
    if not isinstance(image, str):
        return image
    return next((image.replace(old, new) for old, new in rows if old in image), image)
