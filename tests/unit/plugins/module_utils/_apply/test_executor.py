# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each step works with: the switch that makes every write a dry run, the breaker, the types."""

from __future__ import annotations

import ast
import inspect
import threading

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.executor import (
    UNREACHABLE_IN_A_ROW,
    Breaker,
    Executor,
    uid_of,
)
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
from executing import DISCOVERY, LABELS, body_of, config_map, executor, item_of, live
from scripted_target import ScriptedTarget, failing

WANTED = config_map(size="3")
ITEM = item_of(WANTED)
ANSWER = live(WANTED)

WRITES = {
    "create": (lambda running: running.create(ITEM, WANTED), "create configmaps shop/app", WANTED),
    "patch": (lambda running: running.patch(ITEM, {"data": {}}), "patch configmaps shop/app", {"data": {}}),
    "patch_status": (
        lambda running: running.patch_status(ITEM, {"status": {}}),
        "patch configmaps/status shop/app",
        {"status": {}},
    ),
    "delete": (
        lambda running: running.delete(ITEM, "u1", "7", "foreground"),
        "delete configmaps shop/app",
        {"uid": "u1", "version": "7", "propagation": "Foreground"},
    ),
}
QUESTIONS = {
    "try_patch": (lambda running: running.try_patch(ITEM, {"data": {}}), "patch configmaps shop/app", {"data": {}}),
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
    calling = {method.name for method in methods if "self.client." in ast.unparse(method)}
    assert calling - {"_patch", "_patch_exactly"} == {*WRITES, *QUESTIONS, "get"} - {"patch", "try_patch"}


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
    with pytest.raises(AbsenceUnproven, match="the target does not serve configmaps at version v1") as raised:
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


@pytest.mark.parametrize(
    ("answers", "is_open"),
    [
        ("", False),
        ("--", False),
        ("---", True),
        ("----", True),
        ("--+-", False),
        ("--+--", False),
        ("--+---", True),
        ("---+", False),
    ],
)
def test_the_breaker_opens_after_so_many_objects_in_a_row_that_were_not_answered(answers, is_open):
    assert UNREACHABLE_IN_A_ROW == 3
    breaker = Breaker()
    for answer in answers:
        breaker.note(reached=answer == "+")
    assert breaker.open is is_open


def test_the_breaker_counts_what_many_workers_note():
    breaker = Breaker()
    workers = [threading.Thread(target=breaker.note, args=(False,)) for _number in range(UNREACHABLE_IN_A_ROW)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert breaker.open
