# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The backup to restore and, when one is given, the earlier one to compare with."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from ._backup.catalogue import Catalogue
from ._backup.file import name_of, open_backup
from ._backup.metadata import facts_of, read_metadata
from ._backup.volumes import read_volume_info
from ._desired import Preparation
from ._errors import ModifierError
from ._landing import land
from ._options import Settings
from ._select.select import select
from ._values import BackupFacts, BackupItem, Body

COMPLETED = "Completed"


@dataclass(frozen=True)
class Previous:
    """An earlier backup."""

    backup: Catalogue
    facts: BackupFacts
    file: str

    def items(self, settings: Settings, desired: Preparation) -> tuple[BackupItem, ...]:
        """What the restore's selection takes of it, under the keys on the target."""
        selection = select(self.backup, settings, read_volume_info(self.file))
        return land(selection, replace(desired, backup=self.backup)).items

    def bodies(self, desired: Preparation) -> Callable[[BackupItem], Body | None]:
        """The prepared body that an item of the restored backup has in this one; None when it has none of use."""
        known = {item.key: item for item in self.backup.items if not item.problem}
        prepared = replace(desired, backup=self.backup)

        def body(item: BackupItem) -> Body | None:
            found = known.get(item.source or item.key)
            if found is None:
                return None
            try:
                return prepared(replace(found, key=item.key, source=item.source))
            except ModifierError:
                return None

        return body


@dataclass(frozen=True)
class Source:
    """A backup and what is known of it."""

    backup: Catalogue
    facts: BackupFacts
    previous: Previous | None
    warnings: tuple[str, ...]

    @property
    def taken(self) -> str:
        """When the backup was taken; the times of its files tell it where nothing better does, for reporting only."""
        if self.facts.started or not self.backup.newest:
            return self.facts.started
        return datetime.fromtimestamp(self.backup.newest, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def opened(settings: Settings, tmpdir: str, stack: ExitStack) -> Source:
    """Both backups, read and checked to their end; they stay open as long as the stack does. A BackupError else."""
    backup = stack.enter_context(open_backup(settings.backup_file, tmpdir))
    metadata, warning = read_metadata(settings.backup_file, settings.metadata_file, settings.backup_name)
    facts = facts_of(metadata, settings.backup_name, backup.items)
    ended = facts.phase and facts.phase != COMPLETED
    found = (warning, f"backup {facts.name} is {facts.phase}, not {COMPLETED}" if ended else "")
    if not settings.previous_file:
        return Source(backup, facts, None, tuple(filter(None, found)))
    earlier = stack.enter_context(open_backup(settings.previous_file, tmpdir))
    name = name_of(settings.previous_file)
    metadata, warning = read_metadata(settings.previous_file, "", name)
    previous = Previous(earlier, facts_of(metadata, name, earlier.items), settings.previous_file)
    return Source(backup, facts, previous, tuple(filter(None, (*found, warning))))
