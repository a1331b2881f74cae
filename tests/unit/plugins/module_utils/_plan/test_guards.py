# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether what answers for a webhook sleeps by a run; what cannot be read leaves the guard as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, NotFound, Unauthorized
from ansible_collections.standby.velero.plugins.module_utils._plan.guards import Answering, told_converter
from guarding import GET, LIST, SERVED, WORKLOADS, deployment, endpoint, service, slice_of
from scripted_target import ScriptedTarget

PLACE = ("shop", "guard")


def answering(*script: Any, sleeping: Iterable[str] = ("guard",)) -> tuple[Answering, ScriptedTarget]:
    target = ScriptedTarget(*script)
    return Answering(target, SERVED, lambda ref, _live: ref.key.name in sleeping), target


def asked(*workloads: Any, endpoints: Any = (), **spec: Any) -> list[Any]:
    """What is read to tell whether all that could answer sleeps."""
    return [(GET, service(**spec)), (WORKLOADS, [list(workloads)]), (LIST, [[slice_of(*endpoints)]])]


@pytest.mark.parametrize(
    ("workloads", "endpoints", "silenced"),
    [
        ([deployment()], [endpoint()], True),
        ([deployment()], [], True),
        ([deployment()], [endpoint("by-hand")], False),
        ([deployment()], [endpoint(), endpoint("by-hand")], False),
        ([deployment()], [endpoint("by-hand", ready=False)], True),
    ],
    ids=["its Pods answer still", "nobody answers", "somebody else's Pod", "both", "an unready one counts for nothing"],
)
def test_a_service_is_silenced_when_all_that_answers_sleeps(workloads, endpoints, silenced):
    found, target = answering(
        *asked(*workloads, endpoints=endpoints), (GET, service()), (LIST, [[slice_of(*endpoints)]])
    )
    assert found.silenced(PLACE) is silenced
    assert target.requests[:2] == [GET, WORKLOADS]


@pytest.mark.parametrize(
    ("workloads", "sleeping"),
    [
        ([], ["guard"]),
        ([deployment(app="other")], ["guard"]),
        ([deployment(), deployment("second")], ["guard"]),
        ([deployment(ownerReferences=[{"controller": True}])], ["guard"]),
    ],
    ids=["no workload", "another app's", "one of two is awake", "what an owner looks after"],
)
def test_without_all_of_them_asleep_it_is_not(workloads, sleeping):
    script = [(GET, service()), (WORKLOADS, [workloads]), (GET, service()), (LIST, [[slice_of(endpoint())]])]
    found, _target = answering(*script, sleeping=sleeping)
    assert found.silenced(PLACE) is False
    assert found.left == set()


def test_a_service_without_a_selector_is_never_silenced():
    script = [(GET, service(selector=None)), (GET, service(selector=None)), (LIST, [[slice_of(endpoint())]])]
    found, _target = answering(*script)
    assert found.silenced(PLACE) is False


def test_a_guard_that_nobody_answers_and_no_hold_put_to_sleep_is_named():
    script = [(GET, service()), (WORKLOADS, [[deployment()]]), (GET, service()), (LIST, [[slice_of()]])]
    found, _target = answering(*script, sleeping=())
    assert found.silenced(PLACE) is False
    assert found.left == {PLACE}
    assert "Service shop/guard has no ready endpoint, and a webhook that asks it is awake" in found.warnings[0]


def test_each_is_asked_once():
    found, target = answering((GET, service()), (LIST, [[slice_of(endpoint())]]))
    assert [found.unanswered(PLACE) for _time in range(3)] == [False] * 3
    assert target.requests == [GET, LIST]


def test_what_may_not_be_read_counts_as_answered_and_awake_and_is_told():
    found, _target = answering((GET, Forbidden("no")), (GET, Forbidden("no")))
    assert (found.unanswered(PLACE), found.silenced(PLACE)) == (False, False)
    assert found.warnings == ("whether Service shop/guard is answered is not known: no",)


def test_without_the_target_there_is_no_answer():
    found, _target = answering((GET, Unauthorized("no")))
    with pytest.raises(Unauthorized):
        found.unanswered(PLACE)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ([(GET, NotFound("gone"))], True),
        ([(GET, service()), (LIST, [[slice_of()]])], True),
        ([(GET, service()), (LIST, [[slice_of(endpoint())]]), *asked(deployment(), endpoints=[endpoint()])], True),
        ([(GET, service()), (LIST, [[slice_of(endpoint())]]), (GET, service()), (WORKLOADS, [[]])], False),
    ],
    ids=["not there", "nobody answers", "it falls asleep", "it answers"],
)
def test_a_converter_is_named_when_it_sleeps_for_it_cannot_be_put_to_sleep(script, told):
    found, _target = answering(*script)
    said = list(found.converters([("widgets.example", PLACE)]))
    assert said == ([("widgets.example", PLACE)] if told else [])
    assert all("CustomResourceDefinition widgets.example converts" in told_converter(*one) for one in said)
