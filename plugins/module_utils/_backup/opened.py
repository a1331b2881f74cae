# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup, read and checked to its end: its content, and what the files beside it say."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone

from .._errors import BackupError
from .._source.files import BackupFiles, SourceFile
from .._source.local import open_regular
from .._values import BackupInfo, VolumeData
from .catalogue import Catalogue, read_catalogue
from .digested import Digested
from .metadata import info_of, read_metadata
from .resource_list import lacking
from .unzip import CHUNK
from .volumes import read_volume_info

COMPLETED = "Completed"


@dataclass(frozen=True)
class Backup:
    """All that is known of one backup; its bodies can be read until it is closed."""

    content: Catalogue
    info: BackupInfo
    volumes: dict[str, VolumeData]
    """PersistentVolume -> how its data was saved."""
    warnings: tuple[str, ...] = ()
    """Of the files beside it."""
    digest: bytes = field(default=b"", repr=False)
    """Of the bytes of its content: whoever does not have them cannot tell it."""

    @property
    def unfinished(self) -> str:
        """What is to be said of a backup that did not complete; empty when it did, and where that is not known."""
        phase = self.info.phase
        return f"backup {self.info.name} is {phase}, not {COMPLETED}" if phase and phase != COMPLETED else ""

    @property
    def taken(self) -> str:
        """When the backup was taken; the times of its files tell it where nothing better does, for reporting only."""
        if self.info.started or not self.content.newest:
            return self.info.started
        return datetime.fromtimestamp(self.content.newest, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def opened(files: BackupFiles, tmpdir: str | None) -> Iterator[Backup]:
    """The backup in these files, for as long as the `with` statement lasts; a BackupError when one is damaged.

    Bodies are kept below `tmpdir`.
    """
    path, where = files.content
    with open(open_regular(path, where), "rb", buffering=0) as file:
        digested = Digested(file)
        content = read_catalogue(io.BufferedReader(digested, CHUNK), where, tmpdir)
        digest = _whole(digested, where)
    with content:
        metadata, warning = read_metadata(path, *_named(files.metadata, files.name))
        info = info_of(metadata, files.name, content.items)
        warnings = (*files.warnings, warning, *lacking(files.resource_list, content.items))
        volume_info, volumes_where = files.volume_info or ("", "")
        volumes = read_volume_info(path, volume_info_file=volume_info, where=volumes_where)
        yield Backup(content, info, volumes, tuple(filter(None, warnings)), digest)


def _whole(file: Digested, where: str) -> bytes:
    try:
        return file.whole()
    except OSError as error:
        raise BackupError(f"{where}: cannot be read: {error.strerror or error}") from error


def _named(metadata: SourceFile | None, name: str) -> tuple[str, str, str]:
    return (metadata.path, name, metadata.where) if metadata else ("", name, "")
