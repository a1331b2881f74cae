# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A certificate authority follows the backup's only once a Secret that holds it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.trust import with_authorities
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Comparison,
    ObjectKey,
    Trust,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from executing import LABELS, executor
from scripted_target import ScriptedTarget

KEY = ObjectKey("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "guard")
ITEM = BackupItem(KEY, "validatingwebhookconfigurations.admissionregistration.k8s.io", "v1")
HOLDER = ObjectKey("", "Secret", "guard", "guard-tls")
OTHER = ObjectKey("", "Secret", "guard", "other-tls")
PATCH: Any = {"webhooks": [{"name": "w"}]}
OURS = tuple(LABELS.values())


def a_change(*holders: frozenset[ObjectKey], patch: Any = None, labels: Any = OURS) -> Change:
    trust = Trust(PATCH, {}, frozenset({"NEW"}), holders)
    comparison = Comparison("7", patch or {}, labels=labels, digest=b"d", trust=trust)
    return Change(ITEM, Action.UPDATE, comparison=comparison)


@pytest.mark.parametrize(
    ("change", "standing", "follows"),
    [
        (a_change(frozenset({HOLDER})), {HOLDER}, True),
        (a_change(frozenset({HOLDER, OTHER})), {OTHER}, True),
        (a_change(frozenset({HOLDER}), frozenset({OTHER})), {HOLDER}, False),
        (a_change(frozenset({HOLDER})), set(), False),
        (a_change(), {HOLDER}, False),
    ],
)
def test_every_authority_needs_a_secret_that_stands(change: Change, standing: set[ObjectKey], follows: bool) -> None:
    running = replace(executor(ScriptedTarget()), standing=standing)
    made = with_authorities(running, change)
    assert made.comparison is not None
    assert made.comparison.trust is None
    assert (made.comparison.patch == PATCH) is follows
    assert (made.reason is Reason.CA_BUNDLE_KEPT) is not follows


@pytest.mark.parametrize(
    ("change", "action"),
    [
        (a_change(), Action.NOOP),
        (a_change(patch={"webhooks": []}), Action.UPDATE),
        (a_change(labels=(None, None)), Action.UPDATE),
    ],
)
def test_what_keeps_its_bundle_is_patched_only_for_something_else(change: Change, action: Action) -> None:
    assert with_authorities(executor(ScriptedTarget()), change).action is action
