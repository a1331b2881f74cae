# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pattern for Ansible Automation Platform: what its schema demands, and what the roles read.

The schema: https://github.com/ansible/pattern-service, specifications/pattern-schema, version 2.
"""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml
from awx_rules import check_survey
from playing import ROOT

PATTERN = ROOT / "extensions" / "patterns" / "standby_sync"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
NAMED: dict[str, Any] = {
    "type": "object",
    "required": ["name", "description"],
    "properties": {"name": {"maxLength": 200}},
}
SCHEMA: dict[str, Any] = {
    "required": ["schema_version", "name", "title", "description", "short_description", "tags", "aap_resources"],
    "properties": {
        "name": {"pattern": "^[a-z0-9_]{1,64}$"},
        "title": {**TEXT, "maxLength": 64},
        "short_description": {**TEXT, "pattern": r"[^.]$"},
        "tags": {"type": "array", "items": TEXT, "uniqueItems": True},
        "aap_resources": {
            "required": ["controller_project", "controller_job_templates", "controller_labels"],
            "properties": {
                "controller_project": {**NAMED, "additionalProperties": False}
                | {"properties": {"name": {}, "description": {}}},
                "controller_execution_environment": {
                    **NAMED,
                    "required": ["name", "description", "image_name"],
                    "properties": {"image_name": {"pattern": "^[a-z_]+/[a-z_]+$"}, "pull": {"enum": ["missing"]}},
                },
                "controller_labels": {"type": "array", "items": TEXT, "minItems": 1},
                "controller_job_templates": {"type": "array", "minItems": 1, "items": NAMED},
            },
        },
    },
}
QUESTION: dict[str, Any] = {
    "required": ["type", "question_name", "question_description", "variable", "required"],
    "properties": {
        "variable": {"type": "string", "pattern": "^[a-z0-9_]{1,64}$"},
        "choices": {"type": "array", "items": {"type": "string"}},
        "default": {"type": "string"},
    },
}


def pattern() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PATTERN / "meta" / "pattern.json").read_text(encoding="utf-8"))
    return found


def templates() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pattern()["aap_resources"]["controller_job_templates"]
    return found


PLAYBOOKS = [template["playbook"] for template in templates()]


def of(playbook: str) -> dict[str, Any]:
    (found,) = (template for template in templates() if template["playbook"] == playbook)
    return found


def options(role: str, entry: str) -> dict[str, Any]:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["argument_specs"][entry]["options"]
    return found


def test_the_pattern_is_what_the_schema_demands() -> None:
    jsonschema.validate(pattern(), SCHEMA)
    assert pattern()["name"] == PATTERN.name
    assert [template.get("primary") for template in templates()] == [True, False]
    assert (PATTERN / "README.md").exists()


def test_environment_and_label_of_a_template_are_those_that_the_pattern_makes() -> None:
    made = pattern()["aap_resources"]
    for template in templates():
        assert template["execution_environment"] == made["controller_execution_environment"]["name"]
        assert template["labels"] == made["controller_labels"]


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_a_playbook_is_the_one_of_the_collection(playbook: str) -> None:
    path = PATTERN / "playbooks" / playbook
    ((play),) = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (path.parent / play["ansible.builtin.import_playbook"]).resolve() == ROOT / "playbooks" / playbook


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_question_is_of_a_variable_that_is_read_and_has_an_answer(playbook: str) -> None:
    """Whatever a job gets of its survey goes before the inventory, a blank too."""
    known = options("restore", "main") | options("sync", "drift" if playbook == "drift.yml" else "main")
    survey = of(playbook)["survey"]
    check_survey(survey)
    for question in survey["spec"]:
        jsonschema.validate(question, QUESTION)
        assert question["required"]
        assert question["default"]
        assert set(question.get("choices", ())) <= set(known[question["variable"]].get("choices", ()))


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_the_variables_are_specified_beside_the_playbook(playbook: str) -> None:
    name = playbook.removesuffix(".yml")
    text = (PATTERN / "playbooks" / f"{name}.meta.yml").read_text(encoding="utf-8")
    specified = yaml.safe_load(text)["argument_specs"][name]["options"]
    asked = {question["variable"]: question for question in of(playbook)["survey"]["spec"]}
    assert list(specified) == list(asked)
    for variable, option in specified.items():
        assert option.get("choices") == asked[variable].get("choices")
        assert option["default"] == asked[variable]["default"]


def test_the_readme_has_every_question_and_its_answer() -> None:
    rows = re.findall(r"(?m)^\| (.+?) \| `(\w+)` \| `(\w+)`", (PATTERN / "README.md").read_text(encoding="utf-8"))
    told = {variable: answer for _question, variable, answer in rows}
    assert told == {one["variable"]: one["default"] for template in templates() for one in template["survey"]["spec"]}
