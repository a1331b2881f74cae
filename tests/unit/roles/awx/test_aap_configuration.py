# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variable files for infra.aap_configuration are what the role makes, in names that its roles read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from aap_configuration import FOLDER, NAMES, WHAT_TO_SET, variable_files
from awx_described import GIVEN, LISTS, ROLE, described, of_the_role
from playing import ROOT

_OBJECT = {"name", "new_name", "description", "organization", "state"}
_NOTIFIED = {f"notification_templates_{event}" for event in ("started", "success", "error")}
_ASKED = {
    f"ask_{what}_on_launch"
    for what in ("credential", "diff_mode", "inventory", "job_type", "limit", "scm_branch", "variables", "verbosity")
}
READ = {
    "controller_credential_types": {"name", "description", "injectors", "inputs", "kind", "state"},
    "controller_execution_environments": _OBJECT | {"image", "credential", "pull"},
    "controller_projects": _OBJECT
    | _NOTIFIED
    | {"scm_type", "scm_url", "scm_branch", "scm_refspec", "scm_clean", "scm_update_on_launch", "credential", "wait"},
    "controller_inventories": _OBJECT | {"variables", "kind", "host_filter", "input_inventories"},
    "controller_hosts": {"name", "description", "inventory", "enabled", "variables", "state"},
    "controller_templates": _OBJECT
    | _NOTIFIED
    | _ASKED
    | {"job_type", "inventory", "project", "playbook", "execution_environment", "credentials", "extra_vars"}
    | {"allow_simultaneous", "diff_mode", "survey_enabled", "survey_spec", "labels", "forks", "limit", "timeout"},
    "controller_workflows": _OBJECT
    | _NOTIFIED
    | {"notification_templates_approvals", "ask_limit_on_launch", "ask_variables_on_launch", "allow_simultaneous"}
    | {"extra_vars", "inventory", "limit", "survey_enabled", "survey_spec", "simplified_workflow_nodes"},
    "controller_schedules": _OBJECT | {"unified_job_template", "rrule", "enabled", "extra_data", "job_type", "limit"},
    "controller_notifications": _OBJECT | {"notification_type", "notification_configuration", "messages"},
}
"""List -> keys of its entries that infra.aap_configuration 3.0 reads: roles/controller_*/tasks of
https://github.com/redhat-cop/infra.aap_configuration at f2302146d4ad8dd208c32b1b33f82a260c6644fe. Its argument_specs
name the lists and leave the entries open."""
READ_OF_A_NODE = {
    "identifier",
    "unified_job_template",
    "lookup_organization",
    "approval_node",
    "extra_data",
    "diff_mode",
    "limit",
    "job_type",
    "success_nodes",
    "failure_nodes",
    "always_nodes",
    "all_parents_must_converge",
}
"""As above, roles/controller_workflow_job_templates/tasks/add_workflows_schema.yml."""
FILES = sorted((ROOT / FOLDER).glob("*.yml"))


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """As Ansible reads them out of the folder."""
    names = [name.removeprefix("controller_") for name in NAMES.values()]
    found = described(tmp_path_factory.mktemp("files"), FILES, "controller_", names, **GIVEN, **ONE_OF_EACH)
    return {f"controller_{name}": value for name, value in found.items()}


ONE_OF_EACH: dict[str, Any] = {
    "awx_notifications": [
        {"name": "hook", "notification_type": "webhook", "notification_configuration": {"url": "x", "headers": {}}}
    ]
}


def test_the_files_stand_as_they_are_made_and_there_are_no_others() -> None:
    made = variable_files(ROLE, "make generate")
    assert [path.name for path in FILES] == sorted(path.name for path in made)
    assert {path: (ROOT / path).read_text(encoding="utf-8") for path in made} == made


def test_what_they_have_is_what_the_role_makes(lists: dict[str, Any], tmp_path: Path) -> None:
    of_role = of_the_role(tmp_path, **GIVEN, **ONE_OF_EACH)
    assert {f"__awx_{name}" for name in LISTS} == NAMES.keys()
    assert {NAMES[f"__awx_{name}"]: value for name, value in of_role.items()} == lists


@pytest.mark.parametrize("name", sorted(READ))
def test_every_key_is_one_that_is_read(name: str, lists: dict[str, Any]) -> None:
    assert lists[name]
    for entry in lists[name]:
        assert entry.keys() <= READ[name]


def test_every_key_of_a_workflow_node_is_one_that_is_read(lists: dict[str, Any]) -> None:
    (workflow,) = lists["controller_workflows"]
    for node in workflow["simplified_workflow_nodes"]:
        assert node.keys() <= READ_OF_A_NODE


def test_there_is_one_file_to_write_in() -> None:
    files = (ROOT / FOLDER / WHAT_TO_SET, ROLE / "defaults" / "main.yml")
    settable, defaults = (yaml.safe_load(path.read_text(encoding="utf-8")) for path in files)
    assert settable == defaults
