# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan as a result and a report tell it: what somebody approves, and what a later run holds its own against."""

from __future__ import annotations

from collections.abc import Iterator

from .._decide.plan_digest import PlanDigest
from .._text import printable
from .._values import Body
from .objects import identity


def approvable(plan: PlanDigest) -> Body:
    """What goes from the job that plans to the job that applies: as it is, it is what approved_plan takes."""
    return {"backup": printable(plan.backup), "hash": plan.hash, "parts": plan.parts}


def entries(plan: PlanDigest) -> Iterator[Body]:
    """Each write by itself, for the report file. The digests are keyed: no value of an object can be found by them."""
    for write, digest in plan.objects():
        yield {**identity(write.key), "action": write.action.value, "digest": digest}
