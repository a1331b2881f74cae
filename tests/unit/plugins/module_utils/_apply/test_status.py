# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status that is restored after its object: what is sent, and what that makes of the object's result."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.carry_out import carry_out
from ansible_collections.standby.velero.plugins.module_utils._apply.status import CONFLICTS, with_status
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Throttled,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectResult
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from executing import LABELS, OLD_LABELS, Body, body_of, change_of, executor, item_of, live
from scripted_target import ScriptedTarget, failing, patched, stored

WANTED = body_of("Job", "migrate", spec={}, status={"succeeded": 1, "ready": 0})
GET, PATCH, TRY = (
    f"{verb} shop/migrate" for verb in ("get jobs.batch", "patch jobs.batch/status", "dry-run patch jobs.batch/status")
)


def job(version: str = "7", **status: object) -> Body:
    return live(body_of("Job", "migrate", spec={}, status=status), LABELS, version)


UPDATED = ObjectResult(Outcome.UPDATED)
UNCHANGED = ObjectResult(Outcome.UNCHANGED)


def after(
    target: ScriptedTarget, found: Body, result: ObjectResult = UNCHANGED, wanted: Body = WANTED, dry_run: bool = False
) -> ObjectResult:
    """The result once the status is restored too."""
    running = executor(target, wanted, dry_run=dry_run)
    judged = with_status(running, item_of(wanted), found, wanted, result)
    assert target.requests == target.script
    return judged


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WANTED, job(succeeded=1, ready=0)),
        (body_of("Job", "migrate", spec={}), job(succeeded=1)),
        ({**WANTED, "status": None}, job(succeeded=1)),
        ({**WANTED, "status": "odd"}, job(succeeded=1)),
    ],
    ids=["it is equal", "it is not restored", "it is null", "it is no map"],
)
def test_nothing_is_sent_where_no_status_is_due(wanted, found):
    result = ObjectResult(Outcome.RELABELLED, uid="u")
    assert after(ScriptedTarget(), found, result, wanted) is result


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        (job(), {"succeeded": 1, "ready": 0}),
        (live(body_of("Job", "migrate", spec={}), LABELS), {"succeeded": 1, "ready": 0}),
        (job(succeeded=1, ready=2), {"ready": 0}),
        (job(succeeded=1, ready=0, failed=3), {"failed": None}),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_what_differs_is_sent_to_the_status_of_the_object_that_was_seen(found, sent, dry_run):
    request = TRY if dry_run else PATCH
    target = ScriptedTarget((request, patched(found)))
    assert after(target, found, dry_run=dry_run) == UPDATED
    assert target.body(request) == {"metadata": {"resourceVersion": "7"}, "status": sent}


@pytest.mark.parametrize(
    ("result", "is_stored", "judged"),
    [
        (ObjectResult(Outcome.CREATED, uid="u"), True, ObjectResult(Outcome.CREATED, uid="u")),
        (ObjectResult(Outcome.CREATED, uid="u"), False, ObjectResult(Outcome.CREATED, uid="u")),
        (ObjectResult(Outcome.RECREATED, uid="u"), True, ObjectResult(Outcome.RECREATED, uid="u")),
        (ObjectResult(Outcome.RECREATED, uid="u"), False, ObjectResult(Outcome.RECREATED, uid="u")),
        (UNCHANGED, True, UPDATED),
        (UNCHANGED, False, ObjectResult(Outcome.UNCHANGED, Reason.NO_EFFECT)),
        (ObjectResult(Outcome.UNCHANGED, Reason.NO_EFFECT), True, UPDATED),
        (ObjectResult(Outcome.RELABELLED), True, UPDATED),
        (
            ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
            True,
            ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
        ),
        (
            ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
            False,
            ObjectResult(Outcome.UPDATED, Reason.CHANGED_MEANWHILE),
        ),
    ],
)
def test_a_status_that_is_stored_updates_what_existed_and_leaves_what_is_new(result, is_stored, judged):
    answer = patched(job()) if is_stored else job("8")
    assert after(ScriptedTarget((PATCH, answer)), job(), result) == judged


@pytest.mark.parametrize("kind", [Forbidden, Invalid, NotFound, Throttled])
def test_a_status_that_is_refused_is_said_and_the_object_stays_what_it_is(kind):
    result = ObjectResult(Outcome.CREATED, uid="u")
    judged = after(ScriptedTarget((PATCH, failing(kind, "why"))), job(), result)
    assert judged == ObjectResult(Outcome.CREATED, Reason.STATUS_REFUSED, "why", uid="u")


@pytest.mark.parametrize("kind", [Unreachable, LockLost])
def test_a_target_that_does_not_answer_is_not_the_status_s_fault(kind):
    with pytest.raises(kind):
        after(ScriptedTarget((PATCH, failing(kind))), job())


def test_a_controller_that_came_in_between_is_read_and_its_other_fields_go():
    moved = job("8", failed=3)
    target = ScriptedTarget((PATCH, failing(Conflict)), (GET, moved), (PATCH, patched(moved)))
    assert after(target, job()) == UPDATED
    assert target.sent[-1].body == {
        "metadata": {"resourceVersion": "8"},
        "status": {"succeeded": 1, "ready": 0, "failed": None},
    }


def test_a_controller_that_wrote_the_same_leaves_nothing_to_send():
    target = ScriptedTarget((PATCH, failing(Conflict)), (GET, job("8", succeeded=1, ready=0)))
    assert after(target, job()) == UNCHANGED


@pytest.mark.parametrize("times", [CONFLICTS, CONFLICTS + 1])
def test_a_controller_that_never_rests_is_given_up(times):
    busy = [(PATCH, failing(Conflict, "it moved")), (GET, job("8"))] * times
    script = [*busy, (PATCH, patched(job()))] if times == CONFLICTS else busy[:-1]
    judged = after(ScriptedTarget(*script), job())
    assert judged == (UPDATED if times == CONFLICTS else ObjectResult(*_UNCHANGED_REFUSED))


_UNCHANGED_REFUSED = (Outcome.UNCHANGED, Reason.STATUS_REFUSED, "it moved")


# A type without a subresource for it

FLOW = body_of("Workflow", "build", spec={"a": "b"}, status={"phase": "Succeeded"})
CREATE_FLOW, PATCH_FLOW = (f"{verb} workflows.argo.example.org shop/build" for verb in ("create", "patch"))


def flow(labels: Body = LABELS, spec: str = "b", **status: str) -> Body:
    return live({**FLOW, "spec": {"a": spec}, "status": status}, labels)


def test_a_status_without_a_subresource_comes_with_the_object():
    target = ScriptedTarget((CREATE_FLOW, stored()))
    running = executor(target, FLOW, status=True)
    assert carry_out(running, change_of(running, FLOW)).result == ObjectResult(Outcome.CREATED, uid="new")
    assert target.body(CREATE_FLOW)["status"] == {"phase": "Succeeded"}


@pytest.mark.parametrize(
    ("found", "sent"),
    [
        (flow(OLD_LABELS, phase="Failed"), {"metadata": {"resourceVersion": "7", "labels": LABELS}}),
        (flow(OLD_LABELS, "c", phase="Failed"), {"spec": {"a": "b"}, "metadata": {"resourceVersion": "7"}}),
        (flow(spec="c"), {"spec": {"a": "b"}, "metadata": {"resourceVersion": "7"}}),
    ],
    ids=["with the labels alone", "with a difference", "with a difference, and missing"],
)
def test_it_goes_with_the_object_s_own_patch(found, sent):
    asked = [(f"dry-run {PATCH_FLOW}", patched(found))] if found["metadata"]["labels"] == LABELS else []
    target = ScriptedTarget(*asked, (PATCH_FLOW, patched(found)))
    running = executor(target, FLOW, status=True)
    done = carry_out(running, change_of(running, FLOW, found))
    assert done.result == ObjectResult(Outcome.UPDATED)
    wanted = {**sent, "metadata": {"resourceVersion": "7", "labels": LABELS}, "status": {"phase": "Succeeded"}}
    assert target.body(PATCH_FLOW) == wanted


def test_a_status_that_alone_is_due_is_a_patch_of_the_object():
    found = flow(phase="Failed", message="no")
    target = ScriptedTarget(("get workflows.argo.example.org shop/build", found), (PATCH_FLOW, patched(found)))
    running = executor(target, FLOW, status=True)
    assert carry_out(running, change_of(running, FLOW, found)).result == ObjectResult(Outcome.UPDATED)
    assert target.body(PATCH_FLOW) == {
        "metadata": {"resourceVersion": "7"},
        "status": {"phase": "Succeeded", "message": None},
    }


@pytest.mark.parametrize(
    ("wanted", "result", "judged"),
    [
        (FLOW, ObjectResult(Outcome.RELABELLED), UPDATED),
        (FLOW, ObjectResult(Outcome.RELABELLED, Reason.NO_EFFECT), UPDATED),
        (FLOW, UPDATED, UPDATED),
        (FLOW, UNCHANGED, UNCHANGED),
        (FLOW, ObjectResult(Outcome.CREATED, uid="u"), ObjectResult(Outcome.CREATED, uid="u")),
        (WANTED, ObjectResult(Outcome.RELABELLED), ObjectResult(Outcome.RELABELLED)),
    ],
)
def test_with_nothing_left_to_send_the_object_s_own_patch_has_brought_it(wanted, result, judged):
    assert after(ScriptedTarget(), live(wanted, LABELS), result, wanted) == judged


@pytest.mark.parametrize(
    "result", [ObjectResult(Outcome.CREATED, uid="u"), UNCHANGED, ObjectResult(Outcome.RELABELLED)]
)
def test_a_type_that_has_no_status_at_all_is_told(result):
    found = flow()
    drops = {name: value for name, value in found.items() if name != "status"}
    judged = after(ScriptedTarget((PATCH_FLOW, drops)), drops, result, FLOW)
    why = "objects of its type have none on the target"
    assert judged == ObjectResult(result.outcome, Reason.STATUS_REFUSED, why, uid=result.uid)


# Where the plan was approved


@pytest.mark.parametrize(
    ("planned", "sent"),
    [
        ({"succeeded": 1, "ready": 0}, True),
        ({"ready": 0, "failed": None}, True),
        ({"succeeded": 1}, False),
        ({"ready": 1}, False),
        ({}, False),
    ],
)
def test_of_a_status_that_was_there_no_more_is_sent_than_was_approved(planned, sent):
    found = job(succeeded=1, ready=2)
    target = ScriptedTarget(*([(PATCH, patched(found))] if sent else []))
    result = with_status(executor(target, WANTED), item_of(WANTED), found, WANTED, UNCHANGED, planned)
    assert target.requests == target.script
    if sent:
        assert result == UPDATED
    else:
        assert result == ObjectResult(Outcome.UNCHANGED, Reason.NOT_APPROVED, "its status changed, and stays as it is")


def test_an_approved_update_sends_no_other_status_than_was_seen():
    wanted = {**WANTED, "spec": {"parallelism": 2}}
    found = live(body_of("Job", "migrate", spec={"parallelism": 1}, status={"succeeded": 1, "ready": 2}), LABELS)
    meanwhile = {**found, **wanted, "status": {"succeeded": 3, "ready": 2}, "metadata": found["metadata"]}
    meanwhile["metadata"] = {**found["metadata"], "resourceVersion": "8"}
    patches = [(f"{verb} jobs.batch shop/migrate", lambda _sent: meanwhile) for verb in ("dry-run patch", "patch")]
    target = ScriptedTarget(*patches)
    running = executor(target, wanted, status=True, only_planned=True)
    result = carry_out(running, change_of(running, wanted, found)).result
    assert (result.reason, target.requests) == (Reason.NOT_APPROVED, target.script)
