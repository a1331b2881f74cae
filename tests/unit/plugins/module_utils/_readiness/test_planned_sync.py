# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a standby is in sync, by a plan without dry runs."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._readiness.planned_sync import planned_sync
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

ITEM = BackupItem(ObjectKey("", "ConfigMap", "shop", "a"), "configmaps", "v1")
TELLS = "differ, or are what admission makes of them (check mode of velero_restore tells)"


def change(action: Action, reason: Reason | None = None) -> Change:
    return Change(ITEM, action, reason)


SAME, LABELS, NEW = change(Action.NOOP), change(Action.RELABEL), change(Action.CREATE)
OTHER, BROKEN = change(Action.UPDATE), change(Action.FAIL, Reason.NOT_SERVED)
LEFT_OUT = change(Action.SKIP, Reason.PROTECTED)
RELEASED = change(Action.SKIP, Reason.VOLUME_RELEASED)


@pytest.mark.parametrize(
    ("changes", "is_so", "detail"),
    [
        ([], True, ""),
        ([SAME, LABELS, LEFT_OUT], True, ""),
        ([SAME, OTHER], None, f"of its objects 1 {TELLS}"),
        ([NEW, NEW], False, "of its objects 2 missing"),
        ([NEW, OTHER, BROKEN], False, f"of its objects 1 missing, 1 not restorable, 1 {TELLS}"),
        ([RELEASED], False, "of its objects 1 not as in production"),
    ],
)
def test_what_is_missing_is_certain_and_what_differs_is_not(
    changes: list[Change], is_so: bool | None, detail: str
) -> None:
    assert planned_sync(changes) == (is_so, detail)
