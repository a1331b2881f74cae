# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource modifiers: what the user wants otherwise in objects, by rules in Velero's own form.

Velero 1.18, internal/resourcemodifiers/resource_modifiers.go. Where Velero restores an object although a rule failed
on it, ours does not: the rule may be what makes the object safe. And a rule may not change which object it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from .._errors import ModifierError
from .._unstructured import IDENTITY, nested
from .._values import BackupItem, Body
from .conditions import Conditions
from .patch import Patch, PatchError, Schema, Schemas


def no_schemas(group: str, version: str, kind: str) -> Schema | None:  # noqa: ARG001 - the shape of Schemas
    """Where no target is at hand; strategic patches are refused then."""
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    """Where it stands and which resource it is for: what messages call it."""
    conditions: Conditions
    patch: Patch

    def modify(self, body: Body, schemas: Schemas) -> Body:
        try:
            result = self.patch.apply(body, schemas)
        except PatchError as error:
            raise ModifierError(f"{self.name}: {error}") from error
        for path in IDENTITY:
            if nested(result, *path) != nested(body, *path):
                raise ModifierError(f"{self.name}: a rule cannot change {'.'.join(path)}")
        return result


@dataclass(frozen=True, slots=True)
class Modifiers:
    """All the rules of a restore, in order."""

    rules: tuple[Rule, ...] = ()

    def apply(self, resource: str, source_namespace: str, body: Body, schemas: Schemas = no_schemas) -> Body:
        """The object as the rules want it; the body itself when none is for it.

        Every rule's conditions see the object as it was before the first. Raises a ModifierError.
        """
        result = body
        for rule in self.rules:
            if rule.conditions.hold(resource, source_namespace, body):
                result = rule.modify(result, schemas)
        return result

    def unmatched(self, items: Sequence[BackupItem], body_of: Callable[[BackupItem], Body]) -> Iterator[str]:
        """A sentence for each rule that is for none of the items; bodies are read of its types only."""
        for rule in self.rules:
            of_type = (item for item in items if rule.conditions.resource.fullmatch(item.resource))
            if not any(rule.conditions.hold(one.resource, _source(one), body_of(one)) for one in of_type):
                yield f"resource_modifiers: {rule.name} matches nothing that is selected"


def _source(item: BackupItem) -> str:
    """Its namespace in the backup."""
    return (item.source or item.key).namespace
