# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of objects: its order, its words and its bound."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prune_words import StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.objects import (
    described,
    is_different,
    ordered,
    truncated,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Choice, Comparison, Done, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import SENTENCES, Outcome, Policy, Reason
from outcomes import done_of


def a_result(name: str, outcome: Outcome = Outcome.UNCHANGED, reason: Reason | None = None, **more: Any) -> Done:
    return done_of(ObjectKey("apps", "Deployment", "shop", name), outcome, reason, **more)


IN_ORDER = [
    a_result("failed-1", Outcome.FAILED, Reason.REFUSED),
    a_result("failed-2", Outcome.FAILED, Reason.CONFLICT),
    a_result("a-updated-unverified", Outcome.UPDATED, Reason.UNVERIFIED),
    a_result("a-updated-and-different", Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
    a_result("a-updated", Outcome.UPDATED),
    a_result("a-recreated", Outcome.RECREATED),
    a_result("a-deleting", Outcome.DELETING, Reason.DELETION_BLOCKED),
    a_result("a-deleted", Outcome.DELETED),
    a_result("a-created-unverified", Outcome.CREATED, Reason.UNVERIFIED),
    a_result("a-created", Outcome.CREATED),
    a_result("a-relabelled", Outcome.RELABELLED),
    a_result("z-left-different", Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
    a_result("a-protected", Outcome.SKIPPED, Reason.PROTECTED),
    a_result("z-kept", Outcome.UNCHANGED, Reason.NO_EFFECT),
    a_result("a-equal-1"),
    a_result("a-equal-2"),
]


@pytest.mark.parametrize("seed", range(5))
def test_what_a_person_must_look_at_comes_first_whatever_the_order_of_the_results(seed: int) -> None:
    shuffled = random.Random(seed).sample(IN_ORDER, len(IN_ORDER))
    assert [result.change.key.name for result in ordered(shuffled)] == [result.change.key.name for result in IN_ORDER]


def test_an_object_is_described_in_codes_and_a_message() -> None:
    change = {
        "choice": Choice(Policy.UPDATE, "existing_resource_policy_overrides[0]"),
        "comparison": Comparison("7", changed_by="production"),
    }
    result = a_result("web", Outcome.FAILED, Reason.REFUSED, detail="Invalid: spec.selector", change=change)
    assert described(result) == {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "outcome": "failed",
        "reason": "refused",
        "message": "Deployment.apps shop/web was refused by the target: Invalid: spec.selector",
        "policy": "update",
        "policy_rule": "existing_resource_policy_overrides[0]",
        "changed_by": "production",
    }


def test_where_no_policy_was_asked_for_none_is_named() -> None:
    entry = described(a_result("web", Outcome.SKIPPED, Reason.MIRROR_POD))
    assert (entry["policy"], entry["policy_rule"], entry["changed_by"]) == ("", "", "")


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_without_a_detail_is_told_as_its_sentence(reason: Reason) -> None:
    message = described(a_result("web", Outcome.SKIPPED, reason))["message"]
    assert message == f"Deployment.apps shop/web {SENTENCES[reason]}"


def test_a_deletion_that_the_run_forbids_is_skipped_with_the_code_of_what_stops_it() -> None:
    entry = described(
        done_of(ObjectKey("", "ConfigMap", "shop", "old"), Outcome.SKIPPED, StopReason.OBJECTS_FAILED, "2")
    )
    assert (entry["outcome"], entry["reason"]) == ("skipped", "objects_failed")
    assert entry["message"] == "ConfigMap shop/old is not deleted: objects failed in this run: 2"


NOT_ON_PURPOSE = (
    Reason.CA_BUNDLE_KEPT,
    Reason.CHANGED_MEANWHILE,
    Reason.EXISTS_DIFFERENT,
    Reason.NOT_APPROVED,
    Reason.VOLUME_RELEASED,
    Reason.NOT_OVERWRITTEN,
    Reason.STATUS_REFUSED,
    Reason.UNVERIFIED,
)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("reason", [None, *Reason])
def test_an_object_is_different_when_it_failed_or_its_reason_says_so(outcome: Outcome, reason: Reason | None) -> None:
    assert is_different(a_result("web", outcome, reason)) is (outcome is Outcome.FAILED or reason in NOT_ON_PURPOSE)


def test_an_object_without_a_reason_needs_no_message() -> None:
    entry = described(a_result("web"))
    assert (entry["reason"], entry["message"]) == ("", "")


def test_names_and_messages_cannot_steer_a_terminal() -> None:
    entry = described(a_result("web\x1b[2J", detail="first\nsecond"))
    assert entry["name"] == r"web\x1b[2J"
    assert entry["message"] == r"first\nsecond"


def test_all_objects_fit() -> None:
    shown, cut = truncated(IN_ORDER, 100_000)
    assert [entry["name"] for entry in shown] == [result.change.key.name for result in IN_ORDER]
    assert not cut


def test_no_objects_are_no_cut() -> None:
    assert truncated([], 100) == ([], False)


@pytest.mark.parametrize("budget", [-1, 0, 500, 5_000, 80_000])
def test_the_list_never_passes_its_budget(budget: int) -> None:
    results = [
        a_result(f"{number:05}-東京", Outcome.FAILED, Reason.REFUSED, detail="é" * 5_000) for number in range(20)
    ]
    results += [a_result(f"{number:05}") for number in range(5_000)]
    shown, cut = truncated(results, budget)
    assert cut
    assert len(json.dumps(shown)) <= max(budget, len("[]"))
    assert [entry["name"] for entry in shown] == [result.change.key.name for result in results[: len(shown)]]
