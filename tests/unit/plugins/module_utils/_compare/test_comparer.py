# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One way to compare for a whole restore: options hold for the objects they are meant for, and for no other."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.comparer import Comparer
from ansible_collections.standby.velero.plugins.module_utils._compare.ignored import compile_ignored
from ansible_collections.standby.velero.plugins.module_utils._compare.three_way import ChangedBy
from ansible_collections.standby.velero.plugins.module_utils._hold.hold import Hold
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Held, ObjectKey

DEPLOYMENTS = "deployments.apps"


def deployment(name: str) -> BackupItem:
    return BackupItem(ObjectKey("apps", "Deployment", "shop", name), DEPLOYMENTS, "v1")


WEB, API = deployment("web"), deployment("api")
CONFIG = BackupItem(ObjectKey("", "ConfigMap", "shop", "web"), "configmaps", "v1")
COMPARER = Comparer(compile_ignored({DEPLOYMENTS: ["/spec/image"]}), frozenset((WEB.key,)))


def spec(**fields: Any) -> Any:
    return {"spec": fields}


@pytest.mark.parametrize(
    ("item", "patch"),
    [
        (WEB, {}),
        (API, spec(replicas=2)),
        (CONFIG, spec(replicas=2, image="a")),
    ],
)
def test_options_hold_for_their_objects_alone(item: BackupItem, patch: Any) -> None:
    assert COMPARER(item, spec(replicas=5, image="b"), spec(replicas=2, image="a")).patch == patch


def test_without_options_it_is_the_plain_comparison() -> None:
    live, desired = spec(replicas=5), spec(replicas=2)
    assert Comparer()(WEB, live, desired) == compare(DEPLOYMENTS, live, desired)


@pytest.mark.parametrize(("item", "left"), [(WEB, {}), (API, spec(replicas=2))])
def test_they_hold_for_the_answer_of_a_dry_run_too(item: BackupItem, left: Any) -> None:
    live, answer, desired = spec(replicas=5, added=1), spec(replicas=2, added=1), spec(replicas=2)
    assert COMPARER.admitted(item, COMPARER(item, live, desired), desired, answer).patch == left


@pytest.mark.parametrize(("item", "who"), [(WEB, ChangedBy.PRODUCTION), (API, ChangedBy.BOTH)])
def test_they_hold_for_who_changed_it_too(item: BackupItem, who: ChangedBy) -> None:
    assert COMPARER.changed_by(item, spec(replicas=5, a=1), spec(replicas=2, a=2), spec(replicas=2, a=1)) is who


def test_an_object_made_anew_keeps_what_was_left_to_the_target() -> None:
    live = {"metadata": {"name": "web", "uid": "u"}, **spec(replicas=5, image="b", other=1)}
    desired = {"metadata": {"name": "web"}, **spec(replicas=2, image="a", other=2)}
    assert COMPARER.kept_in(WEB, live, desired) == {**desired, **spec(replicas=5, image="b", other=2)}
    assert COMPARER.kept_in(CONFIG, live, desired) is desired


def test_what_is_withheld_is_no_part_of_the_patch_and_is_told() -> None:
    asked = []

    def withheld(item: BackupItem, live: Any) -> tuple[tuple[str, str], ...]:
        asked.append((item, live))
        return (("labels", "level"), ("annotations", "role")) if item is SHOP else ()

    comparer = Comparer(withheld=withheld)
    live = {"metadata": {"name": "shop", "labels": {"level": "restricted"}, "annotations": {}}}
    wanted = {"metadata": {"labels": {"level": "none", "team": "a"}, "annotations": {"role": "admin", "note": "b"}}}
    found = comparer(SHOP, live, wanted)
    assert found.patch == {"metadata": {"labels": {"team": "a"}, "annotations": {"note": "b"}}}
    assert found.withheld == (("labels", "level"), ("annotations", "role"))
    assert asked == [(SHOP, live)]
    assert comparer(CONFIG, live, live).withheld == Comparer()(SHOP, live, wanted).withheld == ()


SHOP = BackupItem(ObjectKey("", "Namespace", "", "shop"), "namespaces", "v1")


# Workloads that are held


HELD = '{"spec":{"replicas":2}}'
HOLD = Hold(on=True, restored={WEB.key: "u1"})
HOLDING = Comparer(compile_ignored({DEPLOYMENTS: ["/spec/replicas"]}), frozenset((WEB.key,)), hold=HOLD)


def body(replicas: int, uid: str = "u1", **annotations: str) -> Any:
    return {"metadata": {"uid": uid, "annotations": annotations}, "spec": {"replicas": replicas}}


def asleep(replicas: int) -> Any:
    return HOLD.asleep(WEB, body(replicas))


def test_what_is_held_sleeps_before_autoscalers_and_ignored_fields() -> None:
    found = HOLDING(WEB, body(5), asleep(2))
    assert found.patch == {"spec": {"replicas": 0}, "metadata": {"annotations": {ANNOTATION: HELD}}}
    assert found.held == Held(HELD, awake=True)


def test_what_sleeps_is_equal() -> None:
    found = HOLDING(WEB, asleep(2), asleep(2))
    assert found.equal
    assert found.held == Held(HELD)


def test_what_is_the_standby_s_own_is_compared_awake() -> None:
    found = HOLDING(WEB, body(5, uid="own"), asleep(2))
    assert found.equal
    assert found.held == Held(awake=True)


def test_an_object_made_anew_sleeps_as_well_and_the_standby_s_own_does_not() -> None:
    assert HOLDING.kept_in(WEB, body(5), asleep(2)) == asleep(2)
    assert HOLDING.kept_in(WEB, body(5, uid="own"), asleep(2))["spec"] == {"replicas": 5}


@pytest.mark.parametrize(
    ("live", "who"), [(asleep(1), ChangedBy.PRODUCTION), (body(3, **{ANNOTATION: HELD}), ChangedBy.STANDBY)]
)
def test_who_woke_it_is_told_as_any_change(live: Any, who: ChangedBy) -> None:
    live["metadata"]["uid"] = "u1"
    before = asleep(1) if who is ChangedBy.PRODUCTION else asleep(2)
    assert HOLDING.changed_by(WEB, live, asleep(2), before) is who


def test_the_answer_of_a_dry_run_does_not_wake_it() -> None:
    comparison = HOLDING(WEB, body(5), asleep(2))
    assert HOLDING.admitted(WEB, comparison, asleep(2), asleep(2)).patch == comparison.patch
