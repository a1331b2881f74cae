# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role hands every option of the module on: blank counts as not set, false stays false."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._options.info import INFO_SPEC
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from jinja2.nativetypes import NativeEnvironment

ROLE = Path(__file__).parents[4] / "roles" / "restore"
BLANK: list[Any] = ["", None]
OMIT = object()
BOOLEANS = sorted(option for option, spec in ARGUMENT_SPEC.items() if spec.get("type") == "bool")
SECRET = {"api_key", "backup_location", "backup_store", "kubeconfig", "password", "proxy_headers", "state_key"}
"""A dictionary that has secrets in it is masked as a whole."""


@cache
def a_file(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text())


MODULE = "standby.velero.velero_restore"


def arguments() -> dict[str, str]:
    """What the one task hands on that calls the module."""
    found: dict[str, str]
    (found,) = (task[MODULE] for task in a_file("tasks/main.yml") if MODULE in task)
    return found


def finding() -> dict[str, str]:
    found: dict[str, str] = a_file("tasks/find.yml")[0]["standby.velero.velero_backup_info"]
    return found


def variable_of(option: str) -> str:
    """The rule, told again: what the generator does must not be judged by itself."""
    return option if option.startswith("restore_") else f"restore_{option}"


VARIABLES = {option: variable_of(option) for option in ARGUMENT_SPEC}


OF_THE_ROLE = {"lock_timeout": object()}
"""What the role knows better than the module when nothing is set."""


def unset(option: str) -> object:
    return OF_THE_ROLE.get(option, OMIT)


def handed_on(option: str, value: Any, **forced: Any) -> Any:
    template = NativeEnvironment().from_string(arguments()[option])
    known = {**a_file("vars/main.yml"), "__restore_options": forced}
    known["__restore_lock_timeout"] = OF_THE_ROLE["lock_timeout"]
    return template.render({VARIABLES[option]: value, "omit": OMIT, **known})


@pytest.mark.parametrize(
    ("forced", "of_the_user", "seconds"),
    [({}, "", 90), ({}, "10", 40), ({"lock_duration": 20}, "10", 50), ({}, 3600, 3630)],
)
def test_it_waits_for_a_lock_for_longer_than_a_run_that_was_killed_can_hold_it(
    forced: dict[str, Any], of_the_user: Any, seconds: int
) -> None:
    known = {**a_file("vars/main.yml"), "__restore_options": forced, "restore_lock_duration": of_the_user}
    assert NativeEnvironment().from_string(known["__restore_lock_timeout"]).render(known) == seconds


OTHERS = "restore_other_variables"
"""Of the role alone."""


def specified() -> dict[str, Any]:
    found: dict[str, Any] = a_file("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


def test_every_option_is_one_variable_and_every_variable_one_option() -> None:
    assert len(set(VARIABLES.values())) == len(VARIABLES)
    assert {option: set(re.findall(r"\brestore_\w+", text)) for option, text in arguments().items()} == {
        option: {variable} for option, variable in VARIABLES.items()
    }


def test_the_backups_are_found_by_what_the_restore_is_told() -> None:
    shared = INFO_SPEC.keys() & ARGUMENT_SPEC.keys() - {"report_path"}
    assert {name: text for name, text in finding().items() if name != "limit"} == {
        option: arguments()[option] for option in shared
    }


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
def test_what_a_role_around_this_one_says_goes_before_every_variable(option: str) -> None:
    assert handed_on(option, "of the user", **{option: False}) is False
    assert handed_on(option, "of the user", **{option: ""}) is unset(option)
    assert handed_on(option, "of the user", other="x") == "of the user"


def test_every_variable_is_specified_documented_and_by_default_not_set() -> None:
    required = {VARIABLES[option] for option, spec in ARGUMENT_SPEC.items() if spec.get("required")}
    assert list(specified()) == [*VARIABLES.values(), OTHERS]
    assert {variable for variable, spec in specified().items() if spec.get("required")} == required
    assert a_file("defaults/main.yml") == dict.fromkeys({OTHERS, *VARIABLES.values()} - required, "")
    assert re.findall(r"(?m)^\| `(\w+)` \|", (ROLE / "README.md").read_text()) == list(VARIABLES.values())


def test_the_playbook_s_own_variable_is_no_option_of_the_role() -> None:
    play = (ROLE.parents[1] / "playbooks/restore.yml").read_text(encoding="utf-8")
    (own,) = set(re.findall(r"restore_\w+", yaml.safe_load(play)[0]["hosts"]))
    assert own not in VARIABLES.values()
    assert f"`{own}`" in (ROLE / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_each_option_that_keeps_its_name() -> None:
    kept = [option for option, variable in VARIABLES.items() if option == variable]
    assert kept == ["restore_name", "restore_status", "restore_history"]
    assert (
        "`restore_name`, `restore_status` and `restore_history`, keep their names" in (ROLE / "README.md").read_text()
    )


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
@pytest.mark.parametrize("value", BLANK)
def test_a_blank_counts_as_not_set(option: str, value: Any) -> None:
    assert handed_on(option, value) is unset(option)


@pytest.mark.parametrize("option", BOOLEANS)
@pytest.mark.parametrize("value", [False, True, "false", "true", "no", "yes"])
def test_a_boolean_is_handed_on_as_it_is(option: str, value: Any) -> None:
    assert handed_on(option, value) is value


@pytest.mark.parametrize("value", [[], ["shop", "bank"], "shop, bank"])
def test_a_list_is_handed_on_as_it_is_and_as_text(value: Any) -> None:
    assert handed_on("included_namespaces", value) == value


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
def test_the_role_refuses_no_blank_before_the_module_sees_it(option: str) -> None:
    spec = specified()[VARIABLES[option]]
    assert spec["type"] in ("str", "path", "raw")
    assert "" in spec.get("choices", [""])


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
def test_choices_and_secrecy_are_the_module_s(option: str) -> None:
    spec = specified()[VARIABLES[option]]
    assert [choice for choice in spec.get("choices", []) if choice] == ARGUMENT_SPEC[option].get("choices", [])
    assert spec.get("no_log", False) is (option in SECRET)
