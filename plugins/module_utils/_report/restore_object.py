# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as the Restore object that Velero would have of it, complete from the first moment; no value is in it.

Velero 1.18, pkg/apis/velero/v1/restore_types.go. Its server takes up a Restore without a phase, or with phase New, and
no other (pkg/controller/restore_controller.go). Of a backup of a schedule both names are given, as Velero leaves them
in a Restore that it has run: one without a phase that has both is refused by its validation.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from .._plan.context import RestoreContext
from .._text import printable
from .._values import RECORD_LABELS, BackupItem, Body, Done
from .._vocabulary import Outcome
from . import summary
from .run import Run
from .velero_results import error_lines, phase, warning_lines

API_VERSION = "velero.io/v1"
KIND = "Restore"
SCHEDULE_LABEL = "velero.io/schedule-name"

_LONGEST_NAME = 253
_LONGEST_LABEL = 63
_ROOM = len("-20261124030000-99")
_NOT_RESTORED = frozenset((Outcome.SKIPPED, Outcome.FAILED))


def restore_object(run: Run, context: RestoreContext) -> Body:
    """Its name is the restore's with the time at which the run began."""
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {
            "name": _name(run),
            "namespace": context.settings.recording.namespace,
            "labels": _labels(run, context),
            "annotations": _annotations(run),
        },
        "spec": _given(_spec(run, context)),
        "status": _status(run),
    }


def _name(run: Run) -> str:
    begin = run.restore_name[: _LONGEST_NAME - _ROOM].rstrip("-.")
    return f"{begin}-{run.started.astimezone(timezone.utc):%Y%m%d%H%M%S}"


def _labels(run: Run, context: RestoreContext) -> dict[str, str]:
    """The two of restored objects, so that `-l velero.io/restore-name=` finds all runs of one restore."""
    schedule = run.backup.schedule if run.backup else ""
    of_schedule = {SCHEDULE_LABEL: schedule} if 0 < len(schedule) <= _LONGEST_LABEL else {}
    return {**context.decider.labels, **of_schedule, **RECORD_LABELS}


def _annotations(run: Run) -> dict[str, str]:
    """What Velero has no field for."""
    tally = (f"{name} {number}" for name, number in summary.counts(run.done).items() if number)
    return {
        "standby.velero/counts": ", ".join(tally),
        "standby.velero/existing-resource-policy": printable(run.policy),
        "standby.velero/in-sync": str(summary.in_sync(run.done, run.check_mode)).lower(),
    }


def _spec(run: Run, context: RestoreContext) -> dict[str, Any]:
    settings = context.settings
    filters, selectors = settings.filters, [selector.structure for selector in settings.filters.selectors]
    return {
        "backupName": run.backup_name,
        "scheduleName": run.backup.schedule if run.backup else "",
        "includedNamespaces": list(filters.included_namespaces),
        "excludedNamespaces": list(filters.excluded_namespaces),
        "includedResources": list(filters.included_resources),
        "excludedResources": list(filters.excluded_resources),
        "includeClusterResources": filters.include_cluster_resources,
        "labelSelector": selectors[0] if len(selectors) == 1 else None,
        "orLabelSelectors": selectors if len(selectors) > 1 else [],
        "namespaceMapping": dict(settings.prepare.namespace_mapping),
        "preserveNodePorts": settings.prepare.preserve_node_ports,
        "restoreStatus": _restore_status(context),
        "existingResourcePolicy": settings.policies.default.policy.value,
    }


def _restore_status(context: RestoreContext) -> Body | None:
    included, excluded = context.settings.status_included, context.settings.status_excluded
    return None if included is None else {"includedResources": list(included), "excludedResources": list(excluded)}


def _given(spec: dict[str, Any]) -> Body:
    """What is not said is absent, as in a Restore that `velero restore create` makes."""
    return {name: value for name, value in spec.items() if value not in (None, "", [], {})}


def _status(run: Run) -> Body:
    items = [one for one in run.done if isinstance(one.change.ref, BackupItem)]
    return {
        "phase": phase(run),
        "startTimestamp": _stamp(run.started),
        "completionTimestamp": _stamp(run.completed),
        "warnings": sum(1 for _line in warning_lines(run)),
        "errors": sum(1 for _line in error_lines(run)),
        "progress": {"totalItems": len(items), "itemsRestored": sum(map(_is_restored, items))},
    }


def _is_restored(done: Done) -> bool:
    """It stands, whether this run wrote it or it stood already."""
    return done.result.outcome not in _NOT_RESTORED


def _stamp(time: datetime) -> str:
    return f"{time.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
