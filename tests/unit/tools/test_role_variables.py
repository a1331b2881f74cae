# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What variable an option of the module is, and what of its documentation the role repeats."""

from __future__ import annotations

from typing import Any

import pytest
from role_variables import Variable, variable_of, variables_of


def described(**documented: Any) -> Variable:
    """The variable of one option that is documented so."""
    documented = {"description": ["What it is."], "type": "str", **documented}
    (variable,) = variables_of("restore", {"x": documented}, {"x": {}})
    return variable


@pytest.mark.parametrize(
    ("option", "variable"),
    [
        ("delta", "restore_delta"),
        ("backup_name", "restore_backup_name"),
        ("restore_name", "restore_name"),
        ("restore_status", "restore_status"),
        ("restored", "restore_restored"),
        ("restore", "restore_restore"),
    ],
)
def test_an_option_gets_the_role_s_prefix_unless_it_begins_with_it(option: str, variable: str) -> None:
    assert variable_of(option, "restore") == variable


def test_two_options_that_would_be_one_variable_are_refused() -> None:
    options = {name: {"description": "", "type": "str"} for name in ("status", "restore_status")}
    with pytest.raises(ValueError, match="options status and restore_status would both be the variable restore_status"):
        variables_of("restore", options, options)


@pytest.mark.parametrize(("documented", "specified"), [(["x", "y"], ["x"]), (["x"], ["x", "y"])])
def test_an_option_that_is_documented_or_specified_alone_is_refused(
    documented: list[str], specified: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"not both: y$"):
        variables_of("restore", dict.fromkeys(documented), dict.fromkeys(specified))


def test_the_order_is_that_of_the_specification() -> None:
    documented = {name: {"description": "", "type": "str"} for name in ("a", "b", "c")}
    found = variables_of("restore", documented, {name: {} for name in ("c", "a", "b")})
    assert [variable.option for variable in found] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("description", "about"),
    [
        (["The first paragraph. All of it.", "The second."], "The first paragraph. All of it."),
        ("The only one.", "The only one."),
    ],
)
def test_the_meaning_is_the_first_paragraph(description: str | list[str], about: str) -> None:
    assert described(description=description).about == about


@pytest.mark.parametrize(
    ("documented", "noun", "kind", "default"),
    [
        ({"type": "str"}, "text", "str", ""),
        ({"type": "str", "default": "standby-velero"}, "text", "str", "standby-velero"),
        ({"type": "path"}, "path", "path", ""),
        ({"type": "bool", "default": False}, "boolean", "raw", "false"),
        ({"type": "bool", "default": True}, "boolean", "raw", "true"),
        ({"type": "bool"}, "boolean", "raw", ""),
        ({"type": "int", "default": 0}, "integer", "raw", "0"),
        ({"type": "list", "elements": "str", "default": []}, "list", "raw", ""),
        ({"type": "list", "elements": "dict", "default": []}, "list of dictionaries", "raw", ""),
        ({"type": "dict", "default": {}}, "dictionary", "raw", ""),
        ({"type": "raw"}, "any", "raw", ""),
    ],
)
def test_whatever_cannot_be_blank_is_raw_in_the_role_and_says_what_it_takes(
    documented: dict[str, Any], noun: str, kind: str, default: str
) -> None:
    variable = described(**documented)
    assert (variable.noun, variable.type, variable.default) == (noun, kind, default)


@pytest.mark.parametrize(
    ("documented", "keys"), [({}, ()), ({"suboptions": {"included": {}, "excluded": {}}}, ("included", "excluded"))]
)
def test_a_dictionary_tells_its_keys(documented: dict[str, Any], keys: tuple[str, ...]) -> None:
    assert described(type="dict", **documented).keys == keys


@pytest.mark.parametrize(
    ("specified", "secret"),
    [
        ({}, False),
        ({"no_log": True}, True),
        ({"no_log": False}, False),
        ({"options": {"part": {"no_log": True}}}, True),
        ({"options": {"part": {}}}, False),
    ],
)
def test_a_variable_is_secret_when_any_part_of_its_option_is(specified: dict[str, Any], secret: bool) -> None:
    (variable,) = variables_of("restore", {"x": {"description": "", "type": "dict"}}, {"x": specified})
    assert variable.secret is secret
