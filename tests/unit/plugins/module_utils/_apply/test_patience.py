# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What waits for somebody else is tried again until that is done or time is up, and each has one result."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.patience import patiently
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Done,
    ObjectKey,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WakingReason

WAITS = WakingReason.GUARD_UNANSWERED


class Target:
    """Names are done at the try of their number; zero for never."""

    def __init__(self, **at: int) -> None:
        self.at = at
        self.tries: list[str] = []
        self.pauses = 0

    def tried(self, name: str) -> Done:
        self.tries.append(name)
        ref = ObjectRef(ObjectKey("", "ConfigMap", "", name), "configmaps", "v1")
        is_done = 0 < self.at[name] <= self.tries.count(name)
        result = ObjectResult(Outcome.UPDATED) if is_done else ObjectResult(Outcome.FAILED, WAITS)
        return Done(Change(ref, Action.UPDATE), result)

    def sleep(self, _seconds: float) -> None:
        self.pauses += 1


def outcomes(done: list[Done]) -> dict[str, str]:
    return {one.change.key.name: one.result.outcome.value for one in done}


@pytest.mark.parametrize(
    ("at", "timeout", "pauses", "found"),
    [
        ({}, 0, 0, {}),
        ({"a": 1}, 0, 0, {"a": "updated"}),
        ({"a": 0}, 0, 0, {"a": "failed"}),
        ({"a": 2}, 0, 0, {"a": "failed"}),
        ({"a": 3, "b": 1}, 1000, 2, {"a": "updated", "b": "updated"}),
    ],
)
def test_what_waits_is_tried_again_in_time(at, timeout, pauses, found):
    target = Target(**at)
    assert outcomes(patiently(list(at), target.tried, WAITS, timeout, target.sleep)) == found
    assert target.pauses == pauses


def test_what_is_done_is_not_tried_again():
    target = Target(a=1, b=3)
    patiently(["a", "b"], target.tried, WAITS, 1000, target.sleep)
    assert target.tries == ["a", "b", "b", "b"]
