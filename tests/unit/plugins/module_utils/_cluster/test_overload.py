# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target that has too much to do: first fewer connections, then an end when nothing succeeds; in virtual time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import error_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Connection
from ansible_collections.standby.velero.plugins.module_utils._cluster.overload import (
    BETWEEN_PROBES,
    SILENCE,
    Overload,
    type_in,
)
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Throttled, Unreachable
from kubernetes.client import Configuration
from raw_server import RawServer, answer
from virtual_time import VirtualTime

PODS, JOBS = "/api/v1/pods", "/apis/batch/v1/jobs"


def status(message: str = "", reason: str = "InternalError") -> bytes:
    return f'{{"kind": "Status", "reason": "{reason}", "message": "{message}"}}'.encode()


BARE = error_of(503, b"no healthy upstream")
THROTTLED = error_of(429, b"Too many requests, please try again later.")
BROKEN = error_of(500, status("etcdserver: leader changed"))
WEBHOOK = error_of(500, status('failed calling webhook \\"a.example.org\\": EOF'))
DENIED = error_of(429, status('admission webhook \\"a.example.org\\" denied the request: later'))
REFUSED = error_of(409, status("", "Conflict"))
PAGE = error_of(404, b"<html>")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/pods?limit=500", PODS),
        ("/api/v1/namespaces/shop/pods/web", PODS),
        ("/api/v1/namespaces/shop/pods/web/status?dryRun=All", PODS),
        ("/apis/batch/v1/namespaces/shop/jobs", JOBS),
        ("/api/v1/namespaces/shop", "/api/v1/namespaces"),
        ("/api/v1/namespaces?limit=500", "/api/v1/namespaces"),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles/a", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
        ("/apis", "/apis"),
        ("/version", "/version"),
    ],
)
def test_the_type_is_read_from_the_path(path: str, kind: str) -> None:
    assert type_in(path) == kind


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def overloaded(clock: Clock, answers: Iterable[ClusterError | None], kind: str = PODS, most: int = 16) -> Overload:
    """After these answers, a second apart; None is a success."""
    overload = Overload(most, clock)
    note(overload, clock, answers, kind)
    return overload


def note(overload: Overload, clock: Clock, answers: Iterable[ClusterError | None], kind: str = PODS) -> None:
    for error in answers:
        clock.now += 1
        overload.succeeded(kind) if error is None else overload.failed(kind, error, clock.now)


# Fewer connections


@pytest.mark.parametrize(
    ("answers", "limit"),
    [
        ([], 16),
        ([BARE], 8),
        ([THROTTLED, BARE], 4),
        ([BARE] * 9, 1),
        ([BROKEN] * 9, 16),
        ([WEBHOOK, DENIED, REFUSED, PAGE], 16),
        ([BARE, *[None] * 9], 9),
        ([*[BARE] * 9, *[None] * 140], 16),
    ],
    ids=["at first", "one", "two", "never none", "a Status is no load", "others see to it", "more again", "as before"],
)
def test_as_many_connections_as_the_target_takes(answers: list[ClusterError | None], limit: int) -> None:
    assert overloaded(Clock(), answers).limit == limit


def test_answers_to_what_was_sent_before_say_nothing_new() -> None:
    clock = Clock()
    overload = Overload(16, clock)
    for _answer in range(16):
        clock.now += 0.01
        overload.failed(PODS, BARE, 0.0)
    assert overload.limit == 8


def test_what_finds_no_connection_free_is_to_wait() -> None:
    overload = overloaded(Clock(), [BARE, BARE], most=4)
    assert [overload.enter(PODS), overload.enter(PODS)] == [True, False]
    overload.leave()
    assert overload.enter(JOBS)


# An end


def entered(overload: Overload, kind: str = PODS) -> type[ClusterError] | bool:
    """What becomes of a request that is over at once."""
    try:
        is_sent = overload.enter(kind)
    except ClusterError as error:
        return type(error)
    if is_sent:
        overload.leave()
    return is_sent


@pytest.mark.parametrize("error", [BARE, THROTTLED])
def test_nothing_is_sent_any_more_only_after_so_long_without_any_success(error: ClusterError) -> None:
    clock = Clock()
    overload = overloaded(clock, [error] * int(SILENCE))
    assert entered(overload) is True
    clock.now += 1
    overload.failed(PODS, error, clock.now)
    assert entered(overload) is Unreachable
    assert entered(overload, JOBS) is Unreachable


def test_a_success_anywhere_is_one() -> None:
    clock = Clock()
    overload = overloaded(clock, [BARE] * 50)
    note(overload, clock, [None], JOBS)
    note(overload, clock, [BARE] * 50, PODS)
    assert entered(overload, JOBS) is True
    assert entered(overload, PODS) is Throttled, "of the type nothing has succeeded for all that time"


@pytest.mark.parametrize("answered", [REFUSED, None], ids=["a refusal", "a success"])
def test_a_server_that_answers_for_the_object_is_there(answered: ClusterError | None) -> None:
    clock = Clock()
    overload = overloaded(clock, [BARE] * 50)
    note(overload, clock, [answered, *[BARE] * 50])
    assert entered(overload) is True


def test_a_page_of_whomever_is_no_success() -> None:
    clock = Clock()
    overload = overloaded(clock, [BARE] * 50)
    note(overload, clock, [PAGE, *[BARE] * 20])
    assert entered(overload) is Unreachable


def test_an_error_that_the_server_tells_is_of_its_type() -> None:
    clock = Clock()
    overload = overloaded(clock, [BROKEN] * 70)
    assert entered(overload) is Throttled
    assert entered(overload, JOBS) is True


def test_of_two_types_it_is_of_the_target() -> None:
    clock = Clock()
    overload = overloaded(clock, [BROKEN] * 70)
    note(overload, clock, [BROKEN], JOBS)
    assert entered(overload, "/api/v1/secrets") is Unreachable


def test_one_request_now_and_then_finds_out_whether_it_is_over() -> None:
    clock = Clock()
    overload = overloaded(clock, [BARE] * 70)
    sent = []
    for _second in range(100):
        clock.now += 1
        sent.append(entered(overload) is True)
    assert [number for number, is_sent in enumerate(sent, 1) if is_sent] == [30, 60, 90]
    assert BETWEEN_PROBES == 30
    note(overload, clock, [None])
    assert entered(overload) is True


# The arithmetic: how long a whole run waits at most


class Sent:
    """Requests of as many workers as a run has by default, over a real connection, each pause in virtual time."""

    def __init__(self, host: str, requests: int, workers: int = 16) -> None:
        self.time = VirtualTime()
        configuration = Configuration(host=host)
        configuration.proxy = None
        self._connection = Connection(configuration, {}, workers + 1, self.time.sleep, self.time.clock)
        self._queue = iter(range(requests))
        self.errors: list[ClusterError] = []
        self.time.together(workers, self._work)

    def _work(self) -> None:
        for number in self._queue:
            try:
                self._connection.send("POST", "/api/v1/namespaces/shop/configmaps", {"a": number})
            except ClusterError as error:
                self.errors.append(error)


def refusing(code: int, *headers: str) -> Any:
    return RawServer(lambda _method, _path: answer(code, b"Too many requests, please try again later.", *headers))


@pytest.mark.parametrize("workers", [1, 16])
@pytest.mark.parametrize(
    ("requests", "code", "headers"),
    [(5000, 503, ()), (300, 429, ("Retry-After: 30",)), (5000, 502, ()), (5000, 504, ("Retry-After: 1",))],
    ids=["503 of a load balancer", "429 for 30 s", "502", "504"],
)
def test_a_target_with_nothing_but_refusals_is_given_up_after_a_minute(
    requests: int, code: int, headers: tuple[str, ...], workers: int
) -> None:
    with refusing(code, *headers) as server:
        sent = Sent(server.host, requests, workers)
    assert len(sent.errors) == requests
    assert SILENCE <= sent.time.now <= SILENCE + 1
    unsent = [error for error in sent.errors if isinstance(error, Unreachable)]
    assert len(unsent) >= requests - 40
    assert len(server.requests) < 250


def test_lists_that_are_answered_429_end_the_planning_after_a_minute() -> None:
    with refusing(429, "Retry-After: 30") as server:
        time, configuration = VirtualTime(), Configuration(host=server.host)
        configuration.proxy = None
        connection = Connection(configuration, {}, 17, time.sleep, time.clock)
        met: list[ClusterError] = []

        def plan() -> None:
            for number in range(30):
                with pytest.raises(ClusterError) as caught:
                    connection.send("GET", f"/apis/g{number}.example.org/v1/things?limit=500")
                met.append(caught.value)

        time.together(1, plan)
    assert time.now <= SILENCE + 1
    assert [isinstance(error, Unreachable) for error in met] == [False, *[True] * 29]


def test_throttling_that_lets_some_through_fails_no_request() -> None:
    """API Priority and Fairness with four seats: who asks for more is told to come back in a second."""
    seats = iter([code for _round in range(2000) for code in (201, 201, 429)])
    answers = {201: answer(201, {"a": 1}), 429: answer(429, b"Too many requests", "Retry-After: 1")}
    with RawServer(lambda _method, _path: answers[next(seats)]) as server:
        sent = Sent(server.host, 400)
    assert sent.errors == []
