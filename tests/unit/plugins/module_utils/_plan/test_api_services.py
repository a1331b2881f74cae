# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which APIServices an activation creates, and which a hold takes away: a table of what stands where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden, NotFound, Unauthorized
from ansible_collections.standby.velero.plugins.module_utils._hold.waking import Known
from ansible_collections.standby.velero.plugins.module_utils._inventory.kept_copy import (
    COPIED,
    kept_copy,
    key_of,
    secret_of,
)
from ansible_collections.standby.velero.plugins.module_utils._options.workloads import (
    WORKLOADS_SPEC,
    WorkloadSettings,
    workload_settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._plan.api_services import ApiServicePlanning, Copies
from ansible_collections.standby.velero.plugins.module_utils._values import Body
from scripted_target import ScriptedTarget

BODY: Body = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1.m", "labels": {"velero.io/backup-name": "b1", "velero.io/restore-name": "r1"}},
    "spec": {"group": "m", "version": "v1", "service": {"namespace": "shop", "name": "m"}},
}
KEY = key_of(BODY)
SECRET = secret_of(BODY, "state")
COPY = kept_copy({**SECRET, "metadata": {**SECRET["metadata"], "uid": "s-1", "resourceVersion": "7"}})
READ = "get apiservices.apiregistration.k8s.io v1.m"
GONE = NotFound("gone")
KEPT, MADE = Known("s-1", COPIED), Known("u-1", COPIED)


def live(uid: str = "u-1", **metadata: Any) -> Body:
    return {**BODY, "metadata": {**BODY["metadata"], "uid": uid, "resourceVersion": "5", **metadata}}


def settings(state: str, **options: Any) -> WorkloadSettings:
    params = {name: spec.get("default") for name, spec in WORKLOADS_SPEC.items()}
    return workload_settings_of({**params, "state": state, "state_namespace": "state", **options}, False, False)


def planned(
    answer: Any,
    known: Known | None = KEPT,
    *,
    state: str = "active",
    copies: Copies | None = None,
    **options: Any,
) -> list[str]:
    target = ScriptedTarget(*([(READ, answer)] if answer is not None else []))
    inventory = {KEY: known} if known else {}
    given = settings(state, **options)
    given = replace(given, hold=given.hold.resolved(lambda name: f"{name}.apiregistration.k8s.io"))
    found = ApiServicePlanning(given, target, inventory, copies or Copies({KEY: COPY}, {})).planned()
    assert target.requests == target.script
    return [
        " ".join(filter(None, (one.change.key.kind, one.change.action.value, one.change.reason or ""))) for one in found
    ]


@pytest.mark.parametrize(
    ("answer", "known", "found"),
    [
        (GONE, KEPT, "APIService create"),
        (GONE, None, "APIService create"),
        (GONE, MADE, "APIService create"),
        (GONE, KEPT._replace(retired=True), "APIService skip not_in_production"),
        (live(), MADE, "APIService noop"),
        (live(), KEPT, "APIService noop"),
        (live(), None, "APIService noop"),
        (live(labels={}), MADE, "APIService noop"),
        (live(labels={}), KEPT, "APIService skip left_standing"),
        (live(labels={}), Known("u-1", ""), "APIService skip left_standing"),
        (live(deletionTimestamp="2026-11-29T00:00:00Z"), MADE, "APIService fail terminating"),
    ],
)
def test_an_activation_creates_what_is_missing_and_leaves_what_stands(answer, known, found):
    assert planned(answer, known) == [found]


@pytest.mark.parametrize(
    ("answer", "known", "found"),
    [
        (live(), MADE, ["APIService delete"]),
        (live("another"), MADE, ["APIService skip left_standing"]),
        (live(), KEPT, ["APIService skip left_standing"]),
        (GONE, MADE, []),
        (None, Known("u-1", ""), []),
        (None, None, []),
        (None, MADE._replace(retired=True), []),
    ],
)
def test_a_hold_deletes_just_what_an_activation_created(answer, known, found):
    assert planned(answer, known, state="held") == found


def test_a_hold_keeps_what_the_user_excepts():
    assert planned(live(), MADE, state="held", hold_except=["apiservices"]) == ["APIService skip left_standing"]


@pytest.mark.parametrize(("namespaces", "found"), [(["shop"], ["APIService create"]), (["elsewhere"], [])])
def test_it_is_meant_with_the_namespace_of_who_answers(namespaces, found):
    assert planned(GONE if found else None, namespaces=namespaces) == found


def test_a_rehearsal_creates_none():
    assert planned(None, rehearsal=True, namespaces=["shop"]) == []


def test_a_copy_that_was_refused_is_red_and_so_is_what_it_was_of():
    refused = Copies({}, {"copy-1": "is damaged"})
    assert planned(GONE, copies=refused) == ["Secret fail copy_refused", "APIService fail not_there"]
    assert planned(live(), copies=refused) == ["Secret fail copy_refused"]


@pytest.mark.parametrize(("state", "known"), [("active", KEPT), ("held", MADE)])
def test_what_may_not_be_read_has_failed_and_keeps_no_workload_asleep(state, known):
    assert planned(Forbidden("no"), known, state=state) == ["APIService fail refused"]


def test_without_the_target_there_is_no_plan():
    with pytest.raises(Unauthorized):
        planned(Unauthorized("no"))
