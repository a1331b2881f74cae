# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role hands every option of its module on, and says so: blank counts as not set."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._options.views import VIEWS_SPEC
from ansible_collections.standby.velero.plugins.modules import velero_report
from jinja2.nativetypes import NativeEnvironment

ROLE = Path(__file__).parents[4] / "roles" / "report"
OMIT = object()
VARIABLES = {option: option if option.startswith("report_") else f"report_{option}" for option in VIEWS_SPEC}
OPTIONAL = sorted(set(VIEWS_SPEC) - {"report_path"})


@cache
def a_file(path: str) -> Any:
    return yaml.safe_load((ROLE / path).read_text(encoding="utf-8"))


def arguments() -> dict[str, str]:
    found: dict[str, str] = a_file("tasks/main.yml")[0]["standby.velero.velero_report"]
    return found


def handed_on(option: str, value: Any) -> Any:
    template = NativeEnvironment().from_string(arguments()[option])
    return template.render({VARIABLES[option]: value, "omit": OMIT, **a_file("vars/main.yml")})


def test_every_option_is_one_variable_everywhere_in_the_same_order() -> None:
    specified = a_file("meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    options = yaml.safe_load(velero_report.DOCUMENTATION)["options"]
    assert list(arguments()) == list(options) == list(VIEWS_SPEC)
    assert list(specified) == list(VARIABLES.values())
    assert a_file("defaults/main.yml") == {VARIABLES[option]: "" for option in OPTIONAL}
    assert re.findall(r"(?m)^\| `(\w+)` \|", (ROLE / "README.md").read_text()) == list(VARIABLES.values())
    assert [name for name, spec in specified.items() if spec.get("required")] == ["report_path"]


@pytest.mark.parametrize("option", OPTIONAL)
def test_a_blank_counts_as_not_set(option: str) -> None:
    assert [handed_on(option, value) for value in ("", None)] == [OMIT, OMIT]


@pytest.mark.parametrize(
    ("option", "value"), [("html_path", "/r.html"), ("mode", "0640"), ("sections", {"readiness": {}})]
)
def test_what_is_given_is_handed_on_as_it_is(option: str, value: Any) -> None:
    assert handed_on(option, value) == value
