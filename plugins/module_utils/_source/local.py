# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup's file on this machine: the `<name>.tar.gz` of an object store, or what `velero backup download` wrote.

Refused as BackupError: what is missing, not readable, or no regular file: a fifo would keep the run waiting.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from .._errors import BackupError, SourceError
from .._text import shown
from .backup_object import MOST_BYTES, backup_in
from .download import Tell
from .files import BackupFiles, SourceFile
from .index import BackupEntry, Listed, entry_of
from .keys import METADATA, RESOURCE_LIST

_SUFFIXES = (".tar.gz", ".tgz")
_DOWNLOADED = "-data"
"""`velero backup download NAME` writes NAME-data.tar.gz (Velero 1.18, pkg/cmd/cli/backup/download.go)."""


def name_of(path: str) -> str:
    """The backup's name, as its file is called; a BackupError when the file's name does not tell it."""
    file = os.path.basename(path)
    for suffix in _SUFFIXES:
        name = file.removesuffix(suffix)
        if name and name != file:
            return name
    raise BackupError(f"{shown(path)}: is not called <name>.tar.gz; set backup_name to the backup's name")


def beside(path: str, ending: str) -> str:
    """Where Velero stores the file `<name>-<ending>` of the same backup; empty when the path does not tell the name."""
    stem = next((path.removesuffix(suffix) for suffix in _SUFFIXES if path.endswith(suffix)), "")
    return f"{stem}-{ending}" if os.path.basename(stem) else ""


def files_of(path: str, backup_name: str, metadata_file: str) -> BackupFiles:
    """Of a backup by the path of its content; `metadata_file` is empty unless it is named."""
    resource_list = beside(path, RESOURCE_LIST)
    return BackupFiles(
        name=backup_name or _name_by(path, metadata_file),
        content=SourceFile(path, shown(path)),
        metadata=SourceFile(metadata_file, shown(metadata_file)) if metadata_file else None,
        resource_list=SourceFile(resource_list, shown(resource_list)) if os.path.exists(resource_list) else None,
    )


def _refuse_no_file(path: str) -> None:
    """The two slips of a first hour; all else is told by whoever opens it."""
    _refuse_folder(path)
    if path and "\0" not in path and not os.path.lexists(path):
        looked = "" if os.path.isabs(path) else f" in {shown(os.getcwd())}; give the whole path"
        raise BackupError(
            f"{shown(path)}: cannot be opened: No such file or directory{looked}; `velero backup download NAME` writes"
            " the backup's file, and backup_store or backup_location find it without"
        )


def _refuse_folder(path: str) -> None:
    if os.path.isdir(path):
        raise BackupError(f"{shown(path)}: is a folder; give the path of the <name>.tar.gz in it")


def _name_by(path: str, metadata_file: str) -> str:
    """Without what a download adds to it, unless the metadata say that the backup is really called so."""
    _refuse_folder(path)
    name = name_of(path)
    short = name.removesuffix(_DOWNLOADED)
    if not short or short == name:
        return name
    where = metadata_file or os.path.join(os.path.dirname(path), METADATA)
    try:
        with open(open_regular(where, where), "rb") as file:
            found = backup_in(file.read(MOST_BYTES + 1), where).get("metadata")
    except BackupError:
        return short
    return name if isinstance(found, dict) and found.get("name") == name else short


class LocalBackup:
    """One backup as a source like any other."""

    warnings: tuple[str, ...] = ()

    def __init__(self, path: str, backup_name: str, metadata_file: str) -> None:
        self.where = shown(path)
        self._files = files_of(path, backup_name, metadata_file)
        self._metadata = metadata_file or os.path.join(os.path.dirname(path), METADATA)

    def listed(self, _schedule: str = "") -> Iterator[Listed]:
        """Itself; a BackupError when there is no such file."""
        _refuse_no_file(self._files.content.path)
        descriptor = open_regular(self._files.content.path, self.where)
        with open(descriptor, "rb") as file:
            found = os.fstat(file.fileno())
        yield Listed(self._files.name, found.st_mtime, found.st_size)

    def one(self, name: str) -> Listed:
        """Itself, by its name; a SourceError for any other."""
        if name != self._files.name:
            raise SourceError(f"{self.where}: is backup {self._files.name}, not {name}")
        return next(self.listed())

    def entry(self, listed: Listed) -> BackupEntry:
        """What its metadata say, where there are any; they have to be its own."""
        where = shown(self._metadata)
        if not os.path.lexists(self._metadata):
            return BackupEntry(listed.name, size=listed.size)
        try:
            with open(open_regular(self._metadata, where), "rb") as file:
                return entry_of(backup_in(file.read(MOST_BYTES + 1), where), listed, where)
        except BackupError as error:
            return BackupEntry(listed.name, size=listed.size, problem=str(error))

    @contextmanager
    def fetched(self, _name: str, _tmpdir: str, _tell: Tell) -> Iterator[BackupFiles]:
        """Where they lie."""
        _refuse_no_file(self._files.content.path)
        yield self._files

    @contextmanager
    def resource_list(self, _name: str, _tmpdir: str) -> Iterator[SourceFile | None]:
        """The list beside the content; None where there is none."""
        yield self._files.resource_list


def open_regular(path: str, where: str) -> int:
    """A descriptor of the file; a BackupError for one that is missing, not readable, or of another sort."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise BackupError(f"{where}: cannot be opened: {error.strerror or error}") from error
    except ValueError as error:  # a path that no file can have
        raise BackupError(f"{where}: cannot be opened: it is no path") from error
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise BackupError(f"{where}: is not a regular file")
