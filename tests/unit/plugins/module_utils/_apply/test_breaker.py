# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run no longer waits for what does not answer: its target, or a webhook."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.breaker import (
    SLOW,
    UNREACHABLE_IN_A_ROW,
    WEBHOOK_FAILURES,
    Breaker,
    WebhookBreaker,
)
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Invalid, Throttled
from scripted_target import failing

# The target


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


# A webhook

PLACE = ("create", "configmaps", "shop")
DEAD, OTHER = (failing(Throttled, name, webhook=name) for name in ("dead.example.org", "other.example.org"))
INVALID = failing(Invalid, "no")
ANSWERS = {"d": DEAD, "o": OTHER, "i": INVALID, "+": None}
HANGS = SLOW + 9
"""Seconds that a webhook is waited for in vain."""


class Sending:
    """Requests to one webhook, and the time that they take."""

    def __init__(self) -> None:
        self.now = 0.0
        self.breaker = WebhookBreaker(lambda: self.now)

    def answered(self, answers: str, seconds: float = HANGS, place: tuple[str, str, str] = PLACE) -> None:
        for answer in answers:
            began = self.now
            self.now += seconds
            self.breaker.note(place, ANSWERS[answer], began)

    def sends(self, place: tuple[str, str, str] = PLACE) -> bool:
        """Whether the next request of the place would be sent."""
        try:
            self.breaker.begin(place)
        except ClusterError:
            return False
        return True


@pytest.mark.parametrize(
    ("answers", "is_sent"),
    [
        ("", True),
        ("dd", True),
        ("ddd", False),
        ("dddd", False),
        ("dd+d", True),
        ("ddd+", True),
        ("ddidd", False),
        ("dddi", False),
        ("ddo", True),
        ("ddoood", True),
        ("ooo", False),
        ("iiii", True),
    ],
)
def test_the_next_request_is_not_sent_after_so_many_failures_of_one_webhook_that_hangs(answers, is_sent):
    assert WEBHOOK_FAILURES == 3
    sending = Sending()
    sending.answered(answers, HANGS)
    assert sending.sends() is is_sent


def test_one_that_refuses_at_once_gets_every_request_once():
    sending = Sending()
    sending.answered("dd", 0.01)
    assert not sending.breaker.doubts(PLACE)
    sending.answered("d", 0.01)
    assert sending.breaker.doubts(PLACE)
    assert all(sending.sends() for _request in range(100))


@pytest.mark.parametrize(
    "place", [("patch", "configmaps", "shop"), ("create", "secrets", "shop"), ("create", "configmaps", "bulk")]
)
def test_other_requests_types_and_namespaces_are_sent(place):
    sending = Sending()
    sending.answered("ddd")
    assert sending.sends(place)
    assert not sending.sends()


def test_the_words_are_those_of_the_first_and_nothing_was_sent_before():
    first = failing(Throttled, "HTTP 500: dead", webhook="dead.example.org", repeated=True)
    breaker = WebhookBreaker(lambda: 100.0)
    for _failure in range(WEBHOOK_FAILURES):
        breaker.note(PLACE, first, 0.0)
    with pytest.raises(Throttled, match="HTTP 500: dead") as raised:
        breaker.begin(PLACE)
    assert (raised.value.webhook, raised.value.repeated) == ("dead.example.org", False)
    assert first.repeated


def test_one_in_so_many_seconds_is_sent_and_its_success_lets_all_others_through():
    sending = Sending()
    sending.answered("ddd")
    sent = []
    for _second in range(100):
        sending.now += 1
        sent.append(sending.sends())
    assert [number for number, is_sent in enumerate(sent, 1) if is_sent] == [30, 60, 90]
    sending.answered("+")
    assert all(sending.sends() for _request in range(100))


def test_many_workers_fail_and_are_refused_without_losing_count():
    breaker, passed = WebhookBreaker(lambda: 0.0), []

    def work() -> None:
        for _object in range(50):
            try:
                breaker.begin(PLACE)
            except ClusterError:
                continue
            passed.append(1)
            breaker.note(PLACE, DEAD, -HANGS)

    workers = [threading.Thread(target=work) for _number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert WEBHOOK_FAILURES <= len(passed) <= WEBHOOK_FAILURES + 8
