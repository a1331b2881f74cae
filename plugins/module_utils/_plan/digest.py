# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of a plan, and its refusal where another one was approved; reads and writes nothing."""

from __future__ import annotations

from dataclasses import replace

from .._decide.approval import ApprovedPlan, differences, other_backup
from .._decide.plan_digest import PlanDigest, PlanKeys
from .._decide.planned_write import planned_writes
from .._errors import ApprovalError
from .._keyed_digest import Keys
from .._text import cut, printable
from .._values import BackupItem, Body
from .context import RestoreContext
from .plan import Plan

_NAMED, _LONGEST = 30, 200
"""Differences that a message names, and characters of one."""


def plan_keys(given: Keys, stored: str, backup: bytes) -> PlanKeys:
    """The user's keys, else the one that the target keeps, else one that is made of the backup's bytes."""
    if given:
        return PlanKeys(given)
    return PlanKeys(Keys(stored)) if stored else PlanKeys(Keys(backup.hex()), secret=False)


def with_digest(plan: Plan, context: RestoreContext, keys: PlanKeys) -> Plan:
    """The plan with its digest; bodies that are made for it are held as far as there is room, for they are written."""
    desired = context.desired

    def held(item: BackupItem) -> Body:
        body = desired.body(item)
        desired.hold(item, body)
        return body

    writes = planned_writes(plan.changes, held, context.settings.recreation)
    backup = context.backup
    return replace(plan, digest=PlanDigest(backup.info.name, backup.digest, writes, keys, context.cluster.identity.uid))


def refuse_other_backup(approved: ApprovedPlan | None, name: str) -> None:
    """Raises an ApprovalError when the plan that was approved is one of another backup."""
    other = other_backup(approved, name) if approved else ""
    if other:
        raise _refusal([other])


def refuse_other_plan(approved: ApprovedPlan | None, plan: Plan) -> None:
    """Raises an ApprovalError when another plan was approved, with the places or objects in which they differ."""
    if approved is None or plan.digest is None:
        return
    found = differences(approved, plan.digest)
    if found:
        raise _refusal(found)


def _refusal(found: list[str]) -> ApprovalError:
    named = "; ".join(cut(printable(text), _LONGEST) for text in found[:_NAMED])
    more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return ApprovalError(
        f"the plan is not the one that was approved, so nothing was written. What differs: {named}{more}. Make a plan"
        " anew, in check mode, and have that one approved",
        found,
    )
