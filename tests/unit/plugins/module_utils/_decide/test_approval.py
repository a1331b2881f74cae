# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan against the one that was approved: whether it is that one, and what is named where it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.approval import (
    ApprovedPlan,
    ApprovedWrite,
    differences,
    other_backup,
)
from ansible_collections.standby.velero.plugins.module_utils._decide.plan_digest import PlanDigest, PlanKeys
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import PlannedWrite
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action

OLD, NEW = PlanKeys(Keys("o" * 32)), PlanKeys(Keys("n" * 32))


def write(name: str, namespace: str = "shop", action: Action = Action.UPDATE, content: bytes = b"1") -> PlannedWrite:
    return PlannedWrite(ObjectKey("apps", "Deployment", namespace, name), action, content, b"")


WRITES = (write("api", "bank"), write("web"), write("gone", action=Action.DELETE))


def plan(
    *writes: PlannedWrite, backup: str = "b1", content: bytes = b"tar", by: PlanKeys = OLD, target: str = "c1"
) -> PlanDigest:
    return PlanDigest(backup, content, writes, by, target)


def approved(of: PlanDigest, report: bool = False) -> ApprovedPlan:
    objects = {one.key: ApprovedWrite(one.action.value, digest) for one, digest in of.objects()}
    return ApprovedPlan(of.hash, of.backup, of.parts, objects if report else None)


APPROVED = approved(plan(*WRITES))
OTHER = plan(write("api", "bank"), write("web", content=b"2"), write("new", action=Action.CREATE))


@pytest.mark.parametrize(
    "told",
    [APPROVED, ApprovedPlan(APPROVED.hash), replace(APPROVED, parts={}), approved(plan(*WRITES), report=True)],
)
def test_the_approved_plan_has_no_differences(told: ApprovedPlan) -> None:
    assert differences(told, plan(*reversed(WRITES))) == []


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (OTHER, ["Deployment.apps in namespace shop"]),
        (plan(*WRITES[1:]), ["Deployment.apps in namespace bank"]),
        (plan(), ["Deployment.apps in namespace bank", "Deployment.apps in namespace shop"]),
        (plan(*WRITES, write("x", "new")), ["Deployment.apps in namespace new"]),
        (plan(*WRITES, backup="b2"), ["the backup (b1 was approved, and this is b2)"]),
        (plan(*WRITES, content=b"other"), ["the content of backup b1"]),
        (plan(*WRITES, target="c2"), ["the target, which is another cluster"]),
        (plan(*WRITES[1:], content=b"other"), ["the content of backup b1", "Deployment.apps in namespace bank"]),
    ],
)
def test_places_that_differ_are_named(now: PlanDigest, named: list[str]) -> None:
    assert differences(APPROVED, now) == named


def test_with_its_report_each_object_is_named_with_what_was_due_and_what_is() -> None:
    now = plan(write("api", "bank", Action.CREATE), write("web", content=b"2"), write("new", action=Action.CREATE))
    assert differences(approved(plan(*WRITES), report=True), now) == [
        "Deployment.apps bank/api (create, not update)",
        "Deployment.apps shop/gone (delete is not due any more)",
        "Deployment.apps shop/new (create is new)",
        "Deployment.apps shop/web (another update)",
    ]


def test_without_parts_nothing_can_be_named() -> None:
    (said,) = differences(ApprovedPlan(APPROVED.hash), OTHER)
    assert said == "something that cannot be named, for approved_plan has no parts of the plan"


def test_another_key_makes_all_parts_differ_so_that_none_is_named() -> None:
    (said,) = differences(APPROVED, plan(*WRITES, by=NEW))
    assert said.startswith("the key of their digests")


def test_while_a_key_is_changed_for_another_places_are_named_by_the_old_one() -> None:
    both = PlanKeys(Keys("n" * 32, "o" * 32))
    assert differences(APPROVED, plan(*WRITES, by=both)) == []
    assert differences(APPROVED, replace(OTHER, by=both)) == ["Deployment.apps in namespace shop"]


@pytest.mark.parametrize(("backup", "is_other"), [("b1", False), ("", False), ("b2", True)])
def test_another_backup_is_told_by_its_name(backup: str, is_other: bool) -> None:
    assert bool(other_backup(ApprovedPlan("0" * 64, backup), "b1")) is is_other


def test_a_report_adds_what_a_hash_alone_does_not_say() -> None:
    told = approved(plan(*WRITES), report=True)
    assert ApprovedPlan(told.hash).with_report(told) == told
    assert replace(told, objects=None).with_report(told) == told
