# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy table, as a table."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.decide import TABLE, Decider, Found
from ansible_collections.standby.velero.plugins.module_utils._decide.policies import Choices, everything
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    RESTORE_LABEL,
    BackupItem,
    Choice,
    Comparison,
    ObjectKey,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Policy, Reason

NONE, UPDATE, RECREATE = Policy.NONE, Policy.UPDATE, Policy.RECREATE
LABELS = {BACKUP_LABEL: "b", RESTORE_LABEL: "r"}
CONFIG_MAP = BackupItem(ObjectKey("", "ConfigMap", "ns", "a"), "configmaps", "v1")
ACCOUNT = BackupItem(ObjectKey("", "ServiceAccount", "ns", "a"), "serviceaccounts", "v1")
NAMESPACE = BackupItem(ObjectKey("", "Namespace", "", "ns"), "namespaces", "v1")

EQUAL = Comparison("1", labels=("b", "r"))
UNLABELLED = Comparison("1")
DIFFERENT = Comparison("1", patch={"data": {"a": "b"}})
MERGE_DUE = Comparison("1", patch={"secrets": []}, merged=True)
STATUS_DUE = Comparison("1", labels=("b", "r"), status={"phase": "Ready"})
MERGED = Comparison("1", merged=True)


@pytest.mark.parametrize(
    ("policy", "item", "comparison", "action", "reason"),
    [
        (NONE, CONFIG_MAP, None, Action.CREATE, None),
        (NONE, CONFIG_MAP, EQUAL, Action.NOOP, None),
        (NONE, CONFIG_MAP, UNLABELLED, Action.NOOP, None),
        (NONE, CONFIG_MAP, DIFFERENT, Action.SKIP, Reason.EXISTS_DIFFERENT),
        (NONE, ACCOUNT, None, Action.CREATE, None),
        (NONE, ACCOUNT, EQUAL, Action.NOOP, None),
        (NONE, ACCOUNT, MERGE_DUE, Action.UPDATE, None),
        (NONE, ACCOUNT, MERGED, Action.NOOP, None),
        (NONE, NAMESPACE, None, Action.CREATE, None),
        (NONE, NAMESPACE, DIFFERENT, Action.SKIP, Reason.EXISTS_DIFFERENT),
        (UPDATE, CONFIG_MAP, None, Action.CREATE, None),
        (UPDATE, CONFIG_MAP, EQUAL, Action.NOOP, None),
        (UPDATE, CONFIG_MAP, UNLABELLED, Action.RELABEL, None),
        (UPDATE, CONFIG_MAP, DIFFERENT, Action.UPDATE, None),
        (UPDATE, ACCOUNT, None, Action.CREATE, None),
        (UPDATE, ACCOUNT, UNLABELLED, Action.RELABEL, None),
        (UPDATE, ACCOUNT, MERGE_DUE, Action.UPDATE, None),
        (UPDATE, ACCOUNT, MERGED, Action.NOOP, None),
        (NONE, CONFIG_MAP, STATUS_DUE, Action.NOOP, None),
        (UPDATE, CONFIG_MAP, STATUS_DUE, Action.UPDATE, None),
        (UPDATE, NAMESPACE, UNLABELLED, Action.NOOP, None),
        (UPDATE, NAMESPACE, DIFFERENT, Action.UPDATE, None),
    ],
)
def test_policy_and_what_the_target_has_decide(policy, item, comparison, action, reason):
    change = Decider(everything(policy), LABELS, True, frozenset()).decide(item, comparison)
    assert (change.action, change.reason, change.comparison) == (action, reason, comparison)


WITHHELD = (("labels", "level"), ("annotations", "role"))
KEPT = ("automountServiceAccountToken",)


@pytest.mark.parametrize(
    ("policy", "comparison", "action", "reason", "detail"),
    [
        (UPDATE, Comparison("1", withheld=WITHHELD), Action.NOOP, Reason.WITHHELD, "label level, annotation role"),
        (
            UPDATE,
            Comparison("1", patch={"metadata": {}}, withheld=WITHHELD),
            Action.UPDATE,
            Reason.WITHHELD,
            "label level, annotation role",
        ),
        (NONE, Comparison("1", patch={"metadata": {}}, withheld=WITHHELD), Action.SKIP, Reason.EXISTS_DIFFERENT, ""),
        (
            UPDATE,
            Comparison("1", merged=True, not_overwritten=KEPT, withheld=WITHHELD),
            Action.NOOP,
            Reason.NOT_OVERWRITTEN,
            KEPT[0],
        ),
    ],
)
def test_what_is_withheld_is_said_unless_there_is_more_to_say(policy, comparison, action, reason, detail):
    change = Decider(everything(policy), LABELS, True, frozenset()).decide(NAMESPACE, comparison)
    assert (change.action, change.reason, change.detail) == (action, reason, detail)


@pytest.mark.parametrize("policy", list(Policy))
def test_a_controlled_object_is_created_when_missing_and_never_patched(policy):
    decider = Decider(everything(policy), LABELS, True, frozenset([CONFIG_MAP.key]))
    assert decider.decide(CONFIG_MAP, None).action is Action.CREATE
    for comparison in (EQUAL, UNLABELLED, DIFFERENT):
        change = decider.decide(CONFIG_MAP, comparison)
        assert (change.action, change.reason) == (Action.SKIP, Reason.HAS_CONTROLLER)


def test_each_object_is_decided_by_its_own_policy():
    other = BackupItem(ObjectKey("", "ConfigMap", "ns", "b"), "configmaps", "v1")
    choices = Choices(Choice(NONE, "default"), {other.key: Choice(RECREATE, "rule")})
    decider = Decider(choices, LABELS, True, frozenset())
    changes = [decider.decide(item, DIFFERENT) for item in (CONFIG_MAP, other)]
    assert [change.policy for change in changes] == [NONE, RECREATE]
    assert [change.choice.rule for change in changes] == ["default", "rule"]
    assert [change.action for change in changes] == [Action.SKIP, Action.UPDATE]


def test_under_recreate_the_plan_is_that_of_update_since_only_a_refusal_shows_what_must_be_recreated():
    assert TABLE[RECREATE] == TABLE[UPDATE]


def test_label_unchanged_false_leaves_an_equal_object_alone():
    assert Decider(everything(UPDATE), LABELS, False, frozenset()).decide(CONFIG_MAP, UNLABELLED).action is Action.NOOP


@pytest.mark.parametrize("policy", list(Policy))
def test_the_table_has_a_row_for_everything_that_can_be_found(policy):
    assert set(TABLE[policy]) == set(Found)
