# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A guard is woken once somebody answers for it, webhook by webhook, and by nobody else's word."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.guards import GuardWaker
from ansible_collections.standby.velero.plugins.module_utils._apply.workloads import Waker
from ansible_collections.standby.velero.plugins.module_utils._cluster.services import Services
from ansible_collections.standby.velero.plugins.module_utils._errors import Conflict, Forbidden, NotFound, Unauthorized
from ansible_collections.standby.velero.plugins.module_utils._hold.guard_waking import Guard
from ansible_collections.standby.velero.plugins.module_utils._hold.guards import asleep
from ansible_collections.standby.velero.plugins.module_utils._merge_patch import apply
from ansible_collections.standby.velero.plugins.module_utils._values import Done
from guarding import CONFIGURATIONS, GET, LIST, REF, SERVED, Body, configuration, endpoint, service, slice_of, webhook
from scripted_target import ScriptedTarget

READ, PATCH = (f"{verb} {CONFIGURATIONS} inject" for verb in ("get", "patch"))
PRODUCTION = configuration(webhook("a"))
ASLEEP = asleep(PRODUCTION, ["a"])
ANSWERED = [(GET, service()), (LIST, [[slice_of(endpoint())]])]
UNANSWERED = [(GET, service()), (LIST, [[slice_of()]])]


def stored(live: Body) -> Any:
    return lambda patch: apply(live, patch)


def woken(*script: Any, live: Body | None = None, timeout: float = 0, means: Any = None, **more: Any) -> Done:
    target = ScriptedTarget(*script)
    waker = Waker(target, SERVED, lambda _ref, _live: None, sleep=lambda _seconds: None, **more)
    guards = GuardWaker(waker, Services(target, SERVED), means or (lambda _namespace: True), timeout)
    (done,) = guards.carry_out([Guard(REF, live or ASLEEP)])
    assert target.requests == target.script
    return done


def told(done: Done) -> str:
    return f"{done.result.outcome.value} {done.result.reason.value if done.result.reason else ''}".strip()


def test_one_that_is_answered_is_woken_as_production_has_it():
    done = woken((READ, ASLEEP), *ANSWERED, (PATCH, stored(ASLEEP)))
    assert told(done) == "updated"
    patched = apply(ASLEEP, done.change.comparison.patch)
    assert patched["webhooks"] == PRODUCTION["webhooks"]


def test_one_that_nobody_answers_sleeps_on_and_has_failed():
    done = woken((READ, ASLEEP), *UNANSWERED)
    assert told(done) == "failed guard_unanswered"
    assert done.result.detail == "a by Service shop/guard"


def test_it_is_looked_at_again_in_time():
    script = [(READ, ASLEEP), *UNANSWERED, (READ, ASLEEP), *ANSWERED, (PATCH, stored(ASLEEP))]
    assert told(woken(*script, timeout=1000)) == "updated"


def test_of_two_webhooks_the_one_that_is_answered_wakes():
    both = configuration(webhook("a"), webhook("b", "shop/other"))
    live = asleep(both, ["a", "b"])
    other = [("get services shop/other", NotFound("gone"))]
    done = woken((READ, live), *ANSWERED, *other, (PATCH, stored(live)), live=live)
    assert (told(done), done.result.stored) == ("failed guard_unanswered", True)
    after = apply(live, done.change.comparison.patch)
    assert after["webhooks"][0] == both["webhooks"][0]
    assert after["webhooks"][1] == live["webhooks"][1]


def test_what_answers_in_a_namespace_that_is_not_meant_is_not_asked():
    assert told(woken((READ, ASLEEP), means=lambda namespace: namespace == "elsewhere")) == "unchanged"


def test_what_somebody_woke_meanwhile_is_left():
    assert told(woken((READ, PRODUCTION))) == "unchanged"


def test_a_check_asks_for_nothing_and_tells_what_would_be():
    request = PATCH.replace("patch", "dry-run patch")
    assert told(woken((request, stored(ASLEEP)), dry_run=True)) == "updated"


def test_after_a_conflict_it_is_looked_at_again():
    newer = {**ASLEEP, "metadata": {**ASLEEP["metadata"], "resourceVersion": "8"}}
    script = [(READ, ASLEEP), *ANSWERED, (PATCH, Conflict("newer")), (READ, newer), (PATCH, stored(newer))]
    done = woken(*script)
    assert (told(done), done.change.comparison.resource_version) == ("updated", "8")


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ([(READ, NotFound("gone"))], "failed conflict"),
        ([(READ, Forbidden("no"))], "failed refused"),
        ([(READ, ASLEEP), (GET, Forbidden("no"))], "failed refused"),
        ([(READ, ASLEEP), *ANSWERED, (PATCH, Forbidden("no"))], "failed refused"),
    ],
    ids=["deleted meanwhile", "not to be read", "nobody may ask who answers", "not to be written"],
)
def test_what_cannot_be_done_has_failed(script, result):
    assert told(woken(*script)) == result


def test_what_is_answered_between_the_waves_wakes_then_and_is_told_once():
    target = ScriptedTarget((READ, ASLEEP), *ANSWERED, (PATCH, stored(ASLEEP)))
    waker = Waker(target, SERVED, lambda _ref, _live: None, sleep=lambda _seconds: None)
    guards = GuardWaker(waker, Services(target, SERVED), lambda _namespace: True)
    for _wave in range(3):
        guards.look([Guard(REF, ASLEEP)])
    assert [told(one) for one in guards.carry_out([Guard(REF, ASLEEP)])] == ["updated"]
    assert target.requests == target.script


def test_what_is_not_answered_between_the_waves_is_looked_at_again_behind_them():
    target = ScriptedTarget((READ, ASLEEP), *UNANSWERED, (READ, ASLEEP), *ANSWERED, (PATCH, stored(ASLEEP)))
    waker = Waker(target, SERVED, lambda _ref, _live: None, sleep=lambda _seconds: None)
    guards = GuardWaker(waker, Services(target, SERVED), lambda _namespace: True)
    guards.look([Guard(REF, ASLEEP)])
    assert guards.woken == {}
    assert [told(one) for one in guards.carry_out([Guard(REF, ASLEEP)])] == ["updated"]


def test_a_check_looks_at_nothing_between_the_waves():
    target = ScriptedTarget()
    waker = Waker(target, SERVED, lambda _ref, _live: None, dry_run=True)
    GuardWaker(waker, Services(target, SERVED), lambda _namespace: True).look([Guard(REF, ASLEEP)])
    assert target.requests == []


def test_without_the_target_there_is_no_result():
    with pytest.raises(Unauthorized):
        woken((READ, Unauthorized("no")))
