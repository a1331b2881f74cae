# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a run no longer waits for what does not answer: its target, or a webhook."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.breaker import (
    TRIED_AGAIN,
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


def sent(breaker: WebhookBreaker, place: tuple[str, str, str] = PLACE) -> bool:
    """Whether the next request of the place would be sent."""
    try:
        breaker.check(place)
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
def test_the_next_request_is_not_sent_after_so_many_failures_of_one_webhook(answers, is_sent):
    assert WEBHOOK_FAILURES == 3
    breaker = WebhookBreaker()
    for answer in answers:
        breaker.note(PLACE, ANSWERS[answer])
    assert sent(breaker) is is_sent


@pytest.mark.parametrize(
    "place", [("patch", "configmaps", "shop"), ("create", "secrets", "shop"), ("create", "configmaps", "bulk")]
)
def test_other_requests_types_and_namespaces_are_sent(place):
    breaker = WebhookBreaker()
    for _failure in range(WEBHOOK_FAILURES):
        breaker.note(PLACE, DEAD)
    assert sent(breaker, place)
    assert not sent(breaker)


def test_the_words_are_those_of_the_first_and_nothing_was_sent_before():
    first = failing(Throttled, "HTTP 500: dead", webhook="dead.example.org", repeated=True)
    breaker = WebhookBreaker()
    for _failure in range(WEBHOOK_FAILURES):
        breaker.note(PLACE, first)
    with pytest.raises(Throttled, match="HTTP 500: dead") as raised:
        breaker.check(PLACE)
    assert (raised.value.webhook, raised.value.repeated) == ("dead.example.org", False)
    assert first.repeated


def test_one_in_so_many_is_sent_and_its_success_lets_all_others_through():
    assert TRIED_AGAIN == 50
    breaker = WebhookBreaker()
    for _failure in range(WEBHOOK_FAILURES):
        breaker.note(PLACE, DEAD)
    assert [sent(breaker) for _request in range(3 * TRIED_AGAIN)] == [*[False] * (TRIED_AGAIN - 1), True] * 3
    breaker.note(PLACE, None)
    assert all(sent(breaker) for _request in range(TRIED_AGAIN))


def test_many_workers_fail_and_are_refused_without_losing_count():
    breaker = WebhookBreaker()
    passed = []

    def work() -> None:
        for _object in range(TRIED_AGAIN):
            if sent(breaker):
                passed.append(1)
                breaker.note(PLACE, DEAD)

    workers = [threading.Thread(target=work) for _number in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert WEBHOOK_FAILURES + 7 <= len(passed) <= WEBHOOK_FAILURES + 8 + 8
