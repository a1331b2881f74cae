# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""To which objects a rule applies. Velero 1.18, internal/resourcemodifiers/resource_modifiers.go (match)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._match.globs import Glob
from .._match.linear import Linear
from .._match.selectors import Selector
from .._unstructured import as_text, labels_of, nested
from .._values import Body, Path
from .json_patch import Missing, passes


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of them must hold."""

    resource: Glob
    name: Linear | None = None
    namespaces: tuple[Glob, ...] = ()
    """Of the backup. Any one of them; none given, and for cluster-scoped objects: all."""
    selector: Selector | None = None
    matches: tuple[tuple[Path, Any], ...] = ()

    def hold(self, resource: str, namespace: str, body: Body) -> bool:
        """Of an object of the backup: its type as `<plural>[.<group>]`, its namespace there, its body."""
        if not self.resource.fullmatch(resource):
            return False
        if namespace and self.namespaces and not any(glob.fullmatch(namespace) for glob in self.namespaces):
            return False
        if self.name and not self.name.search(as_text(nested(body, "metadata", "name"))):
            return False
        if self.selector and not self.selector.matches(labels_of(body)):
            return False
        return all(_matches(body, path, value) for path, value in self.matches)


def _matches(body: Body, path: Path, value: Any) -> bool:
    try:
        return passes(body, path, value)
    except Missing:
        return False
