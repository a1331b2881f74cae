# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory holds, in a few lines: for a person who is to say whether it may be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .._inventory.entries import BackupInventory, Inventory
from .._text import printable

_BACKUPS, _KINDS = 20, 12
"""That are named."""


def holdings(inventory: Inventory) -> Iterator[str]:
    """A line for each backup: `backup hourly-1 (schedule hourly): 12 objects: ConfigMap 7, Deployment.apps 5`."""
    for part in inventory[-_BACKUPS:]:
        yield printable(_line(part))
    if inventory[:-_BACKUPS]:
        rows = sum(len(part.entries) for part in inventory[:-_BACKUPS])
        yield f"{len(inventory) - _BACKUPS} earlier backups: {rows} objects"


def _line(part: BackupInventory) -> str:
    backup = part.scope.backup
    kinds = Counter(f"{key.kind}.{key.group}" if key.group else key.kind for key in part.entries)
    named = [f"{kind} {number}" for kind, number in sorted(kinds.items())]
    more = [f"{len(named) - _KINDS} more kinds"] if named[_KINDS:] else []
    of = f" (schedule {backup.schedule})" if backup.schedule else ""
    listed = ", ".join([*named[:_KINDS], *more])
    return f"backup {backup.name}{of}: {len(part.entries)} objects{': ' if listed else ''}{listed}"
