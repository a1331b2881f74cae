# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list of objects: its order, its words and its bound."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.objects import described, ordered, truncated
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import SENTENCES, Outcome, Reason


def a_result(name: str, outcome: Outcome = Outcome.UNCHANGED, **more: Any) -> ObjectResult:
    return ObjectResult(ObjectKey("apps", "Deployment", "shop", name), "v1", outcome, **more)


IN_ORDER = [
    a_result("failed-1", Outcome.FAILED, reason=Reason.REFUSED),
    a_result("failed-2", Outcome.FAILED, reason=Reason.CONFLICT),
    a_result("a-updated-unproven", Outcome.UPDATED, reason=Reason.UNVERIFIED),
    a_result("a-updated-and-different", Outcome.UPDATED, reason=Reason.CHANGED_MEANWHILE, different=True),
    a_result("a-updated", Outcome.UPDATED),
    a_result("a-recreated", Outcome.RECREATED),
    a_result("a-deleted", Outcome.DELETED),
    a_result("a-created-unproven", Outcome.CREATED, reason=Reason.UNVERIFIED),
    a_result("a-created", Outcome.CREATED),
    a_result("a-relabelled", Outcome.RELABELLED),
    a_result("z-left-different", Outcome.SKIPPED, reason=Reason.EXISTS_DIFFERENT, different=True),
    a_result("a-protected", Outcome.SKIPPED, reason=Reason.PROTECTED),
    a_result("z-kept", Outcome.UNCHANGED, reason=Reason.NO_EFFECT),
    a_result("a-equal-1"),
    a_result("a-equal-2"),
]


@pytest.mark.parametrize("seed", range(5))
def test_what_a_person_must_look_at_comes_first_whatever_the_order_of_the_results(seed: int) -> None:
    shuffled = random.Random(seed).sample(IN_ORDER, len(IN_ORDER))
    assert [result.key.name for result in ordered(shuffled)] == [result.key.name for result in IN_ORDER]


def test_an_object_is_described_in_codes_and_a_message() -> None:
    result = replace(
        a_result("web", Outcome.FAILED, reason=Reason.REFUSED, message="was refused: Invalid spec.selector"),
        policy="update",
        rule="existing_resource_policy_overrides[0]",
        changed_by="production",
    )
    assert described(result) == {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": "shop",
        "name": "web",
        "outcome": "failed",
        "reason": "refused",
        "message": "was refused: Invalid spec.selector",
        "policy": "update",
        "policy_rule": "existing_resource_policy_overrides[0]",
        "changed_by": "production",
    }


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_without_a_message_is_told_as_its_sentence(reason: Reason) -> None:
    assert described(a_result("web", Outcome.SKIPPED, reason=reason))["message"] == SENTENCES[reason]


def test_an_object_without_a_reason_needs_no_message() -> None:
    entry = described(a_result("web"))
    assert (entry["reason"], entry["message"]) == ("", "")


def test_names_and_messages_cannot_steer_a_terminal() -> None:
    entry = described(a_result("web\x1b[2J", message="first\nsecond"))
    assert entry["name"] == r"web\x1b[2J"
    assert entry["message"] == r"first\nsecond"


def test_all_objects_fit() -> None:
    shown, cut = truncated(IN_ORDER, 100_000)
    assert [entry["name"] for entry in shown] == [result.key.name for result in IN_ORDER]
    assert not cut


def test_no_objects_are_no_cut() -> None:
    assert truncated([], 100) == ([], False)


@pytest.mark.parametrize("budget", [-1, 0, 500, 5_000, 80_000])
def test_the_list_never_passes_its_budget(budget: int) -> None:
    results = [a_result(f"{number:05}-東京", Outcome.FAILED, message="é" * 5_000) for number in range(20)]
    results += [a_result(f"{number:05}") for number in range(5_000)]
    shown, cut = truncated(results, budget)
    assert cut
    assert len(json.dumps(shown)) <= max(budget, len("[]"))
    assert [entry["name"] for entry in shown] == [result.key.name for result in results[: len(shown)]]
