# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as a result tells it and as a report does."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._decide.plan_digest import PlanDigest, PlanKeys
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import PlannedWrite
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._options.approval import compile_approved
from ansible_collections.standby.velero.plugins.module_utils._report.plan import approvable, entries
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

WRITES = (
    PlannedWrite(ObjectKey("apps", "Deployment", "shop", "web"), Action.UPDATE, b"1", b"2"),
    PlannedWrite(ObjectKey("", "Namespace", "", "bad\x1bname"), Action.CREATE, b"3"),
)
PLAN = PlanDigest("b1", b"tar", WRITES, PlanKeys(Keys("k" * 32)))


def test_what_a_result_tells_is_what_the_option_takes() -> None:
    told = approvable(PLAN)
    assert told.keys() == {"backup", "hash", "parts"}
    approved, problems = compile_approved(told, "")
    assert problems == []
    assert approved is not None
    assert (approved.hash, approved.backup, approved.parts) == (PLAN.hash, "b1", PLAN.parts)


def test_a_report_has_each_write_by_its_object_and_nothing_of_its_values() -> None:
    first, second = entries(PLAN)
    assert first.pop("digest") != second.pop("digest")
    assert first == {"group": "apps", "kind": "Deployment", "namespace": "shop", "name": "web", "action": "update"}
    assert second == {"group": "", "kind": "Namespace", "namespace": "", "name": "bad\\x1bname", "action": "create"}
