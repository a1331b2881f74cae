# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources by what names them, and the one backup that is meant: its files, for as long as a run reads them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Protocol

from .._cluster.client import Client
from .._cluster.connect import connect_to
from .._errors import SourceError
from .download import Tell
from .files import BackupFiles, SourceFile
from .folder import FolderStore
from .index import BackupEntry, Found, Listed, newest_first, newest_of
from .local import LocalBackup
from .places import SourceSettings
from .store import BucketStore
from .stored import StoredBackups

Connect = Callable[[], Client]
"""To the target; asked only where a source is on a cluster and has no connection of its own."""

_TOLD = 10


class Backups(Protocol):
    """A source."""

    where: str
    """As messages name it."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the way to it."""

    def listed(self, schedule: str = "") -> Iterator[Listed]:
        """All its backups, or those that can be of the schedule."""

    def one(self, name: str) -> Listed:
        """The backup of that name; a SourceError when there is none."""

    def entry(self, listed: Listed) -> BackupEntry:
        """What the metadata of a backup say."""

    def fetched(self, name: str, tmpdir: str, tell: Tell) -> AbstractContextManager[BackupFiles]:
        """The files of a backup."""

    def resource_list(self, name: str, tmpdir: str) -> AbstractContextManager[SourceFile | None]:
        """What is in a backup, without its content."""


def backups_of(settings: SourceSettings, connect: Connect) -> Backups:
    """The source that the options name."""
    if settings.store is not None:
        store = FolderStore if settings.store.scheme == "file" else BucketStore
        return StoredBackups(store(settings.store))
    if settings.location is not None:
        from .location import LocationBackups  # brings Ansible's way to the web, which no other source needs

        own = settings.location.connection
        return LocationBackups(settings.location, connect_to(own, 1) if own else connect())
    return LocalBackup(settings.file, settings.backup_name, settings.metadata_file)


@contextmanager
def fetched(settings: SourceSettings, connect: Connect, tmpdir: str, tell: Tell) -> Iterator[BackupFiles]:
    """The files of the backup that is meant."""
    backups = backups_of(settings, connect)
    name, passed_over = chosen(backups, settings)
    with backups.fetched(name, tmpdir, tell) as files:
        yield replace(files, warnings=(*passed_over, *files.warnings))


def chosen(backups: Backups, settings: SourceSettings) -> tuple[str, tuple[str, ...]]:
    """The name of the backup that is meant, and those of its schedule that were passed over on the way."""
    if not settings.schedule_name:
        return settings.backup_name or next(iter(backups.listed())).name, ()
    entries = newest_first(backups.listed(settings.schedule_name), backups.entry)
    found = newest_of(settings.schedule_name, entries, settings.allow_partially_failed)
    if found.entry is None:
        raise SourceError(_nothing(backups, settings, found))
    return found.entry.name, found.passed_over


def _nothing(backups: Backups, settings: SourceSettings, found: Found) -> str:
    wanted = "Completed or PartiallyFailed" if settings.allow_partially_failed else "Completed"
    said = [f"{backups.where}: has no {wanted} backup of schedule {settings.schedule_name}", *found.passed_over[:_TOLD]]
    if settings.schedule_name not in found.schedules:
        said.append(
            f"schedules that it has backups of: {', '.join(_schedules(backups, settings, found)[:_TOLD]) or 'none'}"
        )
    return "; ".join(said)


def _schedules(backups: Backups, settings: SourceSettings, found: Found) -> list[str]:
    """What may have been meant; a location has listed none but of that schedule, and is asked for all."""
    if not settings.location:
        return list(found.schedules)
    return sorted({backups.entry(one).schedule for one in backups.listed()} - {""})
