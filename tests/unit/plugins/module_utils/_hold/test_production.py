# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body put to sleep and woken again is the body that it was."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.production import (
    ANNOTATION,
    MOST_TEXT,
    asleep,
    awakened,
    held_text,
    production_of,
    sleeps,
)
from ansible_collections.standby.velero.plugins.module_utils._hold.rules import RULES, sleeps_of

Body = dict[str, Any]
SCALED = {"spec": {"replicas": 0}}
SLEEPS = sleeps_of(RULES)


def body_of(spec: Any, **annotations: str) -> Body:
    return {"kind": "Any", "metadata": {"name": "web", "annotations": dict(annotations)}, "spec": spec}


AWAKE = [
    ("deployments.apps", body_of({"replicas": 3, "paused": True})),
    ("deployments.apps", body_of({"replicas": 0})),
    ("deployments.apps", body_of({"template": {}})),
    ("daemonsets.apps", body_of({"template": {"spec": {"nodeSelector": {"disk": "ssd"}}}})),
    ("daemonsets.apps", body_of({"template": {"spec": {"nodeSelector": {"standby.velero/asleep": "own"}}}})),
    ("cronjobs.batch", body_of({"suspend": False})),
    ("cronjobs.batch", body_of({"suspend": True})),
    ("applications.argoproj.io", body_of({"syncPolicy": {"automated": {"prune": True}, "retry": {"limit": 2}}})),
    ("applications.argoproj.io", body_of({"project": "default", "syncPolicy": {}})),
    ("scaledobjects.keda.sh", body_of({"minReplicaCount": 0}, other="stays")),
    ("scaledobjects.keda.sh", body_of({}, **{"autoscaling.keda.sh/paused-replicas": "2"})),
]
"""Where the spec has no map for the field, none is left behind."""


@pytest.mark.parametrize(("resource", "body"), AWAKE)
def test_what_is_woken_is_what_it_was(resource: str, body: Body) -> None:
    sleeping = SLEEPS[resource].patch
    before = copy.deepcopy(body)
    made = asleep(body, sleeping)
    assert sleeps(made, sleeping)
    assert awakened(made, sleeping) == body == before


@pytest.mark.parametrize(("resource", "body"), AWAKE)
def test_what_sleeps_is_put_to_sleep_once(resource: str, body: Body) -> None:
    """Of a backup that was taken of a sleeping cluster too what counts is what production had."""
    once = asleep(body, SLEEPS[resource].patch)
    assert asleep(once, SLEEPS[resource].patch) == once


def test_the_map_that_an_empty_one_was_made_in_is_left_empty() -> None:
    """An API server drops an empty node selector."""
    sleeping = SLEEPS["daemonsets.apps"].patch
    body = body_of({"template": {"spec": {"containers": []}}})
    woken = awakened(asleep(body, sleeping), sleeping)
    assert woken["spec"]["template"]["spec"] == {"containers": [], "nodeSelector": {}}


def test_what_production_has_is_a_merge_patch_that_a_person_can_read() -> None:
    assert held_text(asleep(body_of({"replicas": 3}), SCALED)) == '{"spec":{"replicas":3}}'
    assert held_text(asleep(body_of({}), SCALED)) == '{"spec":{"replicas":null}}'


def test_a_spec_that_is_no_map_comes_back_too() -> None:
    body = body_of("broken")
    assert awakened(asleep(body, SCALED), SCALED) == body


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "[]",
        "{}",
        "null",
        "broken",
        '{"spec":{}}',
        '{"spec":{"replicas":3,"paused":true}}',
        '{"metadata":{"labels":{"a":"b"}}}',
        '{"spec":{"replicas":3},"status":{}}',
        "[" * 100_000,
        '{"spec":{"replicas":"' + "x" * MOST_TEXT + '"}}',
    ],
)
def test_a_text_that_would_write_anything_else_says_nothing(text: str) -> None:
    assert production_of(text, SCALED) is None


def test_a_text_of_fewer_fields_than_the_kind_has_by_now_is_taken() -> None:
    sleeping = {"spec": {"replicas": 0, "paused": True}}
    assert production_of('{"spec":{"replicas":3}}', sleeping) == {"spec": {"replicas": 3}}


def test_a_value_where_the_sleep_writes_deeper_is_taken() -> None:
    assert production_of('{"spec":"broken"}', SCALED) == {"spec": "broken"}


def test_an_annotation_that_says_nothing_goes_and_the_body_counts() -> None:
    made = asleep(body_of({"replicas": 4}, **{ANNOTATION: "broken"}), SCALED)
    assert json.loads(held_text(made)) == {"spec": {"replicas": 4}}


def test_a_body_without_annotations_gets_the_one() -> None:
    body: Body = {"metadata": {"name": "web", "annotations": None}, "spec": {"replicas": 1}}
    assert held_text(asleep(body, SCALED)) == '{"spec":{"replicas":1}}'


@pytest.mark.parametrize(
    ("spec", "asleep_already"), [({"replicas": 0}, True), ({"replicas": 1}, False), ({}, False), ("broken", False)]
)
def test_what_sleeps_has_the_sleeping_value(spec: Any, asleep_already: bool) -> None:
    assert sleeps(body_of(spec), SCALED) is asleep_already
