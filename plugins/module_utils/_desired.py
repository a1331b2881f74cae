# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An item's body as it is to stand on the target: backup -> prepare -> status -> modify."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from ._prepare.facts import Facts
from ._prepare.status import status_of, wants_status
from ._prepare.table import prepare
from ._select.globs import Patterns
from ._values import BackupItem, Body, ObjectKey


class Backup(Protocol):
    """What is asked of the catalogue."""

    @property
    def others(self) -> Mapping[ObjectKey, Sequence[BackupItem]]: ...

    def body(self, item: BackupItem) -> Body: ...


Modify = Callable[[str, str, Body], Body]
"""(resource, namespace in the backup, prepared body) -> the modified one; ModifierError when a rule fails on it."""


@dataclass(frozen=True)
class Preparation:
    """Makes the body of an item, anew at each call; without the two labels. Fit for many threads."""

    backup: Backup
    facts: Facts
    status_included: Patterns | None = None
    """None when no status is asked for."""
    status_excluded: Patterns | None = None
    modify: Modify | None = None

    def __call__(self, item: BackupItem) -> Body:
        """Raises a ModifierError when a modifier fails on it; the plan asks before anything is written."""
        if not item.size:  # a namespace that the backup does not have
            return {"apiVersion": "v1", "kind": item.key.kind, "metadata": {"name": item.key.name}}
        body = self.backup.body(item)
        made = prepare(item, body, self.facts)
        if wants_status(item.resource, body, self.status_included, self.status_excluded):
            status = status_of(body)
            made = {**made, "status": status} if status else made
        source = (body.get("metadata") or {}).get("namespace") or ""
        return self.modify(item.resource, source, made) if self.modify else made

    def copies(self, item: BackupItem) -> list[BackupItem]:
        """The backup's copies of a landed item at other versions, under the item's own key."""
        source = item.source or item.key
        return [replace(copy, key=item.key, source=item.source) for copy in self.backup.others.get(source, ())]
