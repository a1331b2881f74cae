# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A misspelt variable is refused, and what the roles know is what they specify."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._sync.names import (
    DRIFT,
    PREFIXES,
    RESTORE,
    SYNC,
    unknown_variables,
)

ROLES = Path(__file__).parents[5] / "roles"


def specified(role: str) -> set[str]:
    specs = yaml.safe_load((ROLES / role / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    return {name for entry in specs.values() for name in entry["options"]}


def test_the_variables_that_are_known_are_those_that_the_roles_specify() -> None:
    assert {name for name in specified("restore") if name.startswith(PREFIXES)} == RESTORE
    assert specified("sync") == SYNC | DRIFT


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("restore_delt", "restore_delta"),
        ("restore_exclude_namespaces", "restore_excluded_namespaces"),
        ("sync_verify_dealy", "sync_verify_delay"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert unknown_variables([name]) == [f"{name} is no variable of this role (did you mean {meant}?)"]


def test_a_name_like_none_of_ours_is_told_without_a_guess() -> None:
    assert unknown_variables(["restore_zzz"]) == ["restore_zzz is no variable of this role"]


@pytest.mark.parametrize(
    "name",
    ["restore_delta", "restore_name", "restore_run_on", "restore_result", "sync_hosts", "restoration", "x_sync_y"],
)
def test_our_names_and_those_that_begin_otherwise_are_let_through(name: str) -> None:
    assert unknown_variables([name]) == []


def test_a_name_of_the_user_s_own_is_let_through_when_it_is_said() -> None:
    assert unknown_variables(["restore_point", "restore_x"], ["restore_point"]) == [
        "restore_x is no variable of this role"
    ]
