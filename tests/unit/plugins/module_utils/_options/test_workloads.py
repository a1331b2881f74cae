# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of velero_workloads."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.workloads import (
    WORKLOADS_SPEC,
    WorkloadSettings,
    workload_settings_of,
)


def settings(**options: Any) -> WorkloadSettings:
    params = {name: spec.get("default") for name, spec in WORKLOADS_SPEC.items()}
    return workload_settings_of({**params, "state": "active", **options}, check_mode=False, diff_mode=False)


def problems(**options: Any) -> list[str]:
    with pytest.raises(SettingsError) as told:
        settings(**options)
    return told.value.problems


def test_a_state_is_asked_for():
    assert settings().active
    assert not settings(state="held").active


@pytest.mark.parametrize(
    ("namespaces", "namespace", "meant"),
    [
        ([], "shop", True),
        ([], "", True),
        (["shop"], "shop", True),
        (["shop"], "other", False),
        (["sh*"], "shop", True),
        (["shop"], "", False),
    ],
)
def test_the_whole_standby_is_meant_or_some_namespaces(namespaces, namespace, meant):
    assert settings(namespaces=namespaces).means(namespace) is meant


def test_names_are_read_one_by_one_and_patterns_in_all_namespaces():
    assert settings(namespaces=["shop", " "]).exact_namespaces == ("shop",)
    assert settings(namespaces=["shop", "o*"]).exact_namespaces == ()


def test_waves_are_selectors_in_their_order():
    first, second = settings(waves=["tier=db", "", "app in (a, b)"]).waves
    assert first.matches({"tier": "db"})
    assert second.matches({"app": "b"})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"waves": ["tier=db", "!"]}, "waves[1]: "),
        ({"namespaces": ["[a"]}, "namespaces: '[a': "),
        ({"wait_timeout": -1}, "wait_timeout: -1 is less than 0 seconds"),
        ({"lock_timeout": -1}, "lock_timeout: -1 is less than 0 seconds"),
        ({"lock_duration": 1}, "lock_duration: 1 is not between 2 and 3600"),
        ({"concurrency": 0}, "concurrency: 0 is not between 1 and 256"),
        ({"hold_except": ["a//b"]}, "hold_except: 'a//b' is not resource"),
        ({"hold_existing": ["a//b"]}, "hold_existing: 'a//b' is not resource"),
        ({"protect_except": ["a//b"]}, "protect_except: 'a//b' is not resource"),
        ({"hold_rules": [{}]}, "hold_rules[0]."),
        ({"state_namespace": "No"}, "state_namespace: "),
    ],
)
def test_what_cannot_be_meant_is_refused(options, problem):
    assert problems(**options)[0].startswith(problem)


def test_a_blank_state_namespace_is_the_default():
    assert settings(state_namespace="").state_namespace == "standby-velero"


def test_types_are_the_target_s_to_know():
    assert settings(hold_except=["deploy/a"]).resolved(lambda word: f"{word}s").hold.exceptions == ("deploys/a",)
