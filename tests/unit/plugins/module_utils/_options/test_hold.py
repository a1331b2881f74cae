# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of what is restored asleep."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._hold.rules import HoldRule
from ansible_collections.standby.velero.plugins.module_utils._options.hold import hold_of
from options import problems_of, settings

RULE = {"resource": "brokers.example.org", "path": "/spec/paused", "value": True}


def test_nothing_is_held_unless_it_is_asked_for():
    assert not settings().hold.on
    assert settings(workloads="hold").hold.on


def test_what_has_an_owner_is_left_to_it_as_with_controlled_objects_skip():
    assert settings(workloads="hold").skip_controlled
    assert not settings().skip_controlled


def test_a_hold_of_what_has_owners_is_another_selection():
    assert settings(workloads="hold").selection_id == settings(controlled_objects="skip").selection_id


def test_names_of_what_sleeps_and_what_does_not():
    hold = settings(hold_except=["deploy/shop/web", " "], hold_existing=[" sts "], protect_except=["cm"]).hold
    assert (hold.exceptions, hold.existing, hold.protect_except) == (("deploy/shop/web",), ("sts",), ("cm",))


@pytest.mark.parametrize("option", ["hold_except", "hold_existing"])
def test_an_entry_that_names_no_object_is_refused(option):
    assert problems_of(**{option: ["deploy//web"]}) == [
        f"{option}: 'deploy//web' is not resource, resource/name or resource/namespace/name"
    ]


@pytest.mark.parametrize(
    ("given", "path", "value"),
    [
        (RULE, ("spec", "paused"), True),
        ({**RULE, "value": None}, ("spec", "paused"), None),
        ({**RULE, "path": "/spec/a~1b/c"}, ("spec", "a/b", "c"), True),
        ({**RULE, "path": "/metadata/annotations/pause", "value": "yes"}, ("metadata", "annotations", "pause"), "yes"),
        ({**RULE, "path": "/metadata/labels/pause", "value": None}, ("metadata", "labels", "pause"), None),
    ],
)
def test_a_rule_says_what_makes_a_kind_sleep(given, path, value):
    assert settings(hold_rules=[given]).hold.rules == (HoldRule("brokers.example.org", path, value),)


def lacking(name: str) -> dict[str, Any]:
    return {field: value for field, value in RULE.items() if field != name}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (lacking("resource"), "hold_rules[0].resource: must be given, as the name of a type"),
        (lacking("path"), "hold_rules[0].path: must be given, as a JSON Pointer such as /spec/replicas"),
        (lacking("value"), "hold_rules[0].value: must be given: what the field is in sleep, null for no such field"),
        ({**RULE, "wave": 1}, 'hold_rules[0]: unknown field "wave"'),
        ({**RULE, "resource": "*.example.org"}, "hold_rules[0].resource: must be one type: what makes it sleep holds"),
        ({**RULE, "path": "spec"}, "hold_rules[0].path: path must start with /"),
        ({**RULE, "path": "/kind"}, "hold_rules[0].path: '/kind' is part of what the object is"),
        ({**RULE, "path": "/metadata/name"}, "hold_rules[0].path: '/metadata/name' is part of what the object is"),
        ({**RULE, "path": "/metadata"}, "hold_rules[0].path: '/metadata' is part of what the object is"),
        ({**RULE, "path": "/status/phase"}, "hold_rules[0].path: '/status/phase' is what a controller says"),
        ({**RULE, "path": "/metadata/labels"}, "hold_rules[0].path: '/metadata/labels' is not compared"),
        ({**RULE, "path": "/metadata/finalizers/a"}, "hold_rules[0].path: '/metadata/finalizers/a' is not compared"),
        ({**RULE, "path": "/spec/parts/0/on"}, "hold_rules[0].path: '/spec/parts/0/on' leads through a list"),
        (
            {**RULE, "path": "/metadata/annotations/standby.velero~1held", "value": "x"},
            "hold_rules[0].path: '/metadata/annotations/standby.velero~1held' is what this collection itself writes",
        ),
        (
            {**RULE, "path": "/metadata/labels/velero.io~1backup-name", "value": "x"},
            "hold_rules[0].path: '/metadata/labels/velero.io~1backup-name' is what this collection itself writes",
        ),
        ({**RULE, "path": "/metadata/labels/a"}, "hold_rules[0].value: must be a text, as labels and annotations are"),
    ],
)
def test_a_rule_that_puts_nothing_to_sleep_is_refused(given, problem):
    (found,) = problems_of(hold_rules=[given])
    assert found.startswith(problem)


def test_no_rules_are_none():
    params = {"workloads": "hold", "hold_rules": None, "hold_except": [], "hold_existing": [], "protect_except": []}
    assert hold_of(params).rules == ()
