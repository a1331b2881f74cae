# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each step works with: every write of a dry run is one, dropped fields are sent again, dead webhooks are not."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.breaker import WEBHOOK_FAILURES, WebhookBreaker
from ansible_collections.standby.velero.plugins.module_utils._apply.executor import SCHEMA_PAUSES, Executor, uid_of
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    NotFound,
    Throttled,
    Unreachable,
)
from executing import DISCOVERY, LABELS, SERVING, body_of, config_map, executor, item_of, live
from scripted_target import Body, ScriptedTarget, failing

WANTED = config_map(size="3")
ITEM = item_of(WANTED)
JOB = item_of(body_of("Job", "migrate"))
ANSWER = live(WANTED)

WRITES = {
    "create": (lambda running: running.create(ITEM, WANTED), "create configmaps shop/app", WANTED),
    "patch": (lambda running: running.patch(ITEM, {"data": {}}, "old"), "patch configmaps shop/app", {"data": {}}),
    "patch_status": (
        lambda running: running.patch_status(JOB, {"status": {}}, "old"),
        "patch jobs.batch/status shop/migrate",
        {"status": {}},
    ),
    "delete": (
        lambda running: running.delete(ITEM, "u1", "7", "foreground"),
        "delete configmaps shop/app",
        {"uid": "u1", "version": "7", "propagation": "Foreground"},
    ),
}
QUESTIONS = {
    "try_patch": (
        lambda running: running.try_patch(ITEM, {"data": {}}, "old"),
        "patch configmaps shop/app",
        {"data": {}},
    ),
    "admit": (lambda running: running.admit(ITEM, WANTED), "create configmaps shop/app", WANTED),
}


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("name", WRITES)
def test_every_write_of_a_dry_run_is_one(name, dry_run):
    send, request, body = WRITES[name]
    target = ScriptedTarget((f"dry-run {request}" if dry_run else request, ANSWER))
    assert send(executor(target, WANTED, dry_run=dry_run)) == ANSWER
    assert target.requests == target.script
    assert target.sent[0].body == body


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("name", QUESTIONS)
def test_what_only_asks_is_a_dry_run_always(name, dry_run):
    send, request, body = QUESTIONS[name]
    target = ScriptedTarget((f"dry-run {request}", ANSWER))
    assert send(executor(target, WANTED, dry_run=dry_run)) == ANSWER
    assert target.requests == target.script
    assert target.sent[0].body == body


def test_no_write_is_left_out_above():
    """Each method that calls the client, the one that reads apart."""
    methods = [node for node in ast.walk(ast.parse(inspect.getsource(Executor))) if isinstance(node, ast.FunctionDef)]
    calling = {method.name for method in methods if re.search(r"\bclient\.[a-z_]+\(", ast.unparse(method))}
    calling.discard("_sent")  # which only chooses the client
    behind = {"_create": {"create", "admit"}, "_patch": {"patch", "try_patch"}, "_patch_exactly": set()}
    assert calling - behind.keys() == {*WRITES, *QUESTIONS, "get"} - set().union(*behind.values())


def test_a_read_is_of_the_object_at_its_own_version():
    target = ScriptedTarget(("get configmaps shop/app", ANSWER))
    assert executor(target).get(ITEM) == ANSWER
    assert target.requests == target.script


@pytest.mark.parametrize("send", [*WRITES, *QUESTIONS, "get"])
def test_of_a_type_that_is_not_served_nothing_is_sent(send):
    target = ScriptedTarget()
    running = executor(target, WANTED)
    running.discovery = type(DISCOVERY)({}, frozenset())
    call = {**WRITES, **QUESTIONS, "get": (lambda running: running.get(ITEM),)}[send][0]
    with pytest.raises(AbsenceUnproven, match=r"the target does not serve [a-z.]+ at version v1") as raised:
        call(running)
    assert raised.value.status == 404
    assert target.requests == []


def test_it_compares_with_the_body_that_is_wanted():
    running = executor(ScriptedTarget(), WANTED)
    comparison = running.compare(ITEM, live(config_map(size="1")))
    assert (comparison.patch, comparison.resource_version) == ({"data": {"size": "3"}}, "7")
    assert running.labels == LABELS


@pytest.mark.parametrize(
    ("body", "uid"), [(live(WANTED, uid="u1"), "u1"), (WANTED, ""), ({}, ""), ({"metadata": None}, "")]
)
def test_a_uid_is_what_the_server_says(body, uid):
    assert uid_of(body) == uid


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize(
    ("kind", "curable"),
    [
        (NotFound, True),
        (AbsenceUnproven, True),
        (Forbidden, True),
        (Invalid, True),
        (DryRunUnsupported, None),
        (AlreadyExists, False),
        (Conflict, False),
        (Throttled, False),
        (Unreachable, False),
        (ClusterError, False),
    ],
)
def test_a_refusal_proves_nothing_in_a_dry_run_that_lacks_what_is_planned_before(kind, curable, planned, dry_run):
    coming = frozenset([item_of(body_of("Namespace", "shop")).key] if planned else [])
    running = executor(ScriptedTarget(), WANTED, dry_run=dry_run, coming=coming)
    expected = dry_run and (curable is None or (curable and planned))
    assert running.unverified(ITEM, WANTED, failing(kind)) is expected


# The breaker


# Fields that a definition gains in the run


WIDGET = body_of("Widget", "gear", spec={"size": 1, "region": "eu"})
GEAR = item_of(WIDGET)
CREATE, PATCH = "create widgets.example.org shop/gear", "patch widgets.example.org shop/gear"
GAINED = {("widgets.example.org", "v1"): (("spec", "region"),)}
WITHOUT = live({**WIDGET, "spec": {"size": 1}}, LABELS)
WITH = live(WIDGET, LABELS, "8")
AGAIN = {"spec": {"region": "eu"}, "metadata": {"resourceVersion": "7"}}


def learning(*script, dry_run=False, gained=None):
    """An executor that knows of fields which a definition gained, its target, and how long it waited."""
    pauses = []
    target = ScriptedTarget(*script)
    running = executor(
        target,
        WIDGET,
        dry_run=dry_run,
        discovery=SERVING,
        gained=GAINED if gained is None else gained,
        sleep=pauses.append,
    )
    return running, target, pauses


def test_what_an_api_server_drops_for_want_of_the_new_definition_is_sent_again():
    running, target, pauses = learning((CREATE, WITHOUT), (PATCH, WITHOUT), (PATCH, WITH))
    assert running.create(GEAR, WIDGET) == WITH
    assert (target.requests, pauses) == (target.script, list(SCHEMA_PAUSES[:2]))
    assert [sent.body for sent in target.sent] == [WIDGET, AGAIN, AGAIN]


def test_a_patch_whose_new_field_is_dropped_is_sent_again_too():
    running, target, _pauses = learning((PATCH, WITHOUT), (PATCH, WITH))
    patch = {"spec": {"region": "eu", "size": 1}, "metadata": {"resourceVersion": "6"}}
    assert running.patch(GEAR, patch, "old") == WITH
    assert [sent.body for sent in target.sent] == [patch, AGAIN]


def test_another_writer_in_between_is_looked_at_and_not_overwritten():
    theirs = live({**WIDGET, "spec": {"region": "us"}}, LABELS, "9")
    running, target, _pauses = learning((CREATE, WITHOUT), (PATCH, failing(Conflict)), (f"get{PATCH[5:]}", theirs))
    assert running.create(GEAR, WIDGET) == theirs
    assert target.requests == target.script


def test_it_is_waited_for_within_bounds_and_for_one_object_of_a_type_only():
    running, target, pauses = learning((CREATE, WITHOUT), *[(PATCH, WITHOUT)] * len(SCHEMA_PAUSES), (CREATE, WITHOUT))
    assert running.lost(GEAR, WIDGET, running.create(GEAR, WIDGET)) == {"spec": {"region": "eu"}}
    assert running.create(GEAR, WIDGET) == WITHOUT
    assert (target.requests, pauses) == (target.script, list(SCHEMA_PAUSES))


def test_what_cannot_be_sent_again_is_missing():
    running, target, _pauses = learning((CREATE, WITHOUT), *[(PATCH, failing(Forbidden))] * len(SCHEMA_PAUSES))
    assert running.create(GEAR, WIDGET) == WITHOUT
    assert target.requests == target.script


def test_a_target_that_does_not_answer_then_is_not_the_object_s_fault():
    running, _target, _pauses = learning((CREATE, WITHOUT), (PATCH, failing(Unreachable)))
    with pytest.raises(Unreachable):
        running.create(GEAR, WIDGET)


@pytest.mark.parametrize(
    ("dry_run", "gained"), [(True, GAINED), (False, {}), (False, {("others", "v1"): (("spec",),)})]
)
def test_a_dry_run_and_other_types_take_the_answer_as_it_is(dry_run, gained):
    request = f"dry-run {CREATE}" if dry_run else CREATE
    running, target, pauses = learning((request, WITHOUT), dry_run=dry_run, gained=gained)
    assert running.create(GEAR, WIDGET) == WITHOUT
    assert (target.requests, pauses) == ([request], [])


@pytest.mark.parametrize(
    ("sent", "gains"), [(WIDGET, True), ({"spec": {"size": 1}}, False), ({"spec": {"region": None}}, False)]
)
def test_what_has_a_new_field_is_known_before_it_is_sent(sent, gains):
    assert learning()[0].gains(GEAR, sent) is gains


# A webhook that nobody answers


class Hurried(ScriptedTarget):
    """Notes what is to be sent once only."""

    def __init__(self, *script: tuple[str, object]) -> None:
        super().__init__(*script)
        self.hurried = 0

    def once(self) -> ScriptedTarget:
        self.hurried += 1
        return self


def dead(after: float, time: list[float]) -> Callable[[Body], Body]:
    """A webhook that fails after so many seconds."""

    def failed(_body: Body) -> Body:
        time[0] += after
        raise failing(Throttled, 'failed calling webhook "dead.example.org"', webhook="dead.example.org")

    return failed


CREATE_IT = "create configmaps shop/app"


def test_after_some_failures_of_a_webhook_that_hangs_the_next_objects_fail_with_its_words_unsent():
    time = [0.0]
    answers = [(CREATE_IT, dead(10.0, time))] * WEBHOOK_FAILURES
    target = ScriptedTarget(*answers, ("patch configmaps shop/app", ANSWER))
    running = executor(target, WANTED, webhooks=WebhookBreaker(lambda: time[0]))
    for _object in range(500):
        with pytest.raises(Throttled, match=r"dead\.example\.org"):
            running.create(ITEM, WANTED)
    assert running.patch(ITEM, {}, "old") == ANSWER, "a webhook may be called for creations alone"
    assert target.requests == target.script


def test_where_a_webhook_refuses_at_once_every_object_is_sent_but_none_twice():
    time = [0.0]
    target = Hurried(*[(CREATE_IT, dead(0.01, time))] * 500)
    running = executor(target, WANTED, webhooks=WebhookBreaker(lambda: time[0]))
    for _object in range(500):
        with pytest.raises(Throttled):
            running.create(ITEM, WANTED)
    assert target.requests == target.script
    assert target.hurried == 500 - WEBHOOK_FAILURES
