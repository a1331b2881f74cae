# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The published schema of the report: sound, in step with the vocabulary, and strict where a test reads by it."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.planned_write import WRITING
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KeepReason, StopReason
from ansible_collections.standby.velero.plugins.module_utils._report.document import VERSION, document
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from jsonschema import Draft202012Validator
from reports import SCHEMA, problems_of

NOW = datetime(2026, 11, 24, 3, tzinfo=timezone.utc)


def a_report() -> dict[str, Any]:
    run = Run("r", "b", "update", (), NOW, NOW)
    return json.loads("".join(document(run, None, ())))


def test_it_is_a_schema_of_the_version_that_the_module_writes() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["properties"]["version"]["const"] == VERSION


def test_outcomes_and_counts_are_those_of_the_vocabulary() -> None:
    outcomes = [outcome.value for outcome in Outcome]
    assert sorted(SCHEMA["$defs"]["outcome"]["enum"]) == sorted(outcomes)
    assert set(SCHEMA["properties"]["counts"]["properties"]) == {"total", *outcomes, "unverified"}


def test_a_plan_has_the_actions_that_write_something() -> None:
    planned = SCHEMA["properties"]["plan"]["properties"]["objects"]["items"]["properties"]
    assert sorted(planned["action"]["enum"]) == sorted(action.value for action in WRITING)


@pytest.mark.parametrize("code", [*Reason, *StopReason, *KeepReason])
def test_every_code_is_spelled_as_it_says(code: Reason | StopReason | KeepReason) -> None:
    assert Draft202012Validator(SCHEMA["$defs"]["reason"]).is_valid(code.value)


def test_an_empty_run_is_valid() -> None:
    assert problems_of(a_report()) == []


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"version": 2}, "1 was expected"),
        ({"new_section": {}}, "'new_section' was unexpected"),
        ({"counts": {"total": 1}}, "'created' is a required property"),
        ({"objects": None}, "None is not of type 'array'"),
        ({"readiness": {"ready": True}}, "'checks' is a required property"),
        ({"verification": {"passed": "yes"}}, "'yes' is not of type 'boolean'"),
    ],
)
def test_what_is_not_as_it_says_is_seen(more: dict[str, Any], problem: str) -> None:
    assert problem in "\n".join(problems_of(a_report() | more))


def test_a_reader_passes_over_names_that_it_does_not_know() -> None:
    assert Draft202012Validator(SCHEMA).is_valid(a_report() | {"new_section": {}})


@pytest.mark.parametrize("name", ["objects", "counts", "kinds", "restore"])
def test_a_run_that_went_on_has_every_section(name: str) -> None:
    report = a_report()
    del report[name]
    assert problems_of(report)
