# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""approved_plan as it may be given, and what it must not be mistaken for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.approval import ApprovedPlan
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.approval import compile_approved
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of

HASH = "0123456789abcdef" * 4
PARTS = {"key": "0d1f", "backup": "77aa", "shop/Deployment.apps": "5b2c"}


@pytest.mark.parametrize(
    ("given", "approved"),
    [
        (HASH, ApprovedPlan(HASH)),
        (f" {HASH}\n", ApprovedPlan(HASH)),
        ({"hash": HASH}, ApprovedPlan(HASH)),
        ({"hash": HASH, "backup": None, "parts": None}, ApprovedPlan(HASH)),
        ({"backup": "b1", "hash": HASH, "parts": PARTS}, ApprovedPlan(HASH, "b1", PARTS)),
    ],
)
def test_a_plan_may_be_given_as_it_was_returned_or_by_its_hash(given: Any, approved: ApprovedPlan) -> None:
    assert compile_approved(given, "") == (approved, [])


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_a_blank_field_asks_for_no_approval(blank: Any) -> None:
    assert compile_approved(blank, "") == (None, [])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "hash: is not the hash of a plan"),
        ({"hash": ""}, "hash: is not the hash of a plan"),
        ({"hash": None}, "hash: is not the hash of a plan"),
        ({"hash": HASH[1:]}, "hash: is not the hash of a plan"),
        (HASH.upper(), "hash: is not the hash of a plan"),
        ("yes", "hash: is not the hash of a plan"),
        (True, "must be the hash of a plan, or a dictionary with it"),
        ([], "must be the hash of a plan, or a dictionary with it"),
        (0, "must be the hash of a plan, or a dictionary with it"),
        ({"hash": HASH, "backup": 5}, "backup: is not the name of a backup"),
        ({"hash": HASH, "parts": [1]}, "parts: is not what a run returned"),
        ({"hash": HASH, "parts": {"a/b": 1}}, "parts: is not what a run returned"),
        ({"hash": HASH, "parts": {"a/b": "x" * 1001}}, "parts: is not what a run returned"),
        ({"hash": HASH, "parts": {"a\n/b": "x"}}, "parts: is not what a run returned"),
        ({"hash": HASH, "parts": {f"a{n}/b": "x" for n in range(1001)}}, "parts: is not what a run returned"),
        ({"standby-1": {"hash": HASH}}, "unknown field 'standby-1'"),
    ],
)
def test_what_is_none_is_refused_and_never_taken_for_no_approval(given: Any, problem: str) -> None:
    approved, problems = compile_approved(given, "")
    assert approved is None
    assert any(text.startswith(f"approved_plan: {problem}") for text in problems)


def settings(**options: Any) -> Any:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return settings_of({**params, "backup_file": "b1.tar.gz", **options}, False, False)


def test_a_report_without_a_plan_is_a_plan_that_got_lost() -> None:
    with pytest.raises(SettingsError, match="approved_plan_report: means nothing without approved_plan"):
        settings(approved_plan="", approved_plan_report="/reports/plan.json")


def test_a_run_must_not_write_over_the_report_of_the_plan_that_it_is_held_to() -> None:
    with pytest.raises(SettingsError, match="report_path: is that of the approved plan"):
        settings(approved_plan=HASH, approved_plan_report="/reports/plan.json", report_path="/reports/plan.json")


def test_settings_have_both() -> None:
    found = settings(approved_plan=HASH, approved_plan_report="/reports/plan.json")
    assert (found.approved, found.approved_report) == (ApprovedPlan(HASH), "/reports/plan.json")
    assert settings().approved is None
