# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backups of a source on one screen: source -> index -> (one content) -> report. Nothing is written anywhere, but
one DownloadRequest where the content of one backup is asked for that only Velero can give."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .._backup.contents import Contents, contents_of, listed_contents
from .._backup.opened import opened
from .._options.info import InfoSettings
from .._report.backups import BackupList, write_backups
from .._report.file import check_writable
from .._source.download import quietly
from .._source.index import BackupEntry, Listed, moment, newest_first
from .._source.places import REQUESTED
from .._source.table import Backups, Connect, backups_of, chosen

_AHEAD = 16


def backup_info(settings: InfoSettings, connect: Connect, tmpdir: str) -> BackupList:
    """All that is asked for, the report file included. Raises a RestoreError when the source does not tell it."""
    check_writable(settings.report_path)
    backups = backups_of(settings.source, connect)
    now = time.time()
    name = settings.source.backup_name
    listed = [backups.one(name)] if name else list(backups.listed())
    looked_at = list(_looked_at(backups, listed, settings, now))
    found = BackupList(
        where=backups.where,
        entries=tuple(entry for entry in looked_at if _matches(entry, settings, now)),
        total=len(listed),
        phases=tuple(entry.phase for entry in looked_at),
        now=now,
        limit=settings.limit,
        allow_partially_failed=settings.source.allow_partially_failed,
        contents=_contents(backups, settings, tmpdir) if settings.contents else None,
        warnings=(*backups.warnings, *([REQUESTED] if settings.contents and settings.source.location else [])),
    )
    if settings.report_path:
        write_backups(settings.report_path, found)
    return found


def _looked_at(backups: Backups, listed: list[Listed], settings: InfoSettings, now: float) -> Iterator[BackupEntry]:
    """The newest first, no more than it takes: all of them when everything is to be reported."""
    matching = 0
    for entry in newest_first(listed, backups.entry, _AHEAD):
        if _is_older(entry, settings, now):
            return
        yield entry
        matching += _matches(entry, settings, now)
        if matching == settings.limit and not settings.report_path:
            return


def _matches(entry: BackupEntry, settings: InfoSettings, now: float) -> bool:
    schedule = settings.source.schedule_name
    return (
        schedule in ("", entry.schedule)
        and (not settings.phases or entry.phase in settings.phases)
        and not _is_older(entry, settings, now)
    )


def _is_older(entry: BackupEntry, settings: InfoSettings, now: float) -> bool:
    return settings.max_age is not None and bool(entry.started) and now - moment(entry.started) > settings.max_age


def _contents(backups: Backups, settings: InfoSettings, tmpdir: str) -> Contents:
    """By the list that lies beside the content where there is one: that takes no download of gigabytes."""
    name, _passed_over = chosen(backups, settings.source)
    entry = backups.entry(backups.one(name))
    with backups.resource_list(name, tmpdir) as file:
        if file is not None:
            return listed_contents(entry, file)
    with backups.fetched(name, tmpdir, quietly) as files, opened(files, tmpdir) as backup:
        return contents_of(entry, (item.key for item in backup.content.items))
