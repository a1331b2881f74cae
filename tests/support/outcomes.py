# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of objects, for tests of what is said of them: a Change of the plan and its result."""

from __future__ import annotations

from typing import Any

from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Code, Outcome

USUAL = {
    Outcome.CREATED: Action.CREATE,
    Outcome.UPDATED: Action.UPDATE,
    Outcome.RELABELLED: Action.RELABEL,
    Outcome.RECREATED: Action.UPDATE,
    Outcome.DELETED: Action.DELETE,
    Outcome.DELETING: Action.DELETE,
    Outcome.UNCHANGED: Action.NOOP,
    Outcome.SKIPPED: Action.SKIP,
    Outcome.FAILED: Action.UPDATE,
}
"""The action that an outcome comes of most often; what fails is an update that the target refuses."""


def resource_of(key: ObjectKey) -> str:
    """The type of a kind whose plural has an `s` and nothing else."""
    plural = f"{key.kind.lower()}s"
    return f"{plural}.{key.group}" if key.group else plural


def done_of(
    key: ObjectKey,
    outcome: Outcome,
    reason: Code | None = None,
    detail: str = "",
    *,
    action: Action | None = None,
    resource: str = "",
    change: dict[str, Any] | None = None,
    **more: Any,
) -> Done:
    """`change` and `more` are further fields of the Change and of the result."""
    action = action or USUAL[outcome]
    kind = ObjectRef if action is Action.DELETE else BackupItem
    ref = kind(key, resource or resource_of(key), "v1")
    return Done(Change(ref, action, **(change or {})), ObjectResult(outcome, reason, detail, **more))
