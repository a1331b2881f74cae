# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan carried out: in which order, how much at once, and what a failure means for what comes after it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.executor import SCHEMA_PAUSES
from ansible_collections.standby.velero.plugins.module_utils._apply.requests import CONFLICTS
from ansible_collections.standby.velero.plugins.module_utils._apply.run import SETTLING, apply
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    Forbidden,
    Invalid,
    LockLost,
    NotFound,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.rollback_copy import secret_name
from ansible_collections.standby.velero.plugins.module_utils._memory import Budget
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._stopping import GRACE, Stopping
from ansible_collections.standby.velero.plugins.module_utils._values import (
    Change,
    Comparison,
    Done,
    ObjectRef,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from executing import DISCOVERY, LABELS, SERVING, STATE, Body, body_of, change_of, config_map, executor, item_of, live
from scripted_target import GONE, ScriptedTarget, failing, patched, stored

NAMESPACE = body_of("Namespace", "shop", {"labels": {"team": "shop"}})
ACCOUNT = body_of("ServiceAccount", "robot")
MAPS = [config_map(f"app-{number}") for number in range(4)]
POD = body_of("Pod", "web")
DELETED = ObjectResult(Outcome.DELETED)


def create_of(body: Body) -> str:
    item = item_of(body)
    place = f"{item.key.namespace}/{item.key.name}" if item.key.namespace else item.key.name
    return f"create {item.resource} {place}"


def creating(*bodies: Body) -> list:
    return [(create_of(body), stored(body["metadata"]["name"])) for body in bodies]


def deletion(name: str, action: Action = Action.DELETE) -> Change:
    """Of a ConfigMap that is stale; held back when the action says so."""
    item = item_of(config_map(name))
    reason = None if action is Action.DELETE else Reason.PRIVILEGED
    return Change(ObjectRef(item.key, item.resource, item.version), action, reason, comparison=Comparison("", uid=name))


HELD = {"deletionTimestamp": "2026-11-24T03:00:00Z", "finalizers": ["example.org/hold"]}
STALE = [deletion("stale-1"), deletion("stale-2"), deletion("stale-3")]
DELETE = [f"delete configmaps shop/stale-{number}" for number in (1, 2, 3)]


def carried_out(
    target: ScriptedTarget,
    *bodies: Body,
    found: Iterable[Body] = (),
    more: Iterable[Change] = (),
    concurrency: int = 1,
    **how: object,
) -> list[Done]:
    """What became of a plan for these objects, some of which the target has, and of the changes after them."""
    running = executor(target, *bodies, **how)
    there = {item_of(body).key: body for body in found}
    changes = [*(change_of(running, body, there.get(item_of(body).key)) for body in bodies), *more]
    done = apply(running, changes, concurrency)
    assert [one.change.key for one in done] == [change.key for change in changes]
    assert sorted(target.requests) == sorted(target.script)
    return done


def outcomes(done: Iterable[Done]) -> list[str]:
    return [one.result.outcome.value for one in done]


# Order


def test_stage_after_stage_then_the_deletions_each_result_in_its_place():
    bodies = [NAMESPACE, ACCOUNT, *MAPS, POD]
    target = ScriptedTarget(*creating(*bodies), *((request, GONE) for request in DELETE))
    done = carried_out(target, *bodies, more=STALE)
    assert target.requests == target.script
    assert outcomes(done) == ["created"] * 7 + ["deleted"] * 3
    assert [one.result.uid for one in done[:7]] == [body["metadata"]["name"] for body in bodies]
    assert [target.body(request)["uid"] for request in DELETE] == ["stale-1", "stale-2", "stale-3"]


class InFlight:
    """Answers that count how many requests are under way, and wait until so many are."""

    def __init__(self, wanted: int) -> None:
        self._barrier = threading.Barrier(wanted)
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def __call__(self, answer: Callable[[Body], Body]) -> Callable[[Body], Body]:
        def answering(body: Body) -> Body:
            with self._lock:
                self._now += 1
                self.most = max(self.most, self._now)
            self._barrier.wait(timeout=5)
            with self._lock:
                self._now -= 1
            return answer(body)

        return answering


def test_objects_that_would_take_more_memory_than_there_is_wait_for_each_other():
    in_flight = InFlight(1)
    target = ScriptedTarget(*((create_of(body), in_flight(stored(body["metadata"]["name"]))) for body in MAPS))
    done = carried_out(target, *MAPS, concurrency=4, memory=Budget(60))
    assert outcomes(done) == ["created"] * 4
    assert in_flight.most == 1


@pytest.mark.parametrize("concurrency", [1, 2, 4])
def test_a_stage_is_written_by_as_many_at_once_as_may_be_and_no_more(concurrency):
    flying = InFlight(concurrency)
    target = ScriptedTarget(*((create_of(body), flying(stored())) for body in MAPS))
    carried_out(target, *MAPS, concurrency=concurrency)
    assert flying.most == concurrency


def test_a_stage_begins_only_when_the_one_before_it_is_over():
    ended: list[str] = []

    def late(body: Body) -> Body:
        ended.append(body["metadata"]["name"])
        return stored()(body)

    def after_all(body: Body) -> Body:
        assert sorted(ended) == [one["metadata"]["name"] for one in MAPS]
        return stored()(body)

    target = ScriptedTarget(*((create_of(body), late) for body in MAPS), (create_of(POD), after_all))
    assert outcomes(carried_out(target, *MAPS, POD, concurrency=8)) == ["created"] * 5


def test_each_result_is_in_its_object_s_place_whichever_is_done_first():
    last_is_done = threading.Event()

    def first(body: Body) -> Body:
        assert last_is_done.wait(timeout=5)
        return stored("first")(body)

    def last(body: Body) -> Body:
        last_is_done.set()
        return stored("last")(body)

    target = ScriptedTarget((create_of(MAPS[0]), first), (create_of(MAPS[1]), last))
    done = carried_out(target, *MAPS[:2], concurrency=2)
    assert [one.result.uid for one in done] == ["first", "last"]


def test_what_sends_nothing_keeps_its_place_between_the_others():
    found = [live(MAPS[0], LABELS), live(MAPS[2], LABELS)]
    done = carried_out(ScriptedTarget(*creating(MAPS[1], MAPS[3])), *MAPS, found=found, concurrency=4)
    assert outcomes(done) == ["unchanged", "created"] * 2


def test_a_plan_of_nothing_is_carried_out():
    assert carried_out(ScriptedTarget()) == []


# What nobody expects


def broken(_body: Body) -> Body:
    raise ZeroDivisionError("a value")


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_fault_within_one_object_is_its_own_result_and_tells_no_value(concurrency):
    target = ScriptedTarget((create_of(MAPS[0]), broken), *creating(*MAPS[1:]))
    done = carried_out(target, *MAPS, concurrency=concurrency)
    assert outcomes(done) == ["failed", "created", "created", "created"]
    result = done[0].result
    assert result.reason is Reason.FAULT
    assert "scripted_target.py" in result.detail
    assert "ZeroDivisionError; please report it" in result.detail
    assert "a value" not in result.detail


def test_a_deletion_that_meets_a_fault_does_not_keep_the_others_from_theirs():
    done = carried_out(ScriptedTarget((DELETE[0], broken), *((one, GONE) for one in DELETE[1:])), more=STALE)
    assert outcomes(done) == ["failed", "deleted", "deleted"]


def test_a_fault_between_the_objects_is_told_of_the_run_and_all_results_are_there():
    secret = body_of("Secret", "key")
    running = executor(ScriptedTarget(*creating(secret, *MAPS)), secret, *MAPS)
    running.standing = None  # so that the step after the Secrets fails
    changes = [change_of(running, body) for body in (secret, *MAPS)]
    assert outcomes(apply(running, changes, 4)) == ["created"] * 5
    assert len(running.faults) == 1
    assert running.faults[0].endswith("AttributeError; please report it")


def test_a_target_that_is_gone_after_definitions_were_stored_loses_no_result():
    definition = body_of("CustomResourceDefinition", "widgets.example.org", spec={"group": "example.org"})
    gear = body_of("Widget", "gear")
    target = ScriptedTarget(*creating(definition), *[("get /api", failing(Unreachable))] * 3)
    done = carried_out(target, definition, *MAPS, gear, sleep=lambda _seconds: None)
    assert outcomes(done)[0] == "created"
    assert {one.result.reason for one in done[1:]} == {Reason.UNREACHABLE}


# A run that is to end


def stopped_by(stopping: Stopping, number: int) -> Callable[[Body], Body]:
    """The answer to a create during which the run is cancelled, when it is the one of that number."""
    seen: list[Body] = []

    def answering(body: Body) -> Body:
        seen.append(body)
        if len(seen) == number:
            stopping.cancel()
        return stored()(body)

    return answering


@pytest.mark.parametrize("number", [1, 3])
def test_no_further_object_is_begun_once_the_run_is_cancelled(number):
    stopping = Stopping()
    answer = stopped_by(stopping, number)
    target = ScriptedTarget(*((create_of(body), answer) for body in MAPS[:number]))
    done = carried_out(target, *MAPS, POD, more=STALE, stopping=stopping)
    left = ObjectResult(Outcome.FAILED, Reason.CANCELLED)
    assert [one.result for one in done[number:5]] == [left] * (5 - number)
    assert outcomes(done)[:number] == ["created"] * number
    assert {one.result.reason for one in done[5:]} == {StopReason.OBJECTS_FAILED}


def test_deletions_are_interrupted_too():
    stopping = Stopping()

    def cancelled(_body: Body) -> Body:
        stopping.cancel()
        return GONE

    done = carried_out(ScriptedTarget((DELETE[0], cancelled)), more=STALE, stopping=stopping)
    assert [one.result.outcome for one in done] == [Outcome.DELETED, Outcome.FAILED, Outcome.SKIPPED]
    assert [one.result.reason for one in done[1:]] == [Reason.CANCELLED, StopReason.INTERRUPTED]


def test_what_was_not_reached_in_time_has_a_reason_of_its_own():
    now = iter([0.0, *[5.0] * 100])
    stopping = Stopping(clock=lambda: next(now))
    stopping.limit(5.0)
    done = carried_out(ScriptedTarget(), *MAPS, stopping=stopping)
    assert {one.result.reason for one in done} == {Reason.RUN_TIMEOUT}


def test_a_request_that_hangs_is_left_behind_when_the_grace_is_over():
    time = [0.0]
    stopping = Stopping(clock=lambda: time[0])
    release = threading.Event()

    def hanging(body: Body) -> Body:
        stopping.cancel()
        time[0] = GRACE + 1
        release.wait(30)
        return stored()(body)

    target = ScriptedTarget((create_of(MAPS[0]), hanging))
    try:
        done = carried_out(target, *MAPS, stopping=stopping)
    finally:
        release.set()
    assert {one.result.reason for one in done} == {Reason.CANCELLED}
    assert done[0].result.detail.startswith("its request was still under way")


# Deletions


def test_deletions_of_one_type_are_sent_at_a_time():
    flying = InFlight(3)
    target = ScriptedTarget(*((request, flying(lambda _body: GONE)) for request in DELETE))
    assert outcomes(carried_out(target, more=STALE, concurrency=4)) == ["deleted"] * 3
    assert flying.most == 3
    assert sorted(target.requests) == sorted(DELETE)


def test_deletions_of_the_next_type_wait_for_those_of_the_one_before():
    before = [(request, patched_slowly) for request in DELETE[:2]]
    last = item_of(body_of("Secret", "stale-4"))
    found = Comparison("", uid="stale-4")
    more = [*STALE[:2], Change(ObjectRef(last.key, last.resource, last.version), Action.DELETE, comparison=found)]
    target = ScriptedTarget(*before, ("delete secrets shop/stale-4", GONE))
    assert outcomes(carried_out(target, more=more, concurrency=4)) == ["deleted"] * 3
    assert target.requests[-1] == "delete secrets shop/stale-4"


def patched_slowly(_body: Body) -> Body:
    time.sleep(0.05)
    return GONE


@pytest.mark.parametrize("kind", [LockLost, Unreachable])
def test_what_was_not_begun_when_a_deletion_ended_the_others_is_left(kind):
    more = [deletion(f"stale-{number}") for number in range(9)]
    script = [(f"delete configmaps shop/{one.key.name}", failing(kind, "why")) for one in more]
    target = ScriptedTarget(*script)
    done = apply(executor(target), more, 2)
    sent = len(target.requests)
    assert 1 <= sent <= 2
    assert sorted(one.result.outcome.value for one in done) == ["failed"] * sent + ["skipped"] * (9 - sent)
    assert {one.result.reason for one in done if one.result.outcome is Outcome.SKIPPED} == {StopReason.INTERRUPTED}


def test_a_deletion_that_is_held_back_stays_between_the_others():
    held = deletion("stale-2", Action.SKIP)
    target = ScriptedTarget((DELETE[0], GONE), (DELETE[2], GONE))
    done = carried_out(target, more=[STALE[0], held, STALE[2]])
    skipped = ObjectResult(Outcome.SKIPPED, Reason.PRIVILEGED)
    assert [one.result for one in done] == [DELETED, skipped, DELETED]


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    ("error", "stop"),
    [
        (failing(Forbidden), (StopReason.OBJECTS_FAILED, "1")),
        (failing(Invalid), (StopReason.OBJECTS_FAILED, "1")),
        (failing(Unreachable), (StopReason.OBJECTS_FAILED, "1")),
        (failing(LockLost), (StopReason.OBJECTS_FAILED, "1")),
    ],
)
def test_an_object_that_failed_forbids_all_deletions(error, stop, dry_run):
    request = f"dry-run {create_of(MAPS[0])}" if dry_run else create_of(MAPS[0])
    done = carried_out(ScriptedTarget((request, error)), MAPS[0], more=STALE, dry_run=dry_run)
    assert [one.result for one in done[1:]] == [ObjectResult(Outcome.SKIPPED, *stop)] * 3
    assert [one.change for one in done[1:]] == STALE


def test_an_object_that_the_plan_knows_to_fail_forbids_them_too():
    failed = Change(item_of(MAPS[0]), Action.FAIL, Reason.INVALID_OBJECT, "why")
    done = carried_out(ScriptedTarget(), more=[failed, *STALE])
    assert [one.result.reason for one in done] == [Reason.INVALID_OBJECT, *[StopReason.OBJECTS_FAILED] * 3]


def test_an_object_that_a_dry_run_could_not_verify_forbids_them_too():
    request = f"dry-run {create_of(MAPS[0])}"
    coming = frozenset([item_of(NAMESPACE).key])
    done = carried_out(ScriptedTarget((request, failing(NotFound))), MAPS[0], more=STALE, dry_run=True, coming=coming)
    assert done[0].result.reason is Reason.UNVERIFIED
    stop = ObjectResult(Outcome.SKIPPED, StopReason.OBJECTS_UNVERIFIED, "1")
    assert [one.result for one in done[1:]] == [stop] * 3


def test_what_is_skipped_or_as_it_was_forbids_none():
    found = [live(MAPS[0], LABELS), live(config_map("app-1", size="1"), LABELS)]
    target = ScriptedTarget(
        ("dry-run create configmaps shop/app-1-*", stored()), *((request, GONE) for request in DELETE)
    )
    done = carried_out(target, *MAPS[:2], found=found, more=STALE, policy="none")
    assert outcomes(done) == ["unchanged", "skipped", *["deleted"] * 3]


@pytest.mark.parametrize(("kind", "reason"), [(LockLost, Reason.LOCK_LOST), (Unreachable, Reason.UNREACHABLE)])
def test_a_lost_lock_or_target_ends_the_deletions(kind, reason):
    target = ScriptedTarget((DELETE[0], GONE), (DELETE[1], failing(kind, "why")))
    done = carried_out(target, more=STALE)
    assert [one.result for one in done] == [
        DELETED,
        ObjectResult(Outcome.FAILED, reason, "why"),
        ObjectResult(Outcome.SKIPPED, StopReason.INTERRUPTED, "when ConfigMap shop/stale-2 was to be deleted"),
    ]


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (failing(Forbidden), (Outcome.FAILED, Reason.DELETE_REFUSED)),
        (failing(NotFound), (Outcome.UNCHANGED, Reason.DELETED_BEFORE)),
        (live(config_map(), metadata=HELD), (Outcome.DELETING, Reason.DELETION_BLOCKED)),
    ],
)
def test_a_deletion_that_fails_by_itself_does_not_end_the_others(answer, result):
    target = ScriptedTarget((DELETE[0], answer), (DELETE[1], GONE), (DELETE[2], GONE))
    done = carried_out(target, more=STALE)
    assert [(one.result.outcome, one.result.reason) for one in done] == [result, *[(Outcome.DELETED, None)] * 2]


def test_a_deletion_that_meets_another_writer_again_and_again_is_given_up():
    busy = [(DELETE[0], failing(Conflict)), (GET, live(config_map("stale-1"), uid="stale-1"))] * (CONFLICTS + 1)
    done = carried_out(ScriptedTarget(*busy, (DELETE[1], GONE)), more=STALE[:2])
    given_up = ObjectResult(Outcome.FAILED, Reason.CONFLICT, "another writer kept changing it")
    assert [one.result for one in done] == [given_up, DELETED]


GET = "get configmaps shop/stale-1"
SHOP_IS_STALE = Change(
    ObjectRef(item_of(NAMESPACE).key, "namespaces", "v1"), Action.DELETE, comparison=Comparison("", uid="n")
)


@pytest.mark.parametrize(
    "answers",
    [
        [(DELETE[0], failing(Forbidden))],
        [
            (DELETE[0], failing(Conflict)),
            (GET, live(config_map("stale-1"), uid="stale-1", metadata={"deletionTimestamp": "x"})),
        ],
    ],
    ids=["refused", "kept since it was planned"],
)
def test_what_stays_after_all_keeps_the_namespace_that_would_take_it_along(answers):
    done = carried_out(ScriptedTarget(*answers), more=[STALE[0], SHOP_IS_STALE])
    assert done[1].result == ObjectResult(Outcome.SKIPPED, KeepReason.HOLDS)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(GONE, "deleted"), (failing(NotFound), "unchanged"), (live(config_map(), metadata=HELD), "deleting")],
)
def test_a_namespace_goes_after_all_that_goes_in_it(answer, outcome):
    target = ScriptedTarget((DELETE[0], answer), ("delete namespaces shop", GONE))
    assert outcomes(carried_out(target, more=[STALE[0], SHOP_IS_STALE])) == [outcome, "deleted"]


def test_a_dry_run_asks_for_each_deletion_and_makes_none():
    target = ScriptedTarget(*((f"dry-run {request}", live(config_map())) for request in DELETE))
    assert [one.result for one in carried_out(target, more=STALE, dry_run=True)] == [DELETED] * 3


# Namespaces that are not there

LOST = ObjectResult(Outcome.FAILED, Reason.NAMESPACE_MISSING, "Forbidden: no")
NO = failing(Forbidden, "Forbidden: no")
GET_NAMESPACE, PATCH_NAMESPACE = "get namespaces shop", "patch namespaces shop"


def test_nothing_is_tried_in_a_namespace_that_could_not_be_created():
    role = body_of("ClusterRole", "reader")
    target = ScriptedTarget((create_of(NAMESPACE), NO), *creating(role))
    done = carried_out(target, NAMESPACE, role, ACCOUNT, *MAPS, concurrency=4)
    assert done[0].result == ObjectResult(Outcome.FAILED, Reason.REFUSED, "Forbidden: no")
    assert done[1].result.outcome is Outcome.CREATED
    assert [one.result for one in done[2:]] == [LOST] * 5


def test_a_namespace_that_is_going_is_as_good_as_none():
    going = live(NAMESPACE, None, metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"})
    target = ScriptedTarget((create_of(NAMESPACE), failing(AlreadyExists)), (GET_NAMESPACE, going))
    done = carried_out(target, NAMESPACE, MAPS[0])
    assert [one.result.reason for one in done] == [Reason.TERMINATING, Reason.NAMESPACE_MISSING]


BARE = live(body_of("Namespace", "shop"), None)


def test_a_namespace_that_exists_and_could_not_be_updated_takes_its_objects_all_the_same():
    target = ScriptedTarget((PATCH_NAMESPACE, NO), *creating(*MAPS))
    done = carried_out(target, NAMESPACE, *MAPS, found=[BARE], concurrency=4)
    assert outcomes(done) == ["failed", *["created"] * 4]


def test_so_does_one_that_was_there_after_all():
    target = ScriptedTarget(
        (create_of(NAMESPACE), failing(AlreadyExists)), (GET_NAMESPACE, BARE), (PATCH_NAMESPACE, NO), *creating(MAPS[0])
    )
    assert outcomes(carried_out(target, NAMESPACE, MAPS[0])) == ["failed", "created"]


def test_one_that_went_meanwhile_and_could_not_be_created_does_not():
    target = ScriptedTarget((PATCH_NAMESPACE, failing(NotFound)), (create_of(NAMESPACE), NO))
    assert [one.result.reason for one in carried_out(target, NAMESPACE, MAPS[0], found=[BARE])] == [
        Reason.REFUSED,
        Reason.NAMESPACE_MISSING,
    ]


# What admission reads

PRIORITY = body_of("PriorityClass", "top", value=1)
LIMITS = body_of("LimitRange", "usual", spec={})
IMMUTABLE = failing(Invalid, "Invalid: value", fields=("value",))


@pytest.mark.parametrize("body", [PRIORITY, LIMITS], ids=["PriorityClass", "LimitRange"])
@pytest.mark.parametrize(
    ("found", "refused", "pauses"),
    [
        (None, False, [SETTLING]),
        ({"metadata": {"annotations": {"a": "b"}}}, False, [SETTLING]),  # which goes, once it was asked for
        (None, True, []),
        ({}, False, []),
    ],
    ids=["created", "updated", "refused", "relabelled"],
)
def test_objects_that_admission_reads_are_given_time_when_they_are_new(body, found, refused, pauses):
    slept: list[float] = []
    there = [] if found is None else [live(body, **found)]
    place = create_of(body).removeprefix("create ")
    answer = stored() if found is None else patched(there[0])
    request = f"create {place}" if found is None else f"patch {place}"
    asked = [(f"dry-run create {place}-*", stored())] * bool(found)
    target = ScriptedTarget(*asked, (request, NO if refused else answer), *creating(POD))
    carried_out(target, body, POD, found=there, sleep=slept.append)
    assert slept == pauses
    assert target.requests == target.script


def test_so_are_those_that_were_recreated():
    slept: list[float] = []
    found = live({**PRIORITY, "value": 2}, LABELS)
    place = create_of(PRIORITY).removeprefix("create ")
    copy = f"secrets {STATE}/{secret_name(item_of(PRIORITY).key)}"
    target = ScriptedTarget(
        (f"dry-run patch {place}", IMMUTABLE),
        (f"dry-run create {place}-*", stored()),
        (f"get {place}", found),
        (f"dry-run create {place}", failing(AlreadyExists)),
        (f"create {copy}", stored("s1")),
        (f"delete {place}", GONE),
        (f"get {place}", failing(NotFound)),
        (f"create {place}", stored()),
        (f"delete {copy}", GONE),
        *creating(POD),
    )
    done = carried_out(target, PRIORITY, POD, found=[found], policy="recreate", sleep=slept.append)
    assert outcomes(done) == ["recreated", "created"]
    assert slept == [SETTLING]


@pytest.mark.parametrize("body", [MAPS[0], PRIORITY])
def test_other_objects_and_dry_runs_are_not_waited_for(body):
    slept: list[float] = []
    dry_run = body is PRIORITY
    request = f"dry-run {create_of(body)}" if dry_run else create_of(body)
    carried_out(ScriptedTarget((request, stored())), body, dry_run=dry_run, sleep=slept.append)
    assert slept == []


# Types that this run brings

DEFINITION = body_of("CustomResourceDefinition", "widgets.example.org", spec={"group": "example.org"})
WIDGET = body_of("Widget", "w")


def served(*groups: Body) -> Body:
    return {"kind": "APIGroupDiscoveryList", "items": list(groups)}


EXAMPLE = {
    "metadata": {"name": "example.org"},
    "versions": [
        {
            "version": "v1",
            "resources": [
                {
                    "resource": "widgets",
                    "responseKind": {"kind": "Widget"},
                    "scope": "Namespaced",
                    "verbs": ["list"],
                }
            ],
        }
    ],
}
POLL = ["get /api", "get /apis"]


def test_a_type_is_waited_for_until_it_is_served():
    slept: list[float] = []
    polls = [(root, served(EXAMPLE) if root == "get /apis" and last else served()) for last in (0, 1) for root in POLL]
    target = ScriptedTarget(*creating(DEFINITION), *polls, *creating(WIDGET))
    done = carried_out(target, DEFINITION, WIDGET, sleep=slept.append)
    assert outcomes(done) == ["created"] * 2
    assert target.requests == target.script
    assert len(slept) == 1


@pytest.mark.parametrize("answer", [failing(Forbidden), failing(Invalid)], ids=["refused", "not taken"])
def test_one_whose_definition_failed_is_not_waited_for(answer: ClusterError):
    done = carried_out(ScriptedTarget((create_of(DEFINITION), answer)), DEFINITION, WIDGET)
    assert outcomes(done) == ["failed"] * 2
    assert "does not serve widgets.example.org" in done[1].result.detail


def test_one_that_is_served_already_is_not_waited_for():
    found = live(DEFINITION, spec={"group": "example.com"})
    place = create_of(DEFINITION).removeprefix("create ")
    resource = replace(DISCOVERY.types["configmaps"][0], group="example.org", plural="widgets", kind="Widget")
    target = ScriptedTarget((f"patch {place}", patched(found)), *creating(WIDGET))
    running = executor(target, DEFINITION, WIDGET)
    running.discovery = replace(DISCOVERY, types={**DISCOVERY.types, resource.name: (resource,)})
    changes = [change_of(running, DEFINITION, found), change_of(running, WIDGET)]
    assert outcomes(apply(running, changes, 1)) == ["updated", "created"]
    assert target.requests == target.script


def test_a_definition_of_which_the_backup_has_no_object_is_not_waited_for():
    assert outcomes(carried_out(ScriptedTarget(*creating(DEFINITION)), DEFINITION)) == ["created"]


def test_a_dry_run_waits_for_no_type_and_says_that_it_proves_nothing_of_its_objects():
    coming = frozenset([item_of(DEFINITION).key])
    target = ScriptedTarget((f"dry-run {create_of(DEFINITION)}", stored()))
    done = carried_out(target, DEFINITION, WIDGET, dry_run=True, coming=coming)
    assert [one.result.reason for one in done] == [None, Reason.UNVERIFIED]


# Fields that a definition of this run gains


def defined(**fields: str) -> Body:
    schema = {"properties": {"spec": {"properties": {name: {"type": kind} for name, kind in fields.items()}}}}
    versions = [{"name": "v1", "schema": {"openAPIV3Schema": schema}}]
    return body_of("CustomResourceDefinition", "widgets.example.org", spec={"versions": versions})


OLD_DEFINITION, NEW_DEFINITION = defined(size="string"), defined(size="string", region="string")
DEFINE = f"patch {create_of(NEW_DEFINITION).removeprefix('create ')}"
GEAR, PLAIN = (body_of("Widget", name, spec=spec) for name, spec in (("gear", {"region": "eu"}), ("plain", {"a": "b"})))
ASK, MAKE = "dry-run create widgets.example.org shop/gear-*", create_of(GEAR)
WITHOUT = stored(spec={"region": None})


def with_new_field(*script: tuple[str, object], answer: object = None, **how: object) -> tuple[list[Done], set[str]]:
    """What became of the definition and two objects, one with its new field; and what was dropped, as is told."""
    found = live(OLD_DEFINITION)
    request = f"dry-run {DEFINE}" if how.get("dry_run") else DEFINE
    target = ScriptedTarget((request, answer or patched(found)), *script)
    target.dropped_fields = {"widgets.example.org": {"spec.region", "spec.other"}, "others": {"spec.region"}}
    running = executor(target, NEW_DEFINITION, GEAR, PLAIN, discovery=SERVING, **how)
    changes = [change_of(running, NEW_DEFINITION, found), change_of(running, GEAR), change_of(running, PLAIN)]
    done = apply(running, changes, 1)
    assert target.requests == target.script
    assert target.dropped_fields["others"] == {"spec.region"}
    return done, target.dropped_fields["widgets.example.org"]


def test_objects_are_written_once_the_new_field_is_served_and_nobody_hears_that_it_was_dropped():
    done, dropped = with_new_field((ASK, WITHOUT), (ASK, stored()), *creating(GEAR, PLAIN))
    assert outcomes(done) == ["updated", "created", "created"]
    assert dropped == {"spec.other"}


def test_in_a_dry_run_it_is_unverified_and_nobody_hears_that_it_was_dropped():
    done, dropped = with_new_field(
        (f"dry-run {MAKE}", WITHOUT), (f"dry-run {create_of(PLAIN)}", stored()), dry_run=True
    )
    assert [one.result.reason for one in done] == [None, Reason.UNVERIFIED, None]
    assert outcomes(done) == ["updated", "created", "created"]
    assert dropped == {"spec.other"}


def test_a_field_that_is_dropped_to_the_end_is_the_object_s_failure_and_told():
    again = ("patch widgets.example.org shop/gear", WITHOUT_REGION)
    done, dropped = with_new_field((ASK, stored()), (MAKE, WITHOUT), *[again] * len(SCHEMA_PAUSES), *creating(PLAIN))
    assert done[1].result == ObjectResult(Outcome.FAILED, Reason.IGNORED_BY_TARGET, "spec.region", True, "old")
    assert dropped == {"spec.other", "spec.region"}


WITHOUT_REGION = live({**GEAR, "spec": {}}, LABELS)


def test_a_definition_that_was_refused_brings_no_field():
    script = [("dry-run create customresourcedefinitions.apiextensions.k8s.io widgets.example.org-*", stored())]
    script += [(DEFINE, patched(live(OLD_DEFINITION))), (MAKE, WITHOUT), *creating(PLAIN)]
    done, dropped = with_new_field(*script, answer=failing(Invalid))
    assert outcomes(done) == ["failed", "created", "created"]
    assert dropped == {"spec.other", "spec.region"}
