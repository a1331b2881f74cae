# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One Change ends in one result, whatever the server says and however many steps that takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.breaker import UNREACHABLE_IN_A_ROW
from ansible_collections.standby.velero.plugins.module_utils._apply.carry_out import SETTLED, WRITES, carry_out
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import CONFLICTS
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    Conflict,
    Forbidden,
    LockLost,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Comparison,
    Done,
    ObjectRef,
    ObjectResult,
    Trust,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import LABELS, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import GONE, ScriptedTarget, failing, patched, stored

WRITES_AT_MOST = CONFLICTS + 1

WANTED = config_map(size="3")
ITEM = item_of(WANTED)
FOUND = live(config_map(size="1"), None)
GET, CREATE, PATCH, DELETE = (f"{verb} configmaps shop/app" for verb in ("get", "create", "patch", "delete"))
ADMIT = "dry-run create configmaps shop/app-*"


def a_change(action: Action) -> Change:
    """Of one ConfigMap, as the plan makes it."""
    running = executor(ScriptedTarget(), WANTED)
    return {
        Action.CREATE: change_of(running, WANTED),
        Action.UPDATE: change_of(running, WANTED, FOUND),
        Action.RELABEL: change_of(running, WANTED, live(WANTED)),
        Action.DELETE: Change(
            ObjectRef(ITEM.key, ITEM.resource, ITEM.version), Action.DELETE, comparison=Comparison("", uid="old")
        ),
    }[action]


WRITING = {
    # what is sent, and its answer; what comes of it
    Action.CREATE: (CREATE, stored("new"), ObjectResult(Outcome.CREATED, uid="new")),
    Action.UPDATE: (PATCH, patched(FOUND), ObjectResult(Outcome.UPDATED)),
    Action.RELABEL: (PATCH, patched(live(WANTED)), ObjectResult(Outcome.RELABELLED)),
    Action.DELETE: (DELETE, GONE, ObjectResult(Outcome.DELETED)),
}


def test_every_action_either_writes_or_is_settled():
    assert not SETTLED.keys() & WRITES.keys()
    assert SETTLED.keys() | WRITES.keys() == set(Action)
    assert WRITING.keys() == WRITES.keys() - {Action.COPY}, "what is kept as a copy is asked for in test_copies.py"


@pytest.mark.parametrize(
    ("action", "reason", "outcome"),
    [
        (Action.NOOP, None, Outcome.UNCHANGED),
        (Action.SKIP, Reason.PRIVILEGED, Outcome.SKIPPED),
        (Action.FAIL, Reason.INVALID_OBJECT, Outcome.FAILED),
        (Action.FAIL, Reason.NOT_SERVED, Outcome.FAILED),
    ],
)
def test_what_is_settled_sends_nothing_and_says_what_the_plan_says(action, reason, outcome):
    target = ScriptedTarget()
    change = Change(ITEM, action, reason, "the plan's words" if reason else "")
    assert carry_out(executor(target), change) == (change, ObjectResult(outcome, reason, change.detail))
    assert target.requests == []


@pytest.mark.parametrize("action", WRITING)
def test_each_action_that_writes_sends_one_request(action):
    request, answer, result = WRITING[action]
    target = ScriptedTarget((request, answer))
    change = a_change(action)
    assert carry_out(executor(target, WANTED), change) == Done(change, result)
    assert target.requests == target.script


# What keeps a write from being sent


@pytest.mark.parametrize("action", WRITING)
def test_nothing_is_written_into_a_namespace_that_could_not_be_created(action):
    target = ScriptedTarget()
    running = executor(target, WANTED, lost_namespaces={"shop": "Forbidden: no"})
    result = carry_out(running, a_change(action)).result
    assert result == ObjectResult(Outcome.FAILED, Reason.NAMESPACE_MISSING, "Forbidden: no")
    assert target.requests == []


def test_what_lies_elsewhere_or_sends_nothing_has_no_part_in_a_lost_namespace():
    role = body_of("ClusterRole", "reader")
    target = ScriptedTarget(("create clusterroles.rbac.authorization.k8s.io reader", stored()))
    running = executor(target, role, lost_namespaces={"shop": "Forbidden: no"})
    assert carry_out(running, change_of(running, role)).result.outcome is Outcome.CREATED
    assert carry_out(running, Change(ITEM, Action.NOOP)).result.outcome is Outcome.UNCHANGED
    assert target.requests == target.script


@pytest.mark.parametrize("action", WRITING)
def test_a_target_that_is_gone_is_asked_no_more_after_three_objects(action):
    request, answer, _result = WRITING[action]
    target = ScriptedTarget(*[(request, failing(Unreachable, "no route"))] * UNREACHABLE_IN_A_ROW, (request, answer))
    running = executor(target, WANTED)
    for _object in range(UNREACHABLE_IN_A_ROW):
        failed = carry_out(running, a_change(action)).result
        assert failed == ObjectResult(Outcome.FAILED, Reason.UNREACHABLE, "no route")
    untried = carry_out(running, a_change(action)).result
    assert (untried.outcome, untried.reason) == (Outcome.FAILED, Reason.UNREACHABLE)
    assert untried.detail.startswith("not tried")
    assert target.requests == [request] * UNREACHABLE_IN_A_ROW
    assert carry_out(running, Change(ITEM, Action.NOOP)).result.outcome is Outcome.UNCHANGED


def test_any_answer_of_the_target_closes_the_breaker_again():
    lost, refused = failing(Unreachable), failing(Forbidden)
    target = ScriptedTarget(*((CREATE, error) for error in (lost, lost, refused, lost, lost, refused)))
    running = executor(target, WANTED)
    reasons = [carry_out(running, a_change(Action.CREATE)).result.reason for _error in target.script]
    assert reasons == [Reason.UNREACHABLE, Reason.UNREACHABLE, Reason.REFUSED] * 2


@pytest.mark.parametrize("action", WRITING)
def test_a_lost_lock_is_no_sign_of_a_target_that_is_gone(action):
    request = WRITING[action][0]
    times = UNREACHABLE_IN_A_ROW + 1
    target = ScriptedTarget(*[(request, failing(LockLost, "another run may write"))] * times)
    running = executor(target, WANTED)
    for _object in range(times):
        result = carry_out(running, a_change(action)).result
        assert result == ObjectResult(Outcome.FAILED, Reason.LOCK_LOST, "another run may write")
    assert target.requests == target.script
    assert not running.breaker.open


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (failing(Forbidden, "no get"), Reason.READ_FAILED),
        (failing(Throttled, "busy"), Reason.READ_FAILED),
        (failing(Unreachable, "no route"), Reason.UNREACHABLE),
    ],
)
@pytest.mark.parametrize(
    ("action", "request_", "met"),
    [(Action.CREATE, CREATE, failing(AlreadyExists)), (Action.UPDATE, PATCH, failing(Conflict))],
)
def test_a_read_in_between_that_fails_is_the_object_s_failure(action, request_, met, error, reason):
    target = ScriptedTarget((request_, met), (GET, error))
    result = carry_out(executor(target, WANTED), a_change(action)).result
    assert result == ObjectResult(Outcome.FAILED, reason, str(error))
    assert target.requests == target.script


# Several steps


def test_a_create_that_meets_an_object_goes_on_with_what_the_policy_says_of_it():
    target = ScriptedTarget((CREATE, failing(AlreadyExists)), (GET, FOUND), (PATCH, patched(FOUND)))
    change, result = carry_out(executor(target, WANTED), a_change(Action.CREATE))
    assert (change.action, change.comparison.uid, result) == (Action.UPDATE, "old", ObjectResult(Outcome.UPDATED))
    assert target.requests == target.script
    assert target.body(PATCH) == {"data": {"size": "3"}, "metadata": {"labels": LABELS, "resourceVersion": "7"}}


def test_under_none_a_create_that_meets_an_object_leaves_it_alone():
    target = ScriptedTarget((CREATE, failing(AlreadyExists)), (GET, FOUND), (ADMIT, stored()))
    change, result = carry_out(executor(target, WANTED, policy="none"), a_change(Action.CREATE))
    assert (change.action, result) == (Action.SKIP, ObjectResult(Outcome.SKIPPED, Reason.EXISTS_DIFFERENT))
    assert target.requests == target.script


# Under none an object is different only when the target says so too

TRY = "dry-run patch configmaps shop/app"
BEARING = live(config_map(size="1"), LABELS)
DIFFERENT = ObjectResult(Outcome.SKIPPED, Reason.EXISTS_DIFFERENT)
AS_ADMITTED = ObjectResult(Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
WITHOUT_EFFECT = ObjectResult(Outcome.UNCHANGED, Reason.NO_EFFECT)
NO = failing(Forbidden, "no right")
ANOTHER = config_map(size="3", metadata={"labels": {"team": "a"}})
"""It differs in a label: of that a dry-run create alone says nothing."""


def left_alone(*script: tuple[str, object], wanted: Body = WANTED, found: Body = BEARING, **how: object):
    target = ScriptedTarget(*script)
    running = executor(target, wanted, policy="none", **how)
    planned = change_of(running, wanted, found)
    assert planned.reason is Reason.EXISTS_DIFFERENT
    change, result = carry_out(running, planned)
    assert change is planned
    assert target.requests == target.script
    return result


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("script", "wanted", "result"),
    [
        ([(ADMIT, stored())], WANTED, DIFFERENT),
        ([(ADMIT, stored(data={"size": "1"}))], WANTED, AS_ADMITTED),
        ([(ADMIT, stored(data={"size": "2"})), (TRY, BEARING)], WANTED, WITHOUT_EFFECT),
        ([(ADMIT, stored(data={"size": "2"})), (TRY, patched(BEARING))], WANTED, DIFFERENT),
        ([(ADMIT, stored(data={"size": "1"})), (TRY, patched(BEARING))], ANOTHER, DIFFERENT),
        ([(ADMIT, NO), (TRY, BEARING)], WANTED, WITHOUT_EFFECT),
        ([(ADMIT, NO), (TRY, patched(BEARING))], WANTED, DIFFERENT),
        ([(ADMIT, NO), (TRY, NO)], WANTED, DIFFERENT),
        ([(ADMIT, NO), (TRY, failing(Conflict))], WANTED, DIFFERENT),
        ([(ADMIT, NO), (TRY, failing(NotFound))], WANTED, DIFFERENT),
    ],
    ids=[
        "a new object would be as the backup says",
        "a new object would be as the live one is",
        "neither, and a patch changes nothing",
        "neither, and a patch changes it",
        "a label",
        "no right to create, and a patch changes nothing",
        "no right to create, and a patch changes it",
        "no right at all",
        "another writer was there",
        "it is gone",
    ],
)
def test_under_none_the_target_is_asked_by_dry_runs_before_an_object_is_called_different(
    script, wanted, result, dry_run
):
    assert left_alone(*script, wanted=wanted, dry_run=dry_run) == result


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_leaves_it_at_what_was_planned(kind):
    assert left_alone((ADMIT, failing(kind))) == DIFFERENT


def test_a_target_that_is_gone_is_not_asked():
    request = (ADMIT, failing(Unreachable, "no route"))
    target = ScriptedTarget(*[request] * UNREACHABLE_IN_A_ROW)
    running = executor(target, WANTED, policy="none")
    for _object in range(UNREACHABLE_IN_A_ROW + 2):
        assert carry_out(running, change_of(running, WANTED, BEARING)).result == DIFFERENT
    assert target.requests == target.script


def test_certificate_authorities_that_differ_are_not_asked_for():
    trusting = replace(change_of(executor(ScriptedTarget(), WANTED, policy="none"), WANTED, BEARING).comparison)
    change = Change(ITEM, Action.SKIP, Reason.EXISTS_DIFFERENT, "", replace(trusting, trust=Trust({}, {}, frozenset())))
    target = ScriptedTarget()
    assert carry_out(executor(target, WANTED), change).result == DIFFERENT
    assert target.requests == []


def test_a_patch_that_meets_nothing_creates():
    target = ScriptedTarget((PATCH, failing(NotFound)), (CREATE, stored("new")))
    change, result = carry_out(executor(target, WANTED), a_change(Action.UPDATE))
    assert (change.action, change.comparison) == (Action.CREATE, None)
    assert result == ObjectResult(Outcome.CREATED, uid="new")
    assert target.requests == target.script
    assert target.body(CREATE) == {**WANTED, "metadata": {**WANTED["metadata"], "labels": LABELS}}


def test_a_patch_that_meets_a_404_of_whomever_creates_nothing():
    target = ScriptedTarget((PATCH, failing(AbsenceUnproven, "who says so")))
    change, result = carry_out(executor(target, WANTED), a_change(Action.UPDATE))
    assert result == ObjectResult(Outcome.FAILED, Reason.REFUSED, "who says so")
    assert (change.action, target.requests) == (Action.UPDATE, target.script)


def test_a_patch_that_meets_another_writer_is_sent_again_on_the_new_version():
    moved = live(config_map(size="1"), None, version="8", data={"theirs": "yes"})
    target = ScriptedTarget((PATCH, failing(Conflict)), (GET, moved), (PATCH, patched(moved)))
    change, result = carry_out(executor(target, WANTED), a_change(Action.UPDATE))
    assert (change.action, change.comparison.resource_version) == (Action.UPDATE, "8")
    assert result == ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE)
    assert target.requests == target.script
    sent = [body for request, body in target.sent if request == PATCH]
    assert [body["metadata"]["resourceVersion"] for body in sent] == ["7", "8"]
    assert [body["data"] for body in sent] == [{"size": "3"}] * 2


# The bound


def restless(version: int) -> list:
    """Another writer comes before the patch, and moves nothing but the version."""
    return [(PATCH, failing(Conflict)), (GET, live(config_map(size="1"), None, version=str(version)))]


GIVEN_UP = ObjectResult(Outcome.FAILED, Reason.CONFLICT, "another writer kept changing it")


def test_an_object_that_keeps_changing_is_given_up():
    target = ScriptedTarget(*(line for version in range(WRITES_AT_MOST) for line in restless(version)))
    assert carry_out(executor(target, WANTED), a_change(Action.UPDATE)).result == GIVEN_UP
    assert target.requests == target.script


def test_an_object_that_rests_before_the_last_step_is_patched():
    lines = [line for version in range(WRITES_AT_MOST - 1) for line in restless(version)]
    target = ScriptedTarget(*lines, (PATCH, patched(FOUND)))
    assert carry_out(executor(target, WANTED), a_change(Action.UPDATE)).result == ObjectResult(Outcome.UPDATED)
    assert target.requests == target.script


def test_an_object_that_is_equal_after_the_last_step_is_not_given_up():
    lines = [line for version in range(WRITES_AT_MOST - 1) for line in restless(version)]
    target = ScriptedTarget(*lines, (PATCH, failing(Conflict)), (GET, live(WANTED, LABELS)))
    change, result = carry_out(executor(target, WANTED), a_change(Action.UPDATE))
    assert (change.action, result) == (Action.NOOP, ObjectResult(Outcome.UNCHANGED))
    assert target.requests == target.script


def test_an_object_that_comes_and_goes_is_given_up():
    comes_and_goes = [(PATCH, failing(NotFound)), (CREATE, failing(AlreadyExists)), (GET, FOUND)]
    target = ScriptedTarget(*comes_and_goes * (WRITES_AT_MOST // 2))
    change, result = carry_out(executor(target, WANTED), a_change(Action.UPDATE))
    assert (change.action, result) == (Action.UPDATE, GIVEN_UP)
    assert target.requests == target.script


def test_an_object_of_a_version_that_the_target_does_not_serve_fails_before_anything_is_sent():
    target = ScriptedTarget()
    unserved = replace(a_change(Action.CREATE), ref=replace(ITEM, version="v2"))
    result = carry_out(executor(target, WANTED), unserved).result
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.REFUSED)
    assert "does not serve configmaps at version v2" in result.detail
    assert target.requests == []


# Where the plan was approved

NOT_APPROVED = (Outcome.FAILED, Reason.NOT_APPROVED)
MOVED = live(config_map(size="1"), None, version="8", data={"theirs": "yes"})
TAKEN = live(config_map(size="2"), None, version="8")


@pytest.mark.parametrize(
    ("action", "script", "said"),
    [
        (Action.CREATE, [(CREATE, failing(AlreadyExists)), (GET, FOUND)], "update is due now, approved was create"),
        (
            Action.CREATE,
            [(CREATE, failing(AlreadyExists)), (GET, live(WANTED))],
            "relabel is due now, approved was create",
        ),
        (Action.UPDATE, [(PATCH, failing(NotFound))], "create is due now, approved was update"),
        (Action.RELABEL, [(PATCH, failing(NotFound))], "create is due now, approved was relabel"),
    ],
    ids=["it is there, and differs", "it is there, and equal", "it is gone", "it is gone, and was equal"],
)
def test_what_nobody_has_approved_is_not_written(action, script, said):
    target = ScriptedTarget(*script)
    result = carry_out(executor(target, WANTED, only_planned=True), a_change(action)).result
    assert (result.outcome, result.reason, result.detail) == (*NOT_APPROVED, said)
    assert target.requests == target.script


@pytest.mark.parametrize(
    ("action", "script", "result"),
    [
        (
            Action.UPDATE,
            [(PATCH, failing(Conflict)), (GET, MOVED), (PATCH, patched(MOVED))],
            ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
        ),
        (
            Action.UPDATE,
            [(PATCH, failing(Conflict)), (GET, live(WANTED)), (PATCH, patched(live(WANTED)))],
            ObjectResult(Outcome.RELABELLED),
        ),
        (
            Action.UPDATE,
            [(PATCH, failing(Conflict)), (GET, live(WANTED, LABELS))],
            ObjectResult(Outcome.UNCHANGED),
        ),
        (
            Action.UPDATE,
            [(PATCH, failing(Conflict)), (GET, TAKEN)],
            ObjectResult(Outcome.FAILED, Reason.CONFLICT, "data.size"),
        ),
        (
            Action.CREATE,
            [(CREATE, failing(AlreadyExists)), (GET, live(WANTED, LABELS))],
            ObjectResult(Outcome.UNCHANGED),
        ),
    ],
    ids=[
        "the same patch",
        "no more than the labels",
        "nothing",
        "a field of the patch was taken",
        "it is there already",
    ],
)
def test_what_is_no_more_than_was_approved_is_written(action, script, result):
    target = ScriptedTarget(*script)
    assert carry_out(executor(target, WANTED, only_planned=True), a_change(action)).result == result
    assert target.requests == target.script


@pytest.mark.parametrize(("approved", "outcome"), [(False, Outcome.UPDATED), (True, Outcome.FAILED)])
def test_another_object_of_the_name_is_not_the_one_whose_recreation_was_approved(approved, outcome):
    """Under recreate a patch may end in a deletion, and what is deleted is that very object."""
    other = live(config_map(size="1"), None, version="8", uid="another")
    again = [] if approved else [(PATCH, patched(other))]
    target = ScriptedTarget((PATCH, failing(Conflict)), (GET, other), *again)
    running = executor(target, WANTED, policy="recreate", only_planned=approved)
    result = carry_out(running, change_of(running, WANTED, FOUND)).result
    assert (result.outcome, result.reason is Reason.NOT_APPROVED) == (outcome, approved)
    assert target.requests == target.script
