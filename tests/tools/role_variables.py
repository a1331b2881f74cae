# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a role, as the documentation of the module that it calls has them.

The rule: option `x` of the module is the variable `<role>_x`, and an option that begins with `<role>_` keeps its name.
Two options that would be one variable are refused. What a variable means is the first paragraph of what the module
says of its option.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_IN_ROLE = {"str": "str", "path": "path"}
"""Option type -> type in the role's specification; raw for all others, for a blank text is a value of every option."""

_NOUNS = {"bool": "boolean", "dict": "dictionary", "int": "integer", "path": "path", "raw": "any", "str": "text"}
_LIST_NOUNS = {"str": "list", "dict": "list of dictionaries"}
"""By type of the elements."""


OF_THE_ROLE: dict[tuple[str, str], dict[str, str]] = {
    ("restore", "lock_timeout"): {"default": "lock_duration + 30", "blank": "__restore_lock_timeout"},
}
"""(role, option) -> where the role knows better than the module: an hourly job is to wait for longer than a run that
was killed can hold the lock, and not to be red for it."""


@dataclass(frozen=True)
class Variable:
    """One option, as a role has it."""

    name: str
    option: str
    about: str
    """The module's words, with the module's markup."""
    noun: str
    """What sort of value it takes."""
    type: str
    """In the role's specification."""
    required: bool = False
    choices: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    """That a dictionary may have; empty where any may be in it."""
    default: str = ""
    """As YAML writes it; empty for none, and for an empty list or dictionary."""
    secret: bool = False
    blank: str = "omit"
    """What the role hands on where nothing is set: an expression of Jinja."""


def variable_of(option: str, role: str) -> str:
    """The name of the variable by which the role takes this option."""
    return option if option.startswith(f"{role}_") else f"{role}_{option}"


def variables_of(role: str, options: Mapping[str, Any], spec: Mapping[str, Any]) -> list[Variable]:
    """Documented `options` in the order of the module's argument `spec`, which alone knows what is secret."""
    if options.keys() != spec.keys():
        raise ValueError(f"documented or specified, not both: {', '.join(sorted(options.keys() ^ spec.keys()))}")
    _refuse_collisions(role, options)
    return [_variable(role, option, options[option], spec[option]) for option in spec]


def _refuse_collisions(role: str, options: Iterable[str]) -> None:
    known: dict[str, str] = {}
    for option in options:
        name = variable_of(option, role)
        if name in known:
            raise ValueError(f"options {known[name]} and {option} would both be the variable {name}")
        known[name] = option


def _variable(role: str, option: str, documented: Mapping[str, Any], specified: Mapping[str, Any]) -> Variable:
    return Variable(
        name=variable_of(option, role),
        option=option,
        about=_first_paragraph(documented["description"]),
        noun=_noun(documented),
        type=_IN_ROLE.get(documented["type"], "raw"),
        required=bool(documented.get("required")),
        choices=tuple(documented.get("choices", ())),
        keys=tuple(documented.get("suboptions", ())),
        **{"default": _as_yaml(documented.get("default")), **OF_THE_ROLE.get((role, option), {})},
        secret=_is_secret(specified),
    )


def _first_paragraph(description: str | list[str]) -> str:
    return description if isinstance(description, str) else description[0]


def _noun(documented: Mapping[str, Any]) -> str:
    if documented["type"] == "list":
        return _LIST_NOUNS[documented["elements"]]
    return _NOUNS[documented["type"]]


def _is_secret(specified: Mapping[str, Any]) -> bool:
    """A role masks an option as a whole: one secret in it is enough."""
    return bool(specified.get("no_log")) or any(map(_is_secret, specified.get("options", {}).values()))


def _as_yaml(default: Any) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, [], {}) else str(default)
