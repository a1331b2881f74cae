# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What sleeps, and what does not, as result and report have it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.hold import Hold
from ansible_collections.standby.velero.plugins.module_utils._report.held import (
    HELD_BYTES,
    HeldReport,
    held_report,
    shortened_held,
    whole_held,
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

HOLD = Hold(on=True, exceptions=("deployments.apps/dns",))
TEXT = '{"spec":{"replicas":3}}'


def done(name: str, outcome: Outcome, held: Held | None = None, reason: Reason | None = None) -> Done:
    item = BackupItem(ObjectKey("apps", "Deployment", "shop", name), "deployments.apps", "v1")
    comparison = Comparison("1", held=held) if held else None
    return Done(Change(item, Action.CREATE, comparison=comparison), ObjectResult(outcome, reason))


def report_of(*made: Done) -> HeldReport:
    return held_report(made, HOLD)


@pytest.mark.parametrize(
    ("one", "place"),
    [
        (done("web", Outcome.CREATED), "held"),
        (done("web", Outcome.UNCHANGED, Held(TEXT)), "held"),
        (done("web", Outcome.UPDATED, Held(TEXT, awake=True)), "held"),
        (done("web", Outcome.RECREATED, Held(TEXT, awake=True)), "held"),
        (done("web", Outcome.UPDATED, Held(awake=True)), "standby_own"),
        (done("web", Outcome.SKIPPED, Held(awake=True)), "standby_own"),
        (done("web", Outcome.SKIPPED, Held(TEXT, awake=True), Reason.EXISTS_DIFFERENT), "awake"),
        (done("web", Outcome.FAILED, Held(TEXT, awake=True), Reason.REFUSED), "awake"),
        (done("web", Outcome.FAILED, Held(TEXT), Reason.REFUSED), ""),
        (done("web", Outcome.FAILED, None, Reason.REFUSED), ""),
        (done("web", Outcome.SKIPPED, None, Reason.BARE_POD), "bare_pods"),
        (done("dns", Outcome.CREATED), ""),
    ],
)
def test_where_a_workload_is_listed(one, place):
    view = whole_held(report_of(one))
    assert [name for name, value in view.items() if value and not name.endswith("_total")] == ([place] if place else [])


def test_lists_are_sorted_and_cut_and_counted():
    view = shortened_held(
        report_of(*(done(f"w{number:03}", Outcome.UPDATED, Held()) for number in reversed(range(999))))
    )
    assert view["standby_own_total"] == 999
    assert view["standby_own"][0] == "Deployment.apps shop/w000"
    assert json_size(view["standby_own"]) <= HELD_BYTES
