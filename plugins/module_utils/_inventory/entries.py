# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the target has from which backup: values, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from .._kinds import is_namespace
from .._values import BackupInfo, BackupItem, ObjectKey

Labels = tuple[str, str]
"""Values of the two labels of a restore: velero.io/backup-name and velero.io/restore-name."""

NO_LABELS: Labels = ("", "")
"""Of an object on which no restore wrote any, as far as is known."""


class Lacking(NamedTuple):
    """How long backups have lacked an object."""

    backups: int = 0
    """That were restored, one after the other."""
    last: str = ""
    """When the last of them was begun: none counts twice."""


NOT_LACKING = Lacking()


class InventoryEntry(NamedTuple):
    """One object of the target that a restore made or keeps, by its key on the target."""

    uid: str
    """On the target; empty for what a run planned and did not come to the end of: such an entry proves nothing."""
    source_uid: str
    """In production; empty when the backup had none."""
    source_namespace: str
    """In the backup, which namespace_mapping may have changed; empty for a cluster-scoped object."""
    lacking: Lacking = NOT_LACKING
    """For how long the backups after that one have lacked it."""
    labels: Labels = NO_LABELS
    """That a restore wrote on it: it must still have them before it is deleted on the word of an unsigned entry."""
    held: str = ""
    """Of a workload that sleeps: what production has in the fields that make it sleep, as its annotation says."""
    own: bool = False
    """It stood on the target before the first restore that met it."""


class RestoreScope(NamedTuple):
    """Of what an object was restored: backups compare only where their scopes do."""

    backup: BackupInfo
    selection: str
    """Stands for the selection and the mappings of the restore."""
    selected: int
    """How many objects of the backup the selection took."""
    labels: Labels = NO_LABELS
    """That this restore writes."""
    rebuilt: bool = False
    """Found on the target by their labels when the inventory was lost: of the backup nothing is known but its name."""

    @property
    def line(self) -> tuple[str, str]:
        """Backups of the same line follow one another: what one had and the next lacks is stale."""
        return self.backup.schedule, self.selection


@dataclass(frozen=True, slots=True)
class BackupInventory:
    """What the target has from one backup, restored with one selection."""

    scope: RestoreScope
    entries: dict[ObjectKey, InventoryEntry]


Inventory = tuple[BackupInventory, ...]
"""All that the target has from backups, the one restored last at the end. No key stands in two of them."""


def entry_of(
    item: BackupItem, uid: str = "", labels: Labels = NO_LABELS, held: str = "", own: bool = False
) -> InventoryEntry:
    """The entry of an item under its key on the target, where it has this UID and these labels.

    A Namespace lies in none and is renamed itself: its entry has the name in the backup instead.
    """
    source = item.source or item.key
    place = source.name if is_namespace(source) else source.namespace
    return InventoryEntry(uid, item.uid, place, labels=labels, held=held, own=own)
