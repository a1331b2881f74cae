# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a standby could take over now, on one screen: backup -> select -> prepare -> plan -> examine. Nothing is
written, but the DownloadRequests of a backup that only Velero can give."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._backup.opened import opened
from .._cluster.checked_discovery import checked_discovery
from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._decide.usable import phase_problem
from .._errors import RestoreError, UnusableBackupError
from .._options.settings import Settings
from .._plan.context import RestoreContext, context_of
from .._plan.empty import refuse_empty
from .._plan.plan import planned
from .._readiness.finding import Readiness
from .._readiness.needs import makers, needs_of
from .._readiness.planned_sync import planned_sync
from .._readiness.question import Question, Sync
from .._readiness.standby import Standby
from .._readiness.table import examined
from .._report.readiness import sync_of
from .._report.run import Run
from .._source.download import quietly
from .._source.table import fetched
from .._values import BackupInfo


@dataclass(frozen=True)
class Looked:
    """What was found, and from which backup."""

    backup: BackupInfo
    readiness: Readiness
    warnings: tuple[str, ...]


def readiness(settings: Settings, client: Client, tmpdir: str) -> Looked:
    """All that is asked for. Raises a RestoreError when the backup is of no use, or the standby does not answer."""
    with fetched(settings.source, lambda: client, tmpdir, quietly) as files, opened(files, tmpdir) as backup:
        problem = phase_problem(backup.info)
        if problem:
            raise UnusableBackupError([problem])
        context = context_of(settings.named(backup.info.name), client, backup, None)
        refuse_empty(context)
        sync = planned_sync(planned(context, ()).changes)
        found = examine(context, context.cluster.discovery, sync)
        return Looked(backup.info, found, (*backup.warnings, *filter(None, [backup.unfinished])))


def examine(context: RestoreContext, discovery: Discovery, sync: Sync) -> Readiness:
    """By what the backup's objects would be on the standby; `discovery` tells its types as they are now."""
    items, desired = context.selection.items, context.desired
    needs = needs_of(items, makers(context.items), desired.body, desired.backup.body)
    limits, accepted = context.settings.limits, context.settings.readiness_accepted
    question = Question(context.backup.info, needs, sync, limits.max_age, accepted)
    return examined(question, Standby(context.cluster.client, discovery))


def with_readiness(context: RestoreContext, run: Run) -> Run:
    """The run, with whether the standby could take over now; that this cannot be told must not lose what was done."""
    if not context.settings.readiness:
        return run
    client, dry_run = context.cluster.client, context.settings.dry_run
    try:
        discovery = context.cluster.discovery if dry_run else checked_discovery(client)
        return replace(run, readiness=examine(context, discovery, sync_of(run)))
    except RestoreError as error:
        return run.saying(warnings=(f"whether the standby could take over is not known: {error}",))
