# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept as a copy is written to the state alone, and forgotten there."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.carry_out import carry_out
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, LockLost, Unreachable
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import COPIED, kept_copy, secret_of
from ansible_collections.standby.velero.plugins.module_utils._prepare.labels import with_labels
from ansible_collections.standby.velero.plugins.module_utils._records.kept_copies import KeptCopies
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Comparison,
    Held,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import LABELS, STATE, Body, executor
from scripted_target import GONE, ScriptedTarget

KEY = ObjectKey("apiregistration.k8s.io", "APIService", "", "v1.metrics.example")
ITEM = BackupItem(KEY, "apiservices.apiregistration.k8s.io", "v1", size=1)
BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": KEY.name},
    "spec": {"group": "metrics.example", "version": "v1"},
}
SECRET = secret_of(with_labels(BODY, LABELS), STATE)
STORED = {**SECRET, "metadata": {**SECRET["metadata"], "uid": "s-1", "resourceVersion": "7"}}
CREATE, DELETE = (f"{verb} secrets {STATE}/{SECRET['metadata']['name']}" for verb in ("create", "delete"))
COPY = Change(ITEM, Action.COPY, Reason.KEPT_AS_COPY)


def result_of(change: Change, target: ScriptedTarget, **more: Any) -> ObjectResult:
    kept = KeptCopies(target, STATE, more.get("dry_run", False))
    kept.known[KEY] = kept_copy(STORED)
    result = carry_out(executor(target, BODY, kept=kept, **more), change).result
    assert target.requests == target.script
    return result


def test_a_copy_is_written_and_its_object_is_not():
    target = ScriptedTarget((CREATE, STORED))
    assert result_of(COPY, target) == ObjectResult(Outcome.SKIPPED, Reason.KEPT_AS_COPY, uid="s-1")
    assert target.body(CREATE) == SECRET


def test_a_dry_run_writes_none():
    assert result_of(COPY, ScriptedTarget(), dry_run=True) == ObjectResult(Outcome.SKIPPED, Reason.KEPT_AS_COPY)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Forbidden("no"), Reason.REFUSED),
        (LockLost("gone"), Reason.LOCK_LOST),
        (Unreachable("away"), Reason.UNREACHABLE),
    ],
)
def test_one_that_cannot_be_kept_has_failed(error, reason):
    result = result_of(COPY, ScriptedTarget((CREATE, error)))
    assert (result.outcome, result.reason) == (Outcome.FAILED, reason)


def deletion(*, stands: bool) -> Change:
    ref = ObjectRef(KEY, "apiservices.apiregistration.k8s.io", "v1")
    return Change(ref, Action.DELETE, comparison=Comparison("7", uid="u", held=Held(COPIED, awake=stands)))


def test_of_what_is_there_as_a_copy_alone_the_copy_goes():
    assert result_of(deletion(stands=False), ScriptedTarget((DELETE, GONE))) == ObjectResult(Outcome.DELETED)


def test_a_copy_that_cannot_be_removed_has_failed():
    result = result_of(deletion(stands=False), ScriptedTarget((DELETE, Forbidden("no"))))
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.DELETE_REFUSED)
    assert "its copy could not be removed" in result.detail
