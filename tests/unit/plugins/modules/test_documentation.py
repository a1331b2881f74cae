# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module documents is what it says: every code of the vocabulary where it can stand, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._readiness.finding import Verdict
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import (
    ReadinessReason,
    Weight,
    weight_of,
)
from ansible_collections.standby.velero.plugins.module_utils._readiness.table import CHECKS
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WakingReason
from ansible_collections.standby.velero.plugins.modules import velero_readiness_info, velero_restore, velero_workloads

RETURN: dict[str, Any] = yaml.safe_load(velero_restore.RETURN)

AFTER_THE_PLAN = {StopReason.OBJECTS_FAILED, StopReason.OBJECTS_UNVERIFIED, StopReason.INTERRUPTED}
"""What may stop deletions that were planned already, which are skipped with that code."""

PLACES = {
    "objects.reason": {*Reason, *AFTER_THE_PLAN},
    "delta.objects.reason": set(KeepReason),
    "delta.stopped_by.reason": set(StopReason) - {StopReason.INTERRUPTED},
}
"""Return value -> the codes that it may have; a deletion that was tried has those of `objects`."""


def described(place: str) -> str:
    """The text of a return value."""
    value: dict[str, Any] = {"contains": RETURN}
    for name in place.split("."):
        value = value["contains"][name]
    text = value["description"]
    return text if isinstance(text, str) else " ".join(text)


def codes(place: str) -> set[str]:
    return set(re.findall(r"\bV\((\w+)\)", described(place)))


def values(words: Iterable[Enum]) -> set[str]:
    return {word.value for word in words}


@pytest.mark.parametrize(("place", "words"), PLACES.items(), ids=PLACES)
def test_a_return_value_lists_the_codes_that_it_may_have_and_no_other(place: str, words: set[Enum]) -> None:
    assert codes(place) == values(words)


def test_every_code_is_documented_somewhere() -> None:
    assert set().union(*PLACES.values()) == {*Reason, *StopReason, *KeepReason}


def test_a_code_is_listed_twice_only_for_two_meanings() -> None:
    """What a finalizer holds, and a refused deletion, are told of a recreation and of a prune."""
    listed = re.findall(r"\bV\((\w+)\)", described("objects.reason"))
    assert {code for code in listed if listed.count(code) > 1} == {"deletion_blocked", "delete_refused"}


def test_counts_have_every_outcome_with_the_total_first_and_the_unverified_last() -> None:
    assert list(RETURN["counts"]["contains"]) == ["total", *(outcome.value for outcome in Outcome), "unverified"]


def test_codes_that_the_options_speak_of_exist() -> None:
    said = re.findall(r"\breason V\((\w+)\)", " ".join((velero_restore.DOCUMENTATION + velero_restore.RETURN).split()))
    assert said
    assert set(said) <= values([*Reason, *StopReason, *KeepReason])


def test_the_reasons_of_velero_workloads_are_the_words_of_waking_and_those_of_any_write() -> None:
    listed = yaml.safe_load(velero_workloads.RETURN)["objects"]["contains"]["reason"]["description"]
    codes_there = set(re.findall(r"\bV\((\w+)\)", " ".join(listed)))
    of_any_write = {Reason.TERMINATING, Reason.CONFLICT, Reason.REFUSED, Reason.IGNORED_BY_TARGET, Reason.LEFT_STANDING}
    assert codes_there == values([*WakingReason, *of_any_write, Reason.LOCK_LOST, Reason.UNREACHABLE])


@pytest.mark.parametrize("module", [velero_readiness_info, velero_restore], ids=lambda module: module.__name__)
def test_both_modules_document_every_reason_of_the_readiness_with_its_weight_and_every_check(module: Any) -> None:
    said = yaml.safe_load(module.RETURN)["readiness"]["contains"]
    entry = said["reasons"]["contains"]
    told = [set(re.findall(r"\bV\((\w+)\)", text)) for text in entry["reason"]["description"]]
    assert told == [values(one for one in ReadinessReason if weight_of(one) is weight) for weight in Weight]
    assert set(re.findall(r"\bV\((\w+)\)", " ".join(entry["check"]["description"]))) == set(CHECKS)
    assert set(re.findall(r"\bV\((\w+)\)", entry["weight"]["description"])) == values(Weight)
    assert set(re.findall(r"\bV\((\w+)\)", " ".join(said["verdict"]["description"]))) == values(Verdict)


def test_the_guide_has_every_reason_and_every_check() -> None:
    guide = (Path(__file__).parents[4] / "docs/readiness.md").read_text(encoding="utf-8")
    words = set(re.findall(r"`(\w+)`", guide))
    assert values(ReadinessReason) <= words
    assert set(CHECKS) <= words
