# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Of which objects nothing is kept but that they are equal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.entries import InventoryEntry
from ansible_collections.standby.velero.plugins.module_utils._plan.equal import Recorded
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Choice,
    Comparison,
    Held,
    ObjectKey,
    Trust,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Policy, Reason
from inventories import part_of

LABELS = ("hourly-1", "hourly-1")
OURS, UNKNOWN, UNPROVEN = (
    BackupItem(ObjectKey("", "ConfigMap", "shop", name), "configmaps", "v1") for name in ("ours", "unknown", "unproven")
)
RECORDED = Recorded(
    (
        part_of(
            "hourly-1",
            {
                OURS.key: InventoryEntry("u1", "p1", "shop", labels=LABELS),
                UNPROVEN.key: InventoryEntry("", "p2", "shop"),
            },
        ),
    )
)
EQUAL = Comparison("7", labels=LABELS, uid="u1")
CHANGE = Change(OURS, Action.NOOP, comparison=EQUAL, choice=Choice(Policy.UPDATE, "default"))


def test_all_with_the_same_labels_share_one_comparison() -> None:
    one, other = (RECORDED.slim(replace(CHANGE, comparison=replace(EQUAL, resource_version=number))) for number in "78")
    assert one.comparison is other.comparison
    assert one == replace(CHANGE, comparison=Comparison("", labels=LABELS, known=True))


def test_one_that_bears_other_labels_keeps_these() -> None:
    """Somebody may have changed them: then they are not what the inventory says."""
    found = RECORDED.slim(replace(CHANGE, comparison=replace(EQUAL, labels=("x", "y")))).comparison
    assert found == Comparison("", labels=("x", "y"), known=True)


WHOLE = {
    "an update": replace(CHANGE, action=Action.UPDATE, comparison=replace(EQUAL, patch={"data": {"a": "2"}})),
    "labels that are due": replace(CHANGE, action=Action.RELABEL),
    "a difference that is left": replace(CHANGE, comparison=replace(EQUAL, patch={"data": {"a": "2"}})),
    "a reason": replace(CHANGE, reason=Reason.EXISTS_DIFFERENT),
    "none on the target": replace(CHANGE, comparison=None),
    "another UID": replace(CHANGE, comparison=replace(EQUAL, uid="u2")),
    "no labels": replace(CHANGE, comparison=replace(EQUAL, labels=(None, None))),
    "one that the inventory does not have": replace(CHANGE, ref=UNKNOWN),
    "one without a UID there": replace(CHANGE, ref=UNPROVEN, comparison=replace(EQUAL, uid="")),
    "a workload that sleeps": replace(CHANGE, comparison=replace(EQUAL, held=Held("{}"))),
    "a merged ServiceAccount": replace(CHANGE, comparison=replace(EQUAL, merged=True)),
    "one that is being deleted": replace(CHANGE, comparison=replace(EQUAL, terminating=True)),
    "a status that differs": replace(CHANGE, comparison=replace(EQUAL, status={"a": 1})),
    "what is withheld": replace(CHANGE, comparison=replace(EQUAL, withheld=(("labels", "a"),))),
    "an authority that is to follow": replace(CHANGE, comparison=replace(EQUAL, trust=Trust({}, {}, frozenset()))),
}


@pytest.mark.parametrize("change", WHOLE.values(), ids=WHOLE)
def test_whatever_more_there_is_to_be_said_is_kept(change: Change) -> None:
    assert RECORDED.slim(change) is change


def test_a_comparison_of_what_is_known_is_the_same_that_is_left_of_one_that_was_made() -> None:
    assert RECORDED.comparison(OURS) is RECORDED.slim(CHANGE).comparison
    assert RECORDED.comparison(UNKNOWN) == RECORDED.comparison(UNPROVEN) == Comparison("")
    assert RECORDED.has(replace(CHANGE, comparison=RECORDED.comparison(OURS)))
    assert RECORDED.has(Change(UNKNOWN, Action.NOOP, comparison=RECORDED.comparison(UNKNOWN)))
