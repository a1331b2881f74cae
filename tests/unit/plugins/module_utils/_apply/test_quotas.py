# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A quota that has grown is waited for until its controller has noted it, and no longer."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.quotas import wait_followed
from ansible_collections.standby.velero.plugins.module_utils._apply.run import SETTLING, apply
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Forbidden, NotFound
from ansible_collections.standby.velero.plugins.module_utils._values import Done, ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome
from executing import Body, body_of, change_of, executor, live
from scripted_target import Answer, ScriptedTarget, failing, patched, stored

WANTED = body_of("ResourceQuota", "compute", spec={"hard": {"pods": "9", "cpu": "1"}})
POD = body_of("Pod", "web")
GET, PATCH, TRY = (f"{verb} resourcequotas shop/compute" for verb in ("get", "patch", "dry-run patch"))


LATE = live({**WANTED, "status": {"hard": {"pods": "2", "cpu": "1"}}})
FOLLOWED = live({**WANTED, "status": {"hard": {"pods": "9", "cpu": "1000m"}}})
UNKNOWN = live(WANTED)


def waited(*answers: Answer, outcome: Outcome = Outcome.UPDATED, deadline: float = 10.0) -> list[float]:
    """How long each pause was."""
    slept: list[float] = []
    target = ScriptedTarget(*((GET, answer) for answer in answers))
    running = executor(target, WANTED, sleep=slept.append)
    done = Done(change_of(running, WANTED, LATE), ObjectResult(outcome))
    wait_followed(running, [done], deadline)
    assert target.requests == target.script
    return slept


@pytest.mark.parametrize(
    ("answers", "pauses"), [([FOLLOWED], 0), ([LATE, FOLLOWED], 1), ([LATE, LATE, FOLLOWED], 2), ([UNKNOWN], 0)]
)
def test_it_is_asked_until_its_status_says_what_its_spec_does(answers: list[Body], pauses: int) -> None:
    assert len(waited(*answers)) == pauses


@pytest.mark.parametrize("error", [NotFound, Forbidden, ClusterError])
def test_one_that_cannot_be_read_is_not_waited_for(error: type[ClusterError]) -> None:
    assert waited(failing(error)) == []


def test_time_is_up_some_day() -> None:
    assert waited(LATE, deadline=0) == []


@pytest.mark.parametrize("outcome", [Outcome.UNCHANGED, Outcome.FAILED, Outcome.SKIPPED])
def test_one_that_did_not_grow_is_not_even_asked(outcome: Outcome) -> None:
    assert waited(outcome=outcome) == []


@pytest.mark.parametrize("dry_run", [False, True])
def test_what_a_quota_counts_comes_once_it_has_grown(dry_run: bool) -> None:
    slept: list[float] = []
    found = live({**WANTED, "spec": {"hard": {"pods": "2", "cpu": "1"}}})
    create = f"{'dry-run ' if dry_run else ''}create pods shop/web"
    asked = [] if dry_run else [(GET, LATE), (GET, FOLLOWED)]
    target = ScriptedTarget((TRY if dry_run else PATCH, patched(found)), *asked, (create, stored()))
    running = executor(target, WANTED, POD, dry_run=dry_run, sleep=slept.append)
    changes = [change_of(running, WANTED, found), change_of(running, POD)]
    assert [one.result.outcome for one in apply(running, changes, 1)] == [Outcome.UPDATED, Outcome.CREATED]
    assert target.requests == target.script
    assert slept == ([] if dry_run else [slept[0], SETTLING])


def test_one_that_shrinks_comes_after_it_and_nobody_waits() -> None:
    slept: list[float] = []
    found = live({**WANTED, "spec": {"hard": {"pods": "90", "cpu": "1"}}})
    target = ScriptedTarget(("create pods shop/web", stored()), (PATCH, patched(found)))
    running = executor(target, WANTED, POD, sleep=slept.append)
    changes = [change_of(running, POD), change_of(running, WANTED, found)]
    assert changes[1].action is Action.UPDATE
    apply(running, changes, 1)
    assert target.requests == target.script
    assert slept == []
