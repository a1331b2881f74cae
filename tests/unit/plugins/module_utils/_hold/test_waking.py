# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one workload takes to wake, or to sleep: a table of what inventory, annotation and object say."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.production import ANNOTATION
from ansible_collections.standby.velero.plugins.module_utils._hold.waking import Known, Workload, put_to_sleep, woken
from ansible_collections.standby.velero.plugins.module_utils._values import Held, ObjectKey, ObjectRef
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason
from ansible_collections.standby.velero.plugins.module_utils._waking_words import WAKING_SENTENCES, WakingReason

Body = dict[str, Any]
REF = ObjectRef(ObjectKey("apps", "Deployment", "shop", "web"), "deployments.apps", "v1")
SLEEP = {"spec": {"replicas": 0}}
THREE, FIVE = '{"spec":{"replicas":3}}', '{"spec":{"replicas":5}}'


def workload(replicas: int, said: str | None = None, held: str | None = None, **more: Any) -> Workload:
    """`said` by its annotation, `held` by the inventory."""
    metadata: Body = {"name": "web", "uid": "u1", "resourceVersion": "7", "annotations": {"other": "stays"}}
    if said is not None:
        metadata["annotations"][ANNOTATION] = said
    metadata.update(more.pop("metadata", {}))
    known = None if held is None else Known("u1", held, **more)
    return Workload(REF, {"metadata": metadata, "spec": {"replicas": replicas}}, SLEEP, known)


GONE = {"annotations": {ANNOTATION: None}}


@pytest.mark.parametrize(
    ("given", "replicas", "reason"),
    [
        (workload(0, THREE, THREE), 3, None),
        (workload(0, THREE), 3, None),
        (workload(0, THREE, ""), 3, None),
        (workload(9, THREE, THREE), 3, None),
        (workload(0, FIVE, THREE), 3, WakingReason.ANNOTATION_EDITED),
        (workload(0, "broken", THREE), 3, WakingReason.ANNOTATION_EDITED),
        (workload(0, None, THREE), 3, WakingReason.ANNOTATION_REMOVED),
        (workload(0, FIVE, '{"spec":{"paused":true}}'), 5, None),
    ],
    ids=[
        "both agree",
        "the inventory does not know it",
        "the inventory knows it awake",
        "woken by hand",
        "edited",
        "broken",
        "removed",
        "the inventory would write something else",
    ],
)
def test_what_production_has_is_given_back(given: Workload, replicas: int, reason: WakingReason | None) -> None:
    change = woken(given)
    assert change is not None
    assert (change.action, change.reason) == (Action.UPDATE, reason)
    annotations = {"metadata": GONE} if given.annotated else {}
    assert change.comparison is not None
    assert change.comparison.patch == {"spec": {"replicas": replicas}, **annotations}
    assert (change.comparison.uid, change.comparison.resource_version) == ("u1", "7")


def test_what_production_scaled_to_0_loses_its_annotation_and_no_more() -> None:
    change = woken(workload(0, '{"spec":{"replicas":0}}'))
    assert change is not None
    assert change.comparison is not None
    assert change.comparison.patch == {"metadata": GONE}


@pytest.mark.parametrize(
    ("given", "action", "reason"),
    [
        (workload(0, "broken"), Action.FAIL, WakingReason.PRODUCTION_UNKNOWN),
        (workload(0, ""), Action.FAIL, WakingReason.PRODUCTION_UNKNOWN),
        (workload(0, THREE, THREE, retired=True), Action.SKIP, WakingReason.NOT_IN_PRODUCTION),
        (workload(0, THREE, metadata={"deletionTimestamp": "now"}), Action.FAIL, Reason.TERMINATING),
        (workload(7, None, THREE), Action.NOOP, None),
    ],
)
def test_what_is_not_written_says_why(given: Workload, action: Action, reason: Any) -> None:
    change = woken(given)
    assert change is not None
    assert (change.action, change.reason) == (action, reason)


@pytest.mark.parametrize("given", [workload(0), workload(3), workload(0, None, ""), workload(0, None, "broken")])
def test_what_never_slept_by_us_is_nobody_s_business(given: Workload) -> None:
    assert woken(given) is None


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (workload(4), '{"spec":{"replicas":4}}'),
        (workload(4, None, THREE), '{"spec":{"replicas":4}}'),
        (workload(4, THREE), THREE),
        (workload(4, FIVE, THREE), THREE),
        (workload(0, None, THREE), THREE),
        (workload(0), '{"spec":{"replicas":0}}'),
        (workload(4, "broken"), '{"spec":{"replicas":4}}'),
        (workload(0, "broken", THREE), THREE),
    ],
    ids=[
        "awake",
        "awake since an activation",
        "woken by hand",
        "woken by hand, and edited",
        "its annotation removed",
        "asleep by itself",
        "broken",
        "broken, and known",
    ],
)
def test_what_is_put_to_sleep_remembers_what_counts(given: Workload, text: str) -> None:
    change = put_to_sleep(given)
    assert change.action is Action.UPDATE
    assert change.comparison is not None
    annotations = change.comparison.patch.get("metadata", {}).get("annotations", {})
    assert annotations.get(ANNOTATION, text) == text
    assert change.comparison.held == Held(text, awake=given.live["spec"]["replicas"] > 0)


def test_what_sleeps_already_is_left_alone() -> None:
    change = put_to_sleep(workload(0, THREE, THREE))
    assert change.action is Action.NOOP
    assert change.comparison is not None
    assert change.comparison.held == Held(THREE)


def test_what_is_being_deleted_is_not_put_to_sleep() -> None:
    assert put_to_sleep(workload(4, metadata={"deletionTimestamp": "now"})).reason is Reason.TERMINATING


def test_every_reason_has_its_sentence() -> None:
    assert WAKING_SENTENCES.keys() == set(WakingReason)
