# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hold makes of the changes of APIServices; all others stay as they are."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.hold import Hold
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import COPIED, KeptCopy
from ansible_collections.standby.velero.plugins.module_utils._plan.copies import with_copies
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Body,
    Change,
    Comparison,
    Held,
    ObjectKey,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

ITEM = BackupItem(
    ObjectKey("apiregistration.k8s.io", "APIService", "", "v1.m"), "apiservices.apiregistration.k8s.io", "v1", size=1
)
MAP = BackupItem(ObjectKey("", "ConfigMap", "shop", "app"), "configmaps", "v1", size=1)
LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1.m"},
    "spec": {"service": {"namespace": "shop", "name": "m"}},
}
COPY = KeptCopy({**BODY, "metadata": {"name": "v1.m", "labels": LABELS}}, "copy-1", "s-1", "7")
CREATE = Change(ITEM, Action.CREATE)
ON, OFF, WHEN_READY = Hold(on=True), Hold(), Hold(webhooks=True)


def planned(change: Change, hold: Hold = ON, *copies: KeptCopy, answered: bool = False) -> Change:
    context: Any = SimpleNamespace(
        hold=replace(hold, unanswered=lambda _place: not answered),
        desired=SimpleNamespace(body=lambda _item: BODY),
        copies={copy.key: copy for copy in copies},
    )
    (found,) = with_copies([change], context)
    return found


def test_one_that_is_missing_is_kept_and_not_created():
    assert planned(CREATE) == replace(CREATE, action=Action.COPY, reason=Reason.KEPT_AS_COPY)


def test_a_copy_that_is_as_the_backup_has_it_is_left_as_it_is():
    found = planned(CREATE, ON, COPY)
    assert (found.action, found.reason) == (Action.SKIP, Reason.KEPT_AS_COPY)
    assert found.comparison == Comparison("7", labels=("b1", "r1"), uid="s-1", held=Held(COPIED))


@pytest.mark.parametrize(
    "copy", [replace(COPY, is_current=False), replace(COPY, body={**COPY.body, "spec": {}})], ids=["older key", "older"]
)
def test_an_older_copy_is_written_anew(copy):
    assert planned(CREATE, ON, copy).action is Action.COPY


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (Change(ITEM, Action.NOOP), Action.NOOP),
        (Change(ITEM, Action.RELABEL), Action.NOOP),
        (Change(ITEM, Action.UPDATE), Action.SKIP),
        (Change(ITEM, Action.SKIP, Reason.EXISTS_DIFFERENT), Action.SKIP),
    ],
)
def test_one_that_stands_is_left_and_named(change, action):
    change = replace(change, comparison=Comparison("1"))
    assert planned(change) == replace(change, action=action, reason=Reason.LEFT_STANDING)


@pytest.mark.parametrize(
    ("change", "hold", "answered"),
    [
        (Change(MAP, Action.CREATE), ON, False),
        (Change(MAP, Action.UPDATE), ON, False),
        (CREATE, OFF, False),
        (CREATE, WHEN_READY, True),
        (Change(ITEM, Action.UPDATE), WHEN_READY, False),
        (Change(ITEM, Action.FAIL, Reason.READ_FAILED), ON, False),
        (Change(ITEM, Action.SKIP, Reason.PRIVILEGED), ON, False),
        (Change(ITEM, Action.SKIP, Reason.ACTIVE), ON, False),
        (CREATE, Hold(on=True, exceptions=("apiservices.apiregistration.k8s.io",)), False),
    ],
)
def test_anything_else_stays_as_it_is(change, hold, answered):
    assert planned(change, hold, answered=answered) is change


def test_without_hold_it_is_kept_while_nobody_answers():
    assert planned(CREATE, WHEN_READY).action is Action.COPY
