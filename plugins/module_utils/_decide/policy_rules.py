# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies of a restore, compiled from the options that give them.

The three forms are those of Velero's design "Add support for ExistingResourcePolicy to restore API", of which Velero
itself has the first alone. They exclude each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .._errors import SettingsError
from .._match.globs import pattern_problem, plain
from .._match.selectors import Selector, compile_selector, is_given
from .._match.validation import namespace_problems
from .._values import Choice
from .._vocabulary import Policy
from .policies import ALONE, Policies, Rule

WORDS = {"none": Policy.NONE, "update": Policy.UPDATE, "patch": Policy.UPDATE, "recreate": Policy.RECREATE}
"""`patch` is the design's word for `update`."""

CONFIG = "existing_resource_policy_config"
DEFAULT = "existing_resource_default_policy"
OVERRIDES = "existing_resource_policy_overrides"

_SPELLINGS = {
    "includedResources": "included_resources",
    "includedNamespaces": "included_namespaces",
    "labelSelector": "label_selector",
}
"""As the design writes them."""

_RESOURCE = re.compile(r"[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?")
"""As the filters take it."""


def compile_policies(policy: str | None, config: Any, default_policy: str | None, overrides: Any) -> Policies:
    """From the four options; what is empty counts as not given. A SettingsError with all problems."""
    options = {ALONE: policy, CONFIG: config, DEFAULT: default_policy, OVERRIDES: overrides}
    given = {option: value for option, value in options.items() if _says_something(value)}
    forms = {form: make for form, make in _FORMS.items() if given.keys() & set(form)}
    problems: list[str] = []
    if len(forms) > 1:
        named = " and ".join(" with ".join(option for option in form if option in given) for form in forms)
        problems.append(f"{named} exclude each other: give one of these forms of the policy")
    compiled = [make(given, problems) for make in forms.values()]
    if problems:
        raise SettingsError(problems)
    return compiled[0] if compiled else _alone({}, [])


def _says_something(value: Any) -> bool:
    """Not so a survey field left empty; `false` and 0 do, and are refused where they mean nothing."""
    return bool(value.strip()) if isinstance(value, str) else value is not None and value not in ({}, [])


def _alone(given: Mapping[str, Any], problems: list[str]) -> Policies:
    return Policies(Choice(_policy(ALONE, given.get(ALONE, "none"), problems), ALONE))


def _config(given: Mapping[str, Any], problems: list[str]) -> Policies:
    rules = _rules_by_policy(CONFIG, given[CONFIG], problems, allowed=("patch", "recreate", "update"))
    return Policies(Choice(Policy.NONE, f"{CONFIG} (all else)"), tuple(rules))


def _default_with_overrides(given: Mapping[str, Any], problems: list[str]) -> Policies:
    default = Choice(_policy(DEFAULT, given.get(DEFAULT, "none"), problems), DEFAULT)
    return Policies(default, tuple(_overrides(given.get(OVERRIDES, []), problems)))


_FORMS: dict[tuple[str, ...], Callable[[Mapping[str, Any], list[str]], Policies]] = {
    (ALONE,): _alone,
    (CONFIG,): _config,
    (DEFAULT, OVERRIDES): _default_with_overrides,
}
"""By the options that make up each form."""


def _overrides(overrides: Any, problems: list[str]) -> Iterator[Rule]:
    if isinstance(overrides, Mapping):
        yield from _rules_by_policy(OVERRIDES, overrides, problems, allowed=tuple(WORDS))
    elif isinstance(overrides, list):
        for number, rule in enumerate(overrides):
            yield from _listed_rule(f"{OVERRIDES}[{number}]", rule, problems)
    else:
        problems.append(f"{OVERRIDES}: is neither a list of rules nor a dictionary by policy")


def _rules_by_policy(option: str, config: Any, problems: list[str], allowed: tuple[str, ...]) -> Iterator[Rule]:
    """The design's map form: {update: {included_resources: […]}}."""
    if not isinstance(config, Mapping):
        problems.append(f"{option}: is not a dictionary by policy")
        return
    for word, rule in config.items():
        if word in allowed:
            yield from _rule(f"{option}.{word}", WORDS[word], rule, ("included_resources",), problems)
        else:
            problems.append(f"{option}: {word!r} is not one of {', '.join(allowed)}")


def _listed_rule(name: str, rule: Any, problems: list[str]) -> Iterator[Rule]:
    if not isinstance(rule, Mapping):
        problems.append(f"{name}: is not a dictionary with policy, included_resources and the like")
        return
    policy = Policy.NONE
    if rule.get("policy"):
        policy = _policy(name, rule["policy"], problems)
    else:
        problems.append(f"{name}: has no policy")
    rest = {key: value for key, value in rule.items() if key != "policy"}
    yield from _rule(name, policy, rest, ("included_resources", "included_namespaces", "label_selector"), problems)


def _rule(name: str, policy: Policy, rule: Any, keys: tuple[str, ...], problems: list[str]) -> Iterator[Rule]:
    """A rule that names nothing is refused, and so is what would have it name less than its author wrote:
    the fewer names a rule has, the more it covers."""
    if not isinstance(rule, Mapping):
        problems.append(f"{name}: is not a dictionary with {', '.join(keys)}")
        return
    found: list[str] = []
    fields = _fields(name, rule, keys, found)
    resources = _names(f"{name}.included_resources", fields.get("included_resources"), _resource_problem, found)
    namespaces = _names(f"{name}.included_namespaces", fields.get("included_namespaces"), _namespace_problem, found)
    selector = _selector(f"{name}.label_selector", fields.get("label_selector"), found)
    if not (resources or namespaces or selector or found):
        found.append(f"{name}: names nothing that it holds for")
    problems.extend(found)
    if not found:
        yield Rule(Choice(policy, name), resources, namespaces, selector)


def _fields(name: str, rule: Mapping[Any, Any], keys: tuple[str, ...], problems: list[str]) -> dict[str, Any]:
    """What the rule says, under our spelling of its keys."""
    fields: dict[str, Any] = {}
    for key, value in rule.items():
        ours = _SPELLINGS.get(key, key)
        if ours not in keys:
            problems.append(f"{name}: {key!r} is not one of {', '.join(keys)}")
        elif ours in fields:
            problems.append(f"{name}: {ours} is given in both spellings")
        else:
            fields[ours] = value
    return fields


def _policy(option: str, word: Any, problems: list[str]) -> Policy:
    if isinstance(word, str) and word in WORDS:
        return WORDS[word]
    problems.append(f"{option}: {word!r} is not one of {', '.join(WORDS)}")
    return Policy.NONE


def _names(option: str, value: Any, problem_of: Callable[[str], str], problems: list[str]) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        problems.append(f"{option}: is not a list of names")
        return ()
    names = tuple(name.strip() for name in value if name.strip())
    if value and not names:
        problems.append(f"{option}: holds blank names only; leave it out where it does not matter")
    problems.extend(f"{option}: {name!r}: {problem}" for name in names if (problem := problem_of(name)))
    return names


def _resource_problem(name: str) -> str:
    """A slip would match nothing, and a rule that spares something would spare it no longer."""
    problem = pattern_problem(name)
    if problem or _RESOURCE.fullmatch(plain(name)):
        return problem
    return "a resource is <plural>, <plural>.<group>, a singular, a kind or a short name"


def _namespace_problem(name: str) -> str:
    return pattern_problem(name) or "; ".join(namespace_problems(plain(name)))


def _selector(option: str, value: Any, problems: list[str]) -> Selector | None:
    if not is_given(value):
        return None
    try:
        selector = compile_selector(value)
    except SettingsError as error:
        problems.extend(f"{option}: {problem}" for problem in error.problems)
        return None
    if not selector.requirements:
        problems.append(f"{option}: an empty selector matches everything; leave it out where labels do not matter")
    return selector
