# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The codes of the readiness checks, and what people read for them."""

from __future__ import annotations

from enum import Enum

import pytest
from ansible_collections.standby.velero.plugins.module_utils._readiness.finding import Finding
from ansible_collections.standby.velero.plugins.module_utils._readiness.reasons import (
    READINESS_SENTENCES,
    ReadinessReason,
    Weight,
    weight_of,
)

VERBS = ("does", "has", "is", "lets", "may", "could")


def test_each_code_has_a_sentence_of_its_own() -> None:
    assert READINESS_SENTENCES.keys() == set(ReadinessReason)
    assert len(set(READINESS_SENTENCES.values())) == len(ReadinessReason)


@pytest.mark.parametrize("codes", [ReadinessReason, Weight])
def test_no_code_stands_for_two_things(codes: type[Enum]) -> None:
    assert list(codes.__members__) == [code.name for code in codes]
    assert [code.value for code in codes] == [code.name.lower() for code in codes]


@pytest.mark.parametrize("reason", ReadinessReason, ids=str)
def test_a_sentence_goes_on_from_the_object_and_ends_open(reason: ReadinessReason) -> None:
    said = Finding(reason, "Secret shop/tls").message
    assert said.removeprefix("Secret shop/tls ").partition(" ")[0] in VERBS
    assert not said.endswith((".", ":", " "))
    assert Finding(reason, "Secret shop/tls", "why").message == f"{said}: why"


def test_what_weighs_nothing_is_named_and_all_else_blocks_or_is_not_known() -> None:
    of = {weight: {reason.value for reason in ReadinessReason if weight_of(reason) is weight} for weight in Weight}
    assert of[Weight.NOTE] == {"webhook_passed_over", "webhook_outside", "optional_mount_missing"}
    assert of[Weight.UNKNOWN] == {
        "backup_age_unknown",
        "sync_unknown",
        "discovery_incomplete",
        "quota_doubtful",
        "check_failed",
    }
    assert len(of[Weight.BLOCKS]) == len(ReadinessReason) - 8
