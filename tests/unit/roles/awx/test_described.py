# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects that role awx makes: they fit the playbooks and roles that their jobs run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._options.store import SECRETS
from ansible_collections.standby.velero.plugins.module_utils._sync.names import KNOWN
from awx_described import GIVEN, PROJECT, ROLE, of_the_role
from awx_rules import check_credential_type, check_notification, check_rule, check_survey
from jinja2 import Environment
from playing import ROOT

Body = dict[str, Any]

SPECS = {
    "sync": (("restore", "main"), ("sync", "main")),
    "drift": (("restore", "main"), ("sync", "drift")),
    "readiness": (("restore", "main"),),
    "activate": (("restore", "workloads"),),
    "hold": (("restore", "workloads"),),
    "rehearse": (("restore", "rehearse"),),
    "awx": (("awx", "main"),),
}
"""Playbook -> the entry points of roles that read its variables."""
NOTIFICATIONS = [
    {
        "name": "hook",
        "notification_type": "webhook",
        "notification_configuration": {"url": "https://hook.example.org", "headers": {}},
    },
    {
        "name": "chat",
        "notification_type": "mattermost",
        "notification_configuration": {"mattermost_url": "https://chat.example.org", "mattermost_no_verify_ssl": False},
    },
]
HOSTS_OF_PLAYBOOK = re.compile(r"^  hosts: [^}]*?\{\{ \(?(\w+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Body]]:
    folder = tmp_path_factory.mktemp("described")
    return of_the_role(folder, **GIVEN, awx_notifications=NOTIFICATIONS)


@cache
def options_of(role: str, entry: str) -> Body:
    specs = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: Body = specs["argument_specs"][entry]["options"]
    return found


def readers(playbook: str) -> Body:
    """Variable -> its specification, of all that the playbook reads."""
    text = (ROOT / "playbooks" / playbook).read_text(encoding="utf-8")
    of_roles = [options_of(*entry) for entry in SPECS[playbook.removesuffix(".yml")]]
    found = {name: {"type": "raw"} for name in HOSTS_OF_PLAYBOOK.findall(text)}
    for options in of_roles:
        found |= options
    return found


def templates(objects: dict[str, list[Body]]) -> dict[str, Body]:
    return {one["playbook"].removesuffix(".yml"): one for one in objects["job_templates"]}


def questions(template: Body) -> dict[str, Body]:
    return {one["variable"]: one for one in template["survey_spec"]["spec"]}


def test_every_playbook_of_the_project_is_one_line_that_leads_to_a_playbook_of_the_collection() -> None:
    found = {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in PROJECT.glob("*.yml")}
    assert sorted(found) == sorted(f"{name}.yml" for name in SPECS)
    for name, ((play),) in found.items():
        assert play["ansible.builtin.import_playbook"] == f"standby.velero.{name.removesuffix('.yml')}"
        assert (ROOT / "playbooks" / name).exists()


def test_there_is_one_template_for_each_playbook(objects: dict[str, list[Body]]) -> None:
    assert sorted(templates(objects)) == sorted(SPECS)


@pytest.mark.parametrize("playbook", sorted(SPECS))
def test_what_a_survey_asks_for_is_read_by_the_roles_that_its_job_runs(
    playbook: str, objects: dict[str, list[Body]]
) -> None:
    known = readers(f"{playbook}.yml")
    for variable, question in questions(templates(objects)[playbook]).items():
        assert variable in known
        assert fits(question, known[variable]), variable


def fits(question: Body, option: Body) -> bool:
    """Whether an answer can be a value of the option."""
    if question["type"] == "multiselect":
        return bool(option["type"] == "raw")
    if question["type"] != "multiplechoice":
        return question["type"] == "text" and "choices" not in option
    if "choices" in option:
        return set(question["choices"]) <= set(option["choices"])
    return question["choices"] == ["true", "false"] and "Boolean" in option["description"][-1]


@pytest.mark.parametrize("playbook", sorted(SPECS))
def test_awx_takes_every_survey(playbook: str, objects: dict[str, list[Body]]) -> None:
    check_survey(templates(objects)[playbook]["survey_spec"])


def test_awx_takes_types_of_credentials_messages_and_schedules(objects: dict[str, list[Body]]) -> None:
    for credential_type in objects["credential_types"]:
        check_credential_type(credential_type)
    for notification in objects["notifications"]:
        check_notification(notification)
    for schedule in objects["schedules"]:
        check_rule(schedule["rrule"])
    assert len(objects["credential_types"]) == 5
    assert len(objects["notifications"]) == len(objects["schedules"]) == 2


def test_no_field_of_a_credential_has_a_name_of_jinja_s_own(objects: dict[str, list[Body]]) -> None:
    """AWX leaves a blank field undefined: `{{ namespace }}` would be a function then."""
    fields = {field["id"] for one in objects["credential_types"] for field in one["inputs"]["fields"]}
    assert not fields & Environment(autoescape=True).globals.keys()


# A blank answer goes before the inventory


def test_what_the_inventory_says_is_the_answer_that_stands_there(objects: dict[str, list[Body]]) -> None:
    asked = questions(templates(objects)["sync"])
    assert asked["restore_max_backup_age"]["default"] == "3h"
    assert asked["restore_excluded_namespaces"]["default"] == "kube-system,monitoring"
    assert asked["restore_workloads"]["default"] == "hold"
    assert asked["sync_verify"]["default"] == "false"
    assert questions(templates(objects)["drift"])["drift_fail_count"]["default"] == "3"


def test_every_variable_of_the_inventory_that_is_asked_for_has_its_answer(tmp_path: Path) -> None:
    """Whoever adds a question for a variable has to give it its default: else a blank would go before the inventory."""
    asked = {
        question["variable"]: question
        for one in of_the_role(tmp_path, **GIVEN)["job_templates"]
        for question in one["survey_spec"]["spec"]
    }
    mine = {
        name: question["choices"][-1] if "choices" in question else "5"
        for name, question in asked.items()
        if name.startswith(("restore_", "drift_")) and not name.startswith("restore_allow_")
    }
    again = of_the_role(tmp_path, **{**GIVEN, "awx_standbys": {"standby-a": {}}, "awx_variables": mine})
    answers = {
        question["variable"]: question.get("default")
        for one in again["job_templates"]
        for question in one["survey_spec"]["spec"]
        if question["variable"] in mine
    }
    assert answers == mine


def test_what_a_standby_says_for_itself_is_not_asked(objects: dict[str, list[Body]]) -> None:
    assert "drift_fail_age" not in questions(templates(objects)["drift"])


def test_waking_and_holding_ask_which_standby_is_meant(objects: dict[str, list[Body]]) -> None:
    for playbook in ("activate", "hold"):
        asked = questions(templates(objects)[playbook])["workloads_hosts"]
        assert asked["required"]
        assert asked["choices"] == ["standby-berlin", "standby-oslo"]
        assert "default" not in asked


# Hosts, workflow, schedules


def test_each_standby_is_a_host_with_a_context_of_its_own(objects: dict[str, list[Body]]) -> None:
    assert {one["name"]: one["variables"]["restore_context"] for one in objects["hosts"]} == {
        "standby-berlin": "standby-berlin",
        "standby-oslo": "oslo",
    }


def test_drift_and_readiness_are_check_jobs_and_drift_shows_the_diff(objects: dict[str, list[Body]]) -> None:
    checks = {name for name, one in templates(objects).items() if one["job_type"] == "check"}
    assert checks == {"drift", "readiness"}
    assert templates(objects)["drift"]["diff_mode"]


def test_the_workflow_plans_waits_for_somebody_and_applies(objects: dict[str, list[Body]]) -> None:
    (workflow,) = objects["workflows"]
    plan, approval, apply = workflow["simplified_workflow_nodes"]
    assert plan["success_nodes"] == [approval["identifier"]]
    assert approval["success_nodes"] == [apply["identifier"]]
    assert approval["approval_node"]["timeout"] == 14400
    assert plan["unified_job_template"] == apply["unified_job_template"] == templates(objects)["sync"]["name"]
    assert [one["extra_data"]["sync_stage"] for one in (plan, apply)] == ["plan", "apply"]
    assert set(questions(workflow)) == set(questions(templates(objects)["sync"])) - {"sync_stage"}
    assert {"sync_plans", "sync_results"} <= KNOWN


def test_nothing_is_started_before_somebody_says_so(objects: dict[str, list[Body]], tmp_path: Path) -> None:
    assert [one["enabled"] for one in objects["schedules"]] == [False, False]
    enabled = of_the_role(tmp_path, **GIVEN, awx_schedules_enabled="true")["schedules"]
    assert [one["enabled"] for one in enabled] == [True, True]


def test_the_job_that_makes_the_objects_again_knows_no_secret(objects: dict[str, list[Body]]) -> None:
    again = templates(objects)["awx"]
    specified = options_of("awx", "main")
    secret = {name for name, option in specified.items() if option.get("no_log")}
    told = again["extra_vars"].keys() | questions(again).keys()
    assert secret == {"awx_credentials", "awx_notifications"}
    assert told == specified.keys() - secret - {"awx_notify_success", "awx_update_secrets"}


def test_every_secret_of_the_role_restore_is_kept_out_of_the_inventory() -> None:
    """Those that may be a dictionary are looked into: a URL or a path alone is no secret."""
    secret = {name for name, option in options_of("restore", "main").items() if option.get("no_log")}
    whole, within = ("restore_backup_location", "restore_backup_store", "restore_kubeconfig"), SECRETS | {"users"}
    said = yaml.safe_load((ROLE / "vars" / "main" / "names.yml").read_text(encoding="utf-8"))
    assert set(said["__awx_secret"]) == secret - set(whole)
    assert set(said["__awx_secret_within"]) == (within - {"kubeconfig"}) | {"access_key"}


# The role's own files


def test_every_variable_stands_everywhere_in_the_same_order() -> None:
    specified = list(options_of("awx", "main"))
    defaults = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    assert list(defaults) == specified == re.findall(r"(?m)^\| `(\w+)` \|", readme)
    assert set(defaults.values()) == {""}
