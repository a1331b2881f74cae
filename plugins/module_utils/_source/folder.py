# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder in Velero's layout on this machine, such as a copy of a bucket or a mount of it: read in place."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from .._errors import BackupError, SourceError, SourceNotFound
from .._text import shown
from .download import Tell
from .files import SourceFile
from .local import open_regular
from .places import StorePlace
from .stored import StoredFile


class FolderStore:
    """What `file:///…` names."""

    warnings: tuple[str, ...] = ()

    def __init__(self, place: StorePlace) -> None:
        self.where = place.where
        self._root = place.folder

    def listed(self, folder: str) -> Iterator[StoredFile]:
        """Every file below; a SourceError when the root is no folder that can be read."""
        if not os.path.isdir(self._root):
            raise SourceError(f"{shown(self.where)}: is no folder")
        yield from self._below(folder)

    @contextmanager
    def fetched(self, file: StoredFile, _tmpdir: str, _tell: Tell) -> Iterator[SourceFile]:
        """Where it lies."""
        yield SourceFile(self._path(file.key), self._named(file.key))

    def read(self, key: str, most: int) -> bytes:
        """A small file; a BackupError when it has more bytes than `most`."""
        where = self._named(key)
        if not os.path.lexists(self._path(key)):
            raise SourceNotFound(f"{where}: is not there")
        try:
            with open(open_regular(self._path(key), where), "rb") as file:
                data = file.read(most + 1)
        except OSError as error:
            raise SourceError(f"{where}: cannot be read: {error.strerror or error}") from error
        if len(data) > most:
            raise BackupError(f"{where}: has more than the {most} bytes that such a file may have")
        return data

    def _below(self, key: str) -> Iterator[StoredFile]:
        try:
            with os.scandir(self._path(key)) as entries:
                for entry in entries:
                    yield from self._entry(entry, f"{key}/{entry.name}")
        except FileNotFoundError:
            return
        except OSError as error:
            raise SourceError(f"{self._named(key)}: cannot be listed: {error.strerror or error}") from error

    def _entry(self, entry: os.DirEntry[str], key: str) -> Iterator[StoredFile]:
        if entry.is_dir():
            if key.count("/") == 1:
                yield from self._below(key)
        elif entry.is_file():
            found = entry.stat()
            # a copy may have any time of modification; the inode was not written before the file came here
            yield StoredFile(key, found.st_size, max(found.st_mtime, found.st_ctime))

    def _path(self, key: str) -> str:
        return os.path.join(self._root, key)

    def _named(self, key: str) -> str:
        return shown(f"{self.where}/{key}")
