# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key of a target's plans there: when it is read, when it is made, and what is said when that fails."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Forbidden,
    LockLost,
    NotFound,
    StateError,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.plan_key import key_of, secret_of
from ansible_collections.standby.velero.plugins.module_utils._records.plan_key_store import PlanKeyStore
from executing import STATE, Body
from scripted_target import ScriptedTarget, failing

GET, CREATE = (f"{verb} secrets {STATE}/plan-key" for verb in ("get", "create"))
KEY = "0123456789abcdef" * 4
SECRET = secret_of(KEY, STATE)


def made(target: ScriptedTarget, dry_run: bool = False) -> PlanKeyStore:
    store = PlanKeyStore(target, STATE, dry_run)
    store.load()
    store.make()
    assert target.requests == target.script
    return store


def test_a_key_that_is_there_is_read_and_no_other_made() -> None:
    target = ScriptedTarget((GET, SECRET))
    store = PlanKeyStore(target, STATE)
    assert store.load() == KEY
    store.make()
    assert target.requests == target.script


def test_the_first_run_makes_one_that_is_like_no_other() -> None:
    keys = set()
    for _target in range(2):
        target = ScriptedTarget((GET, failing(NotFound)), (CREATE, SECRET))
        assert made(target).warnings == ()
        keys.add(key_of(target.body(CREATE)))
    assert len(keys) == 2


def test_check_mode_makes_none() -> None:
    made(ScriptedTarget((GET, failing(NotFound))), dry_run=True)


def test_a_run_that_was_given_keys_neither_reads_nor_makes_one() -> None:
    target = ScriptedTarget()
    PlanKeyStore(target, STATE).make()
    assert target.requests == []


@pytest.mark.parametrize("error", [AbsenceUnproven, Forbidden])
def test_one_that_may_not_be_read_is_not_taken_for_none(error: type[ClusterError]) -> None:
    with pytest.raises(error, match=f"Secret {STATE}/plan-key, the key of the target's plans, cannot be read: no"):
        PlanKeyStore(ScriptedTarget((GET, failing(error, "no"))), STATE).load()


def test_one_that_is_damaged_is_refused() -> None:
    with pytest.raises(StateError, match="plan-key is damaged"):
        PlanKeyStore(ScriptedTarget((GET, {**SECRET, "data": {"key": "eA=="}})), STATE).load()


def test_rights_are_named_where_they_lack() -> None:
    target = ScriptedTarget((GET, failing(NotFound)), (CREATE, failing(Forbidden, "no")))
    with pytest.raises(ClusterError, match="cannot be made: no; a run needs get and create on secrets there"):
        made(target)


@pytest.mark.parametrize("error", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_told_as_it_is(error: type[ClusterError]) -> None:
    with pytest.raises(error, match="gone"):
        made(ScriptedTarget((GET, failing(NotFound)), (CREATE, failing(error, "gone"))))


class Echoing(ScriptedTarget):
    """Answers the second read with what was sent before it: the answer to the create got lost."""

    def get(self, resource: object, namespace: str, name: str) -> Body:
        found = [sent.body for sent in self.sent if sent.request == CREATE]
        return found[0] if found else super().get(resource, namespace, name)


def test_an_answer_that_got_lost_is_no_race() -> None:
    target = Echoing((GET, failing(NotFound)), (CREATE, failing(AlreadyExists)))
    assert made(target).warnings == ()


def test_a_key_that_came_in_spite_of_the_lock_is_told_and_left() -> None:
    target = ScriptedTarget((GET, failing(NotFound)), (CREATE, failing(AlreadyExists)), (GET, SECRET))
    (said,) = made(target).warnings
    assert said.endswith("was made by somebody else while this run held the lock")
