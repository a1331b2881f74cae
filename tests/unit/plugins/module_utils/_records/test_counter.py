# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The number of the last signed inventory, in a Lease that is behind at most."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    Forbidden,
    NotFound,
    StateError,
    Throttled,
)
from ansible_collections.standby.velero.plugins.module_utils._records.counter import ANNOTATION, Counter
from executing import STATE, Body
from scripted_target import ScriptedTarget, failing, patched, stored

PLACE = f"leases.coordination.k8s.io {STATE}/state"
GET, CREATE, PATCH = (f"{verb} {PLACE}" for verb in ("get", "create", "patch"))


def lease(value: Any = "7") -> Body:
    return {"kind": "Lease", "metadata": {"name": "state", "uid": "l", "annotations": {ANNOTATION: value}}}


def test_without_a_lease_nothing_was_signed() -> None:
    target = ScriptedTarget((GET, failing(NotFound)), (CREATE, stored()))
    counter = Counter(target, STATE)
    assert counter.read() == 0
    counter.write(1)
    assert target.requests == target.script
    made = target.body(CREATE)["metadata"]
    assert (made["annotations"], made["labels"]["standby.velero/holds"]) == ({ANNOTATION: "1"}, "state")


def test_it_only_grows() -> None:
    target = ScriptedTarget((GET, lease()), (PATCH, patched(lease())))
    counter = Counter(target, STATE)
    assert counter.read() == 7
    counter.write(7)
    counter.write(8)
    counter.write(8)
    assert target.requests == target.script
    assert target.body(PATCH) == {"metadata": {"annotations": {ANNOTATION: "8"}}}


def test_a_lease_that_came_or_went_meanwhile_is_written_all_the_same() -> None:
    came = ScriptedTarget((GET, failing(NotFound)), (CREATE, failing(AlreadyExists)), (PATCH, patched(lease())))
    went = ScriptedTarget((GET, lease()), (PATCH, failing(NotFound)), (CREATE, stored()))
    for target in (came, went):
        counter = Counter(target, STATE)
        counter.read()
        counter.write(9)
        assert (target.requests, counter.problem) == (target.script, "")


@pytest.mark.parametrize("value", ["", "-1", "1.5", "x", "9" * 16, "٣", None, 7, [], {}])
def test_a_lease_that_says_no_number_is_an_error_that_says_how_to_clear_it(value: Any) -> None:
    with pytest.raises(StateError, match=f"Clear it with: kubectl --namespace {STATE} delete lease state"):
        Counter(ScriptedTarget((GET, lease(value))), STATE).read()


def test_where_it_may_not_be_read_that_is_told() -> None:
    counter = Counter(ScriptedTarget((GET, failing(Forbidden, "no"))), STATE)
    assert counter.read() == 0
    assert counter.problem.endswith("Lease state cannot be read: no")


def test_a_lease_that_cannot_be_written_is_told_and_ends_nothing() -> None:
    counter = Counter(ScriptedTarget((GET, lease()), (PATCH, failing(Throttled, "busy"))), STATE)
    counter.read()
    counter.write(8)
    assert counter.problem.endswith("was not written: busy")
