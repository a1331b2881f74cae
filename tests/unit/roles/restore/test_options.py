# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role hands every option of the module on: blank counts as not set, false stays false."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from jinja2.nativetypes import NativeEnvironment

ROLE = Path(__file__).parents[4] / "roles" / "restore"
BLANK: list[Any] = ["", None]
OMIT = object()
BOOLEANS = sorted(option for option, spec in ARGUMENT_SPEC.items() if spec.get("type") == "bool")


@cache
def a_file(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text())


def arguments() -> dict[str, str]:
    found: dict[str, str] = a_file("tasks/main.yml")[0]["block"][0]["standby.velero.velero_restore"]
    return found


def variable_of(option: str) -> str:
    return option if option.startswith("restore_") else f"restore_{option}"


def handed_on(option: str, value: Any) -> Any:
    template = NativeEnvironment().from_string(arguments()[option])
    return template.render({variable_of(option): value, "omit": OMIT, **a_file("vars/main.yml")})


def test_the_role_has_every_option_of_the_module() -> None:
    assert set(arguments()) == set(ARGUMENT_SPEC)


def test_every_option_is_specified_documented_and_by_default_not_set() -> None:
    variables = {variable_of(option) for option in ARGUMENT_SPEC}
    assert set(a_file("meta/argument_specs.yml")["argument_specs"]["main"]["options"]) == variables
    assert a_file("defaults/main.yml") == dict.fromkeys(variables - {"restore_backup_file"}, "")
    readme = (ROLE / "README.md").read_text()
    assert [variable for variable in variables if f"| `{variable}` |" not in readme] == []


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
@pytest.mark.parametrize("value", BLANK)
def test_a_blank_counts_as_not_set(option: str, value: Any) -> None:
    assert handed_on(option, value) is OMIT


@pytest.mark.parametrize("option", BOOLEANS)
@pytest.mark.parametrize("value", [False, True, "false", "true", "no", "yes"])
def test_a_boolean_is_handed_on_as_it_is(option: str, value: Any) -> None:
    assert handed_on(option, value) is value


@pytest.mark.parametrize("value", [[], ["shop", "bank"], "shop, bank"])
def test_a_list_is_handed_on_as_it_is_and_as_text(value: Any) -> None:
    assert handed_on("included_namespaces", value) == value


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
def test_the_role_refuses_no_blank_before_the_module_sees_it(option: str) -> None:
    spec = a_file("meta/argument_specs.yml")["argument_specs"]["main"]["options"][variable_of(option)]
    assert spec["type"] in ("str", "path", "raw")
    assert "" in spec.get("choices", [""])


@pytest.mark.parametrize("option", sorted(ARGUMENT_SPEC))
def test_choices_and_secrecy_are_the_module_s(option: str) -> None:
    spec = a_file("meta/argument_specs.yml")["argument_specs"]["main"]["options"][variable_of(option)]
    assert [choice for choice in spec.get("choices", []) if choice] == ARGUMENT_SPEC[option].get("choices", [])
    if ARGUMENT_SPEC[option].get("no_log"):
        assert spec["no_log"] is True
