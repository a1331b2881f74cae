# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that other rooms compile: what they come to, blank where they have problems, and the problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._compare.ignored import Ignored, compile_ignored
from .._decide.policies import Policies
from .._decide.policy_rules import compile_policies
from .._errors import SettingsError
from .._modify.document import document_of
from .._modify.modifiers import Modifiers
from .._modify.rules import compile_modifiers
from .._select.filter_policies import OPTION, FilterPolicies
from .._select.filter_policy_rules import compile_filter_policies


def modifiers_of(value: Any) -> tuple[Modifiers, list[str]]:
    try:
        return compile_modifiers(value), []
    except SettingsError as error:
        return compile_modifiers(None), [f"resource_modifiers: {problem}" for problem in error.problems]


def filter_policies_of(value: Any) -> tuple[FilterPolicies, list[str]]:
    """Blank text is none, as for every option; so is a document without entries."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return FilterPolicies(), []
    try:
        return compile_filter_policies(document_of(value, "resource policies")), []
    except SettingsError as error:
        return FilterPolicies(), [f"{OPTION}: {problem}" for problem in error.problems]


def ignored_of(value: Any) -> tuple[Ignored, list[str]]:
    try:
        return compile_ignored(value), []
    except SettingsError as error:
        return Ignored(), error.problems


def policies_of(params: Mapping[str, Any]) -> tuple[Policies, list[str]]:
    forms = (
        params["existing_resource_policy"],
        params["existing_resource_policy_config"],
        params["existing_resource_default_policy"],
        params["existing_resource_policy_overrides"],
    )
    try:
        return compile_policies(*forms), []
    except SettingsError as error:
        return compile_policies(None, None, None, None), error.problems
