# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups in a store, folder or bucket alike: which there are, and the files of one.

Refused as SourceError: a backup that is not there, or has no content yet or any more. What is not named as Velero names
its files is nobody's backup, and is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple, Protocol

from .._errors import BackupError, SourceError, SourceNotFound
from .backup_object import MOST_BYTES, backup_in
from .download import Tell, quietly
from .files import BackupFiles, SourceFile
from .index import BackupEntry, Listed, entry_of
from .keys import (
    CONTENT,
    FOLDER,
    METADATA,
    RESOURCE_LIST,
    VOLUME_INFO,
    content_key,
    folder_of,
    is_backup_name,
    metadata_key,
)


class StoredFile(NamedTuple):
    """A file as a store lists it."""

    key: str
    """Below the store's prefix."""
    size: int
    modified: float
    """Seconds since 1970."""


class Store(Protocol):
    """A folder or a bucket."""

    where: str
    warnings: tuple[str, ...]

    def listed(self, folder: str) -> Iterator[StoredFile]:
        """Every file below the folder."""

    def fetched(self, file: StoredFile, tmpdir: str, tell: Tell) -> AbstractContextManager[SourceFile]:
        """The file on this machine."""

    def read(self, key: str, most: int) -> bytes:
        """A small file; SourceNotFound when the store does not have it."""


class StoredBackups:
    """The backups of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.where = store.where
        self.warnings = store.warnings

    def listed(self, _schedule: str = "") -> Iterator[Listed]:
        """All of them, in no order; one without metadata is none, as for Velero."""
        for name, files in _by_backup(self._store.listed(FOLDER)).items():
            if METADATA in files:
                yield _listed(name, files)

    def one(self, name: str) -> Listed:
        """The backup of that name, with its metadata or without; a SourceError when there is none."""
        return _listed(name, self._files(name))

    def entry(self, listed: Listed) -> BackupEntry:
        """What its metadata say. Damaged ones are a problem of the entry; a store that does not answer is an error."""
        key = metadata_key(listed.name)
        where = f"{self.where}/{key}"
        try:
            return entry_of(backup_in(self._store.read(key, MOST_BYTES + 1), where), listed, where)
        except (BackupError, SourceNotFound) as error:
            return BackupEntry(listed.name, size=listed.size, has_content=listed.has_content, problem=str(error))

    @contextmanager
    def fetched(self, name: str, tmpdir: str, tell: Tell) -> Iterator[BackupFiles]:
        """All of its files that are of use; the small ones first, so that a content is not loaded in vain."""
        files = self._files(name)
        content = files.get(f"{name}.{CONTENT}")
        if content is None:
            raise SourceError(
                f"{self.where}/{content_key(name)}: is not there: the backup is being stored still, or deleted"
            )
        with ExitStack() as stack:
            beside = {
                field: stack.enter_context(self._store.fetched(files[called], tmpdir, quietly))
                for field, called in _beside(name).items()
                if called in files
            }
            whole = stack.enter_context(self._store.fetched(content, tmpdir, tell))
            yield BackupFiles(name, whole, warnings=self.warnings, **beside)

    @contextmanager
    def resource_list(self, name: str, tmpdir: str) -> Iterator[SourceFile | None]:
        """The list of what is in it, without its content; None where the store has none."""
        file = self._files(name).get(f"{name}-{RESOURCE_LIST}")
        if file is None:
            yield None
            return
        with self._store.fetched(file, tmpdir, quietly) as found:
            yield found

    def _files(self, name: str) -> dict[str, StoredFile]:
        found = _by_backup(self._store.listed(folder_of(name))).get(name)
        if not found:
            raise SourceError(f"{self.where}: has no backup {name}; velero_backup_info lists those that it has")
        return found


def _beside(name: str) -> dict[str, str]:
    """From a field of BackupFiles to how the file is called."""
    return {
        "metadata": METADATA,
        "volume_info": f"{name}-{VOLUME_INFO}",
        "resource_list": f"{name}-{RESOURCE_LIST}",
    }


def _listed(name: str, files: dict[str, StoredFile]) -> Listed:
    content, metadata = files.get(f"{name}.{CONTENT}"), files.get(METADATA)
    return Listed(
        name=name,
        modified=metadata.modified if metadata else 0.0,
        size=content.size if content else None,
        has_content=content is not None,
    )


def _by_backup(files: Iterable[StoredFile]) -> dict[str, dict[str, StoredFile]]:
    """Backup -> name of the file -> the file."""
    found: dict[str, dict[str, StoredFile]] = {}
    for file in files:
        folder, _slash, rest = file.key.partition("/")
        name, _slash, ending = rest.partition("/")
        if folder == FOLDER and ending and "/" not in ending and is_backup_name(name):
            found.setdefault(name, {})[ending] = file
    return found
