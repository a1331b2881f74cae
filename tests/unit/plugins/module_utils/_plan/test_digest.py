# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By which keys a plan is hashed, and how another plan than the approved one is refused."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.approval import ApprovedPlan
from ansible_collections.standby.velero.plugins.module_utils._decide.plan_digest import PlanDigest, PlanKeys
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import PlannedWrite
from ansible_collections.standby.velero.plugins.module_utils._errors import ApprovalError
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._plan.digest import (
    plan_keys,
    refuse_other_backup,
    refuse_other_plan,
)
from ansible_collections.standby.velero.plugins.module_utils._plan.plan import Plan
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

GIVEN, STORED = Keys("g" * 32, "h" * 32), "a" * 64
BACKUP = bytes(range(32))


@pytest.mark.parametrize(
    ("given", "stored", "key", "secret"),
    [
        (GIVEN, STORED, GIVEN, True),
        (GIVEN, "", GIVEN, True),
        (Keys(), STORED, Keys(STORED), True),
        (Keys(), "", Keys(BACKUP.hex()), False),
    ],
    ids=["the user's before the target's", "the user's", "the target's", "made of the backup"],
)
def test_which_keys_a_plan_is_hashed_with(given: Keys, stored: str, key: Keys, secret: bool) -> None:
    found = plan_keys(given, stored, BACKUP)
    assert found.keys.digest("x") == key.digest("x")
    assert found.secret is secret


def plan(*names: str) -> Plan:
    writes = (
        PlannedWrite(ObjectKey("", "ConfigMap", f"n-{name}", name), Action.CREATE, name.encode()) for name in names
    )
    return Plan((), digest=PlanDigest("b1", b"tar", tuple(writes), PlanKeys(GIVEN)))


def approved(of: Plan) -> ApprovedPlan:
    assert of.digest is not None
    return ApprovedPlan(of.digest.hash, "b1", of.digest.parts)


def test_without_an_approval_any_plan_passes() -> None:
    refuse_other_backup(None, "b1")
    refuse_other_plan(None, plan("a"))


def test_the_approved_plan_passes() -> None:
    refuse_other_backup(approved(plan("a")), "b1")
    refuse_other_plan(approved(plan("a")), plan("a"))


def test_another_one_is_refused_with_what_differs() -> None:
    with pytest.raises(ApprovalError) as caught:
        refuse_other_plan(approved(plan("a")), plan("b"))
    assert caught.value.differences == ["ConfigMap in namespace n-a", "ConfigMap in namespace n-b"]
    assert str(caught.value) == (
        "the plan is not the one that was approved, so nothing was written. What differs: ConfigMap in namespace n-a;"
        " ConfigMap in namespace n-b. Make a plan anew, in check mode, and have that one approved"
    )


def test_the_message_stays_short_and_counts_what_it_leaves_out() -> None:
    with pytest.raises(ApprovalError, match=r"n-029; and 70 more\. Make") as caught:
        refuse_other_plan(approved(plan()), plan(*(f"{number:03}" for number in range(100))))
    assert len(str(caught.value)) < 3000


def test_one_of_another_backup_is_refused_as_soon_as_its_name_is_known() -> None:
    with pytest.raises(ApprovalError, match=r"the backup \(b1 was approved, and this is b2\)"):
        refuse_other_backup(approved(plan("a")), "b2")
