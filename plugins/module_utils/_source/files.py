# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of one backup, wherever they came from: what a source gives to `_backup`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class SourceFile(NamedTuple):
    """A file on this machine, and what messages call it: where it came from."""

    path: str
    where: str


@dataclass(frozen=True, slots=True)
class BackupFiles:
    """They can be read as long as their source is open."""

    name: str
    """Of the backup."""
    content: SourceFile
    metadata: SourceFile | None = None
    """Must be of this backup. None: the one beside the content, if there is one."""
    volume_info: SourceFile | None = None
    """None: the one beside the content, if there is one."""
    resource_list: SourceFile | None = None
    """None when the source has none."""
    warnings: tuple[str, ...] = ()
