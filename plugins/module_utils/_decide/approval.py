# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a plan is the one that was approved; when it is not, where it differs, as far as that can be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .._values import ObjectKey
from .plan_digest import BACKUP, TARGET, PlanDigest, place_text


class ApprovedWrite(NamedTuple):
    """One write, as the report of the approved plan tells it."""

    action: str
    digest: str


@dataclass(frozen=True)
class ApprovedPlan:
    """What somebody approved, as it came through other jobs; all but the hash may be missing."""

    hash: str
    backup: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[ObjectKey, ApprovedWrite] | None = None
    """Of its report; None without one."""

    def with_report(self, told: ApprovedPlan) -> ApprovedPlan:
        """With all that its report tells."""
        return replace(told, backup=self.backup or told.backup, parts=self.parts or told.parts)


def other_backup(approved: ApprovedPlan, name: str) -> str:
    """That a backup of this name is not the approved one; empty when it is, or when that is not known."""
    if not approved.backup or approved.backup == name:
        return ""
    return f"the backup ({approved.backup} was approved, and this is {name})"


def differences(approved: ApprovedPlan, plan: PlanDigest) -> list[str]:
    """What is not as it is in the approved plan; empty when this is the approved one."""
    other = other_backup(approved, plan.backup)
    if other:
        return [other]
    if plan.is_of(approved.hash):
        return []
    return list(_told(approved, plan)) or ["something that cannot be named, for approved_plan has no parts of the plan"]


def _told(approved: ApprovedPlan, plan: PlanDigest) -> Iterator[str]:
    if not approved.parts:
        return
    same_key = plan.by_key_of(approved.parts)
    if same_key is None:
        yield (
            "the key of their digests, so that nothing else can be told (state_key or the target is another one, or a"
            " run that wrote to the target meanwhile has made the key there)"
        )
        return
    yield from _differing(approved, same_key)


def _differing(approved: ApprovedPlan, plan: PlanDigest) -> Iterator[str]:
    parts = plan.parts_like(approved.parts)
    if approved.parts.get(TARGET) != parts[TARGET]:
        yield "the target, which is another cluster"
    if approved.parts.get(BACKUP) != parts[BACKUP]:
        yield f"the content of backup {plan.backup}"
    objects = [] if approved.objects is None else list(_objects(approved.objects, plan))
    yield from objects or _places(approved.parts, parts)


def _places(approved: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for place in sorted({*approved, *now}):
        if "/" in place and approved.get(place) != now.get(place):
            yield place_text(place)


def _objects(approved: Mapping[ObjectKey, ApprovedWrite], plan: PlanDigest) -> Iterator[str]:
    now = {write.key: ApprovedWrite(write.action.value, digest) for write, digest in plan.objects()}
    for key in sorted({*approved, *now}):
        was, there = approved.get(key), now.get(key)
        if was != there:
            yield f"{key} ({_compared(was, there)})"


def _compared(was: ApprovedWrite | None, now: ApprovedWrite | None) -> str:
    if was is None or now is None:
        return f"{was.action} is not due any more" if was else f"{now.action if now else ''} is new"
    return f"{now.action}, not {was.action}" if now.action != was.action else f"another {now.action}"
