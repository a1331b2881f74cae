# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One restore, run to its end: all that the report is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from .._decide.plan_digest import PlanDigest
from .._readiness.finding import Readiness
from .._values import BackupInfo, Body, Done
from .delta import DeltaReport
from .filtered import Filtered
from .guards import GuardReport
from .held import HeldReport


@dataclass(frozen=True, slots=True)
class Run:
    """What was asked for, what became of each object, and when."""

    restore_name: str
    backup_name: str
    policy: str
    done: Sequence[Done]
    started: datetime
    completed: datetime
    server: str = ""
    """Address of the target's API server, without credentials."""
    context: str = ""
    """Of the kubeconfig, where one was named."""
    uid: str = ""
    """By which the target is known, whatever its name or address; empty where it may not be read."""
    version: str = ""
    """Of the target's Kubernetes; empty where it may not be read."""
    check_mode: bool = False
    """Nothing was stored: outcomes say what would be, `in_sync` speaks of the target as it is."""
    report_path: str = ""
    """Empty when no report is asked for, and when it could not be written."""
    report_lost: bool = False
    """It was asked for and could not be written."""
    unmatched: tuple[str, ...] = ()
    """A sentence for each name in an option that matches nothing."""
    velero_warnings: tuple[str, ...] = ()
    """Of the restore as such; those of objects are views of what became of them."""
    velero_errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    """For the person who runs Ansible: a connection without TLS verification, and the like."""
    backup: BackupInfo | None = None
    """What is known of the backup."""
    taken: str = ""
    """When it was taken: as its metadata say, else by the times of its files, for reporting only."""
    plan: PlanDigest | None = None
    """By which the run is approved."""
    delta: DeltaReport | None = None
    """What is stale of earlier backups; None when it was not asked for."""
    filtered: Filtered | None = None
    """How many objects each entry of the filter policies kept out; None without policies."""
    held: HeldReport | None = None
    """What sleeps; None unless workloads are held."""
    guards: GuardReport | None = None
    """What guards, where that may sleep."""
    privileged: Sequence[Body] = ()
    """Objects that give rights and were written or held back, as `Privileged.shown` gives them."""
    privileged_total: int = 0
    """How many there are, those that are not shown included."""
    privileged_velero: int = 0
    """How many of them are Velero's own types."""
    record: str = ""
    """`<namespace>/<name>` of the Restore object by which Velero shows the run; empty when there is none."""
    readiness: Readiness | None = None
    """Whether the standby could take over now; None when it was not asked."""
    known: int | None = None
    """How many objects were not compared, since nothing of them has changed; None where all were."""
    diff: Sequence[Body] | None = None
    """Ansible's diff entries, cut to their budget by `diff.within`; None when no diff is asked for."""

    @property
    def elsewhere(self) -> str:
        """Where that is which a list has no room for: `3 more in report_path`."""
        if self.report_path:
            return "in report_path"
        return "(the report could not be written)" if self.report_lost else "(report_path was not set)"

    def saying(self, errors: tuple[str, ...] = (), warnings: tuple[str, ...] = ()) -> Run:
        """The same with more to be said of the restore as such."""
        return replace(self, velero_errors=(*self.velero_errors, *errors), warnings=(*self.warnings, *warnings))
