# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards are named in the result: those that sleep, and those that are awake although nobody answers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.guards import asleep
from ansible_collections.standby.velero.plugins.module_utils._hold.production import held_text
from ansible_collections.standby.velero.plugins.module_utils._report.guards import (
    GUARDS_BYTES,
    GuardReport,
    guard_report,
    shortened_guards,
    whole_guards,
)
from ansible_collections.standby.velero.plugins.module_utils._report.text import json_size
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BackupItem,
    Change,
    Comparison,
    Done,
    Held,
    ObjectKey,
    ObjectResult,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Outcome, Reason
from guarding import REF, configuration, webhook

ITEM = BackupItem(REF.key, REF.resource, "v1", size=1)
API = BackupItem(
    ObjectKey("apiregistration.k8s.io", "APIService", "", "v1.m"), "apiservices.apiregistration.k8s.io", "v1"
)
BODY = configuration(webhook("a"), webhook("b", "shop/other"), webhook("c", ""))
TEXT = held_text(asleep(BODY, ["a"]))
NAME = "MutatingWebhookConfiguration.admissionregistration.k8s.io inject"
AWAKE = frozenset((("shop", "guard"), ("shop", "other")))


def done(outcome: Outcome, held: Held | None = None, reason: Reason | None = None, item: BackupItem = ITEM) -> Done:
    there = held is not None or reason is Reason.EXISTS_DIFFERENT
    comparison = Comparison("1", held=held) if there else None
    return Done(Change(item, Action.UPDATE, comparison=comparison), ObjectResult(outcome, reason))


def report_of(one: Done, unanswered: Any = ()) -> GuardReport:
    return guard_report([one], lambda _item: BODY, lambda _item: TEXT, unanswered)


@pytest.mark.parametrize(
    ("one", "unanswered", "asleep", "awake"),
    [
        (done(Outcome.CREATED), (), [f"{NAME}: a"], []),
        (done(Outcome.UPDATED, Held(TEXT)), (), [f"{NAME}: a"], []),
        (done(Outcome.UNCHANGED, Held(TEXT)), AWAKE, [f"{NAME}: a"], [f"{NAME}: b, by Service shop/other"]),
        (done(Outcome.FAILED, Held(TEXT), Reason.REFUSED), (), [], []),
        (done(Outcome.FAILED, None, Reason.REFUSED), AWAKE, [], []),
        (done(Outcome.CREATED), AWAKE, [f"{NAME}: a"], []),
        (
            done(Outcome.SKIPPED, None, Reason.EXISTS_DIFFERENT),
            AWAKE,
            [],
            [f"{NAME}: a, by Service shop/guard", f"{NAME}: b, by Service shop/other"],
        ),
    ],
)
def test_each_webhook_is_named_by_what_became_of_it(one, unanswered, asleep, awake):
    view = whole_guards(report_of(one, unanswered))
    assert (view["asleep"], view["awake"]) == (asleep, awake)
    assert (view["asleep_total"], view["awake_total"]) == (len(asleep), len(awake))


@pytest.mark.parametrize(
    ("reason", "place"), [(Reason.KEPT_AS_COPY, "copies"), (Reason.LEFT_STANDING, "left_standing")]
)
def test_an_api_service_is_named_by_its_reason(reason, place):
    view = whole_guards(report_of(done(Outcome.SKIPPED, None, reason, API)))
    assert {name for name, value in view.items() if value} == {place, f"{place}_total"}
    assert view[place] == ["APIService.apiregistration.k8s.io v1.m"]


def test_a_text_that_somebody_damaged_names_nothing():
    for text in ("{", "[]", '{"webhooks": 1}', "[" * 9999):
        assert report_of(done(Outcome.UPDATED, Held(text))).asleep == ()


def test_lists_are_cut_and_counted():
    report = GuardReport(tuple(f"w{number:04}" for number in range(9999)), (), (), ())
    view = shortened_guards(report)
    assert view["asleep_total"] == 9999
    assert json_size(view["asleep"]) <= GUARDS_BYTES
