# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codes and what people read for them."""

from __future__ import annotations

from enum import Enum

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prune_words import (
    KEEP_SENTENCES,
    STOP_SENTENCES,
    KeepReason,
    Stop,
    StopReason,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, VolumeData
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import (
    SENTENCES,
    Action,
    Code,
    Outcome,
    Policy,
    Reason,
    sentence,
)

WEB = ObjectKey("", "Pod", "shop", "web")
CODES: list[Code] = [*Reason, *StopReason, *KeepReason]


@pytest.mark.parametrize(
    ("codes", "sentences"), [(Reason, SENTENCES), (StopReason, STOP_SENTENCES), (KeepReason, KEEP_SENTENCES)]
)
def test_each_code_has_a_sentence_of_its_own(codes: type[Enum], sentences: dict[Enum, str]) -> None:
    assert sentences.keys() == set(codes)
    assert all(sentences.values())
    assert len(set(sentences.values())) == len(codes)


@pytest.mark.parametrize("codes", [Policy, Action, Outcome, Reason, StopReason, KeepReason, VolumeData])
def test_no_code_stands_for_two_things(codes: type[Enum]) -> None:
    """A second name with the same value would be an alias, which an Enum does not list."""
    assert list(codes.__members__) == [code.name for code in codes]
    assert [code.value for code in codes] == [code.name.lower() for code in codes]


def test_a_code_that_two_enums_have_means_the_same_in_both() -> None:
    words = [code.value for code in CODES]
    assert {word for word in words if words.count(word) > 1} == {"active", "protected", "has_controller", "terminating"}


VERBS = ("belongs", "cannot", "could", "differs", "does", "equals", "exists", "gives", "is", "keeps", "lies", "may")
VERBS += ("needs", "was", "would")


@pytest.mark.parametrize("code", CODES, ids=str)
def test_a_sentence_goes_on_from_the_object_and_ends_open(code: Code) -> None:
    said = sentence(WEB, code)
    assert said.startswith("Pod shop/web ")
    verb = said.removeprefix("Pod shop/web ").partition(" ")[0]
    assert verb in VERBS
    assert said.isprintable()
    assert not said.endswith((".", ":", " "))


@pytest.mark.parametrize("code", CODES, ids=str)
def test_the_detail_follows_the_sentence(code: Code) -> None:
    said = sentence(WEB, code, "the detail")
    assert said in (f"{sentence(WEB, code)}: the detail", "Pod shop/web the detail")
    assert (said == "Pod shop/web the detail") is (code.value == "protected"), "there the rule has a better sentence"


@pytest.mark.parametrize(
    ("code", "detail", "said"),
    [
        (None, "", ""),
        (None, "a dry run of its create passed", "a dry run of its create passed"),
        (Reason.REFUSED, "", "Pod shop/web was refused by the target"),
        (Reason.REFUSED, "Forbidden", "Pod shop/web was refused by the target: Forbidden"),
        (Reason.PROTECTED, "", "Pod shop/web belongs to the target's control plane or its operator"),
        (Reason.PROTECTED, "lets nodes join the source cluster", "Pod shop/web lets nodes join the source cluster"),
        (KeepReason.UNREAD, "", "Pod shop/web could not be read on the target"),
        (StopReason.ERRORS, "b1 has 2", "Pod shop/web is not deleted: these backups have errors: b1 has 2"),
    ],
)
def test_an_object_is_told_what_became_of_it(code: Code | None, detail: str, said: str) -> None:
    assert sentence(WEB, code, detail) == said


def test_a_stop_is_told_without_an_object() -> None:
    assert str(Stop(StopReason.NO_PREVIOUS)) == "no earlier backup of this schedule is known"
    assert str(Stop(StopReason.OBJECTS_FAILED, "2")) == "objects failed in this run: 2"
