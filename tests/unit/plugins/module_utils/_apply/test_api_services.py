# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An APIService comes out of its copy once somebody answers, and goes only once it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.api_services import ApiServices
from ansible_collections.standby.velero.plugins.module_utils._apply.workloads import Waker
from ansible_collections.standby.velero.plugins.module_utils._cluster.services import Services
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    Conflict,
    Forbidden,
    LockLost,
    NotFound,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import (
    ApiService,
    kept_copy,
    key_of,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._records.kept_copies import KeptCopies
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Body,
    Change,
    Comparison,
    Done,
    ObjectRef,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from guarding import GET, LIST, SERVED, endpoint, service, slice_of
from scripted_target import GONE, ScriptedTarget

LABELS = {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}
BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1.m", "labels": LABELS},
    "spec": {"group": "m", "version": "v1", "service": {"namespace": "shop", "name": "guard"}},
}
LIVE = {**BODY, "metadata": {**BODY["metadata"], "uid": "u-1", "resourceVersion": "5"}}
REF = ObjectRef(key_of(BODY), "apiservices.apiregistration.k8s.io", "v1")
SECRET = secret_of(BODY, "state")
STORED = {**SECRET, "metadata": {**SECRET["metadata"], "uid": "s-1", "resourceVersion": "7"}}
COPY = kept_copy(STORED)
CREATE, READ, DELETE = (f"{verb} apiservices.apiregistration.k8s.io v1.m" for verb in ("create", "get", "delete"))
SAVE = f"create secrets state/{SECRET['metadata']['name']}"
ANSWERED = [(GET, service()), (LIST, [[slice_of(endpoint())]])]
UNANSWERED = [(GET, service()), (LIST, [[slice_of()]])]
TO_CREATE = ApiService(Change(REF, Action.CREATE), COPY)
TO_DELETE = ApiService(Change(REF, Action.DELETE, comparison=Comparison("5", uid="u-1")), COPY, LIVE)


def made(wanted: ApiService, *script: Any, timeout: float = 0, dry_run: bool = False) -> tuple[Done, ScriptedTarget]:
    target = ScriptedTarget(*script)
    waker = Waker(target, SERVED, lambda _ref, _live: None, dry_run=dry_run, sleep=lambda _seconds: None)
    services = ApiServices(waker, Services(target, SERVED), KeptCopies(target, "state", dry_run), timeout)
    (done,) = services.carry_out([wanted])
    assert target.requests == target.script
    return done, target


def told(done: Done) -> str:
    return f"{done.result.outcome.value} {done.result.reason.value if done.result.reason else ''}".strip()


def test_it_is_created_as_it_was_kept_once_it_is_answered():
    done, target = made(TO_CREATE, *ANSWERED, (CREATE, LIVE))
    assert (told(done), done.result.uid) == ("created", "u-1")
    assert target.body(CREATE) == BODY


def test_nobody_answers_so_that_it_is_not_created():
    done, _target = made(TO_CREATE, *UNANSWERED)
    assert (told(done), done.result.detail) == ("failed api_unanswered", "Service shop/guard")


def test_it_is_tried_again_in_time():
    done, _target = made(TO_CREATE, *UNANSWERED, *ANSWERED, (CREATE, LIVE), timeout=1000)
    assert told(done) == "created"


def test_one_that_the_api_server_answers_itself_waits_for_nobody():
    local = kept_copy(secret_with({**BODY, "spec": {"group": "m", "version": "v1"}}))
    done, _target = made(replace_copy(local), (CREATE, LIVE))
    assert told(done) == "created"


def secret_with(body: Body) -> Body:
    secret = secret_of(body, "state")
    return {**secret, "metadata": {**secret["metadata"], "uid": "s-1", "resourceVersion": "7"}}


def replace_copy(copy: Any) -> ApiService:
    return TO_CREATE._replace(copy=copy)


@pytest.mark.parametrize(
    ("live", "result"),
    [(LIVE, "created"), ({**LIVE, "spec": {**LIVE["spec"], "version": "v2"}}, "skipped left_standing")],
    ids=["ours, its answer was lost", "somebody else's"],
)
def test_one_that_came_meanwhile_is_ours_by_its_labels_or_left(live, result):
    done, _target = made(TO_CREATE, *ANSWERED, (CREATE, AlreadyExists("there")), (READ, live))
    assert told(done) == result


def test_a_check_asks_nobody_and_creates_nothing():
    done, _target = made(TO_CREATE, (f"dry-run {CREATE}", LIVE), dry_run=True)
    assert (told(done), done.result.uid) == ("created", "")


def test_it_goes_by_uid_and_version_and_its_copy_is_what_is_left():
    done, target = made(TO_DELETE, (DELETE, GONE))
    assert (told(done), done.result.uid) == ("deleted", "s-1")
    assert (target.body(DELETE)["uid"], target.body(DELETE)["version"]) == ("u-1", "5")


def test_one_that_has_no_copy_is_kept_first():
    done, target = made(TO_DELETE._replace(copy=None), (SAVE, STORED), (DELETE, GONE))
    assert (told(done), done.result.uid) == ("deleted", "s-1")
    assert target.body(SAVE) == SECRET


def test_what_cannot_be_kept_is_not_deleted():
    done, _target = made(TO_DELETE._replace(copy=None), (SAVE, Forbidden("no")))
    assert told(done) == "failed refused"


@pytest.mark.parametrize(
    ("wanted", "script", "result"),
    [
        (TO_CREATE, [*ANSWERED, (CREATE, Forbidden("no"))], "failed refused"),
        (TO_CREATE, [*ANSWERED, (CREATE, LockLost("gone"))], "failed lock_lost"),
        (TO_CREATE, [(GET, Forbidden("no"))], "failed refused"),
        (TO_DELETE, [(DELETE, Conflict("newer"))], "failed refused"),
        (TO_DELETE, [(DELETE, NotFound("gone"))], "unchanged"),
    ],
)
def test_what_cannot_be_done_is_told(wanted, script, result):
    assert told(made(wanted, *script)[0]) == result


def test_without_the_target_there_is_no_result():
    with pytest.raises(Unreachable):
        made(TO_CREATE, (GET, Unreachable("away")))


@pytest.mark.parametrize(
    ("action", "reason", "result"),
    [
        (Action.NOOP, None, "unchanged"),
        (Action.SKIP, Reason.LEFT_STANDING, "skipped left_standing"),
        (Action.FAIL, Reason.TERMINATING, "failed terminating"),
    ],
)
def test_what_is_settled_asks_for_nothing(action, reason, result):
    change = replace(TO_CREATE.change, action=action, reason=reason)
    assert told(made(TO_CREATE._replace(change=change))[0]) == result
