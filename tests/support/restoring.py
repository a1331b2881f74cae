# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a restore in the test's own process: the module without AnsibleModule around it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._cluster.connect import connect
from ansible_collections.standby.velero.plugins.module_utils._flows.restore import restore
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of
from ansible_collections.standby.velero.plugins.module_utils._report.objects import described, is_different
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._report.velero_results import error_of, warning_of
from ansible_collections.standby.velero.plugins.module_utils._values import Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Code, Outcome

GOLDEN = Path(__file__).parents[1] / "golden"
BACKUP_02 = GOLDEN / "store/backups/hourly-20261124020000/hourly-20261124020000.tar.gz"
BACKUP_03 = GOLDEN / "store/backups/hourly-20261124030000/hourly-20261124030000.tar.gz"


@dataclass
class Module:
    """What the connection options are read from."""

    params: dict[str, Any]


def run_restore(
    kubeconfig: Path, backup_file: Path = BACKUP_02, *, check: bool = False, diff: bool = False, **options: Any
) -> Run:
    """The run of one restore with the module's own defaults."""
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    params |= {"kubeconfig": str(kubeconfig), "backup_file": str(backup_file), **options}
    settings = settings_of(params, check, diff)
    return restore(settings, connect(Module(params), settings.concurrency), tmpdir="")


@dataclass(frozen=True)
class View:
    """One object of a run, with all that the report says of it."""

    key: ObjectKey
    version: str
    outcome: Outcome
    reason: Code | None
    message: str
    warning: str
    error: str
    stored: bool
    different: bool
    uid: str
    policy: str
    rule: str
    changed_by: str


def views(run: Run) -> list[View]:
    """Every object of a run, in the order of its plan."""
    return [view_of(done) for done in run.done]


def view_of(done: Done) -> View:
    shown, change, result = described(done), done.change, done.result
    return View(
        key=change.key,
        version=change.ref.version,
        outcome=result.outcome,
        reason=result.reason,
        message=shown["message"],
        warning=warning_of(done),
        error=error_of(done),
        stored=result.stored,
        different=is_different(done),
        uid=result.uid,
        policy=shown["policy"],
        rule=shown["policy_rule"],
        changed_by=shown["changed_by"],
    )


def by_place(run: Run) -> dict[tuple[str, str, str], View]:
    """What is said of each object, by (kind, namespace, name)."""
    return {(one.key.kind, one.key.namespace, one.key.name): one for one in views(run)}
