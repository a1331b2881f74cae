# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each fragment describes the options of one specification: whoever merges the one extends the other."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from ansible_collections.kubernetes.core.plugins.doc_fragments import k8s_auth_options
from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.standby.velero.plugins.doc_fragments import attributes, backup_source, connection, target
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC
from ansible_collections.standby.velero.plugins.module_utils._options.source import SOURCE_SPEC
from ansible_collections.standby.velero.plugins.module_utils._options.target import TARGET_SPEC
from ansible_collections.standby.velero.plugins.modules import velero_restore

OURS = {"backup_source": backup_source, "target": target, "connection": connection, "attributes": attributes}


def documented(fragment: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(fragment.ModuleDocFragment.DOCUMENTATION)
    return found


@pytest.mark.parametrize(
    ("fragment", "spec"),
    [
        (backup_source, SOURCE_SPEC),
        (target, {name: spec for name, spec in TARGET_SPEC.items() if name not in AUTH_ARG_SPEC}),
    ],
)
def test_a_fragment_describes_exactly_the_options_of_its_specification(fragment: Any, spec: dict[str, Any]) -> None:
    described = documented(fragment)["options"]
    assert list(described) == list(spec)
    facts = ("type", "default", "required")
    assert {name: {fact: one.get(fact) for fact in facts} for name, one in described.items()} == {
        name: {fact: one.get(fact) for fact in facts} for name, one in spec.items()
    }


def facts_of(described: dict[str, Any], nested: str) -> dict[str, Any]:
    """What an option takes, in words that documentation and specification share; text is the default type."""
    return {
        name: (
            one.get("type") or "str",
            one.get("elements"),
            sorted(one.get("aliases", ())),
            facts_of(one.get(nested, {}), nested),
        )
        for name, one in described.items()
    }


def test_the_connection_has_the_options_that_kubernetes_core_gives_it() -> None:
    described = facts_of(documented(connection)["options"], "suboptions")
    assert described == facts_of(AUTH_ARG_SPEC, "options")
    assert described == facts_of(documented(k8s_auth_options)["options"], "suboptions")


def variables(fragment: Any) -> set[str]:
    return set(re.findall(r"K8S_AUTH_\w+", fragment.ModuleDocFragment.DOCUMENTATION))


def test_the_connection_names_the_environment_variables_that_kubernetes_core_names() -> None:
    assert variables(connection) == variables(k8s_auth_options)


def test_the_module_extends_every_fragment_and_describes_no_option_twice() -> None:
    documentation = yaml.safe_load(velero_restore.DOCUMENTATION)
    extended = documentation["extends_documentation_fragment"]
    assert {f"standby.velero.{name}" for name in OURS} <= set(extended)
    assert not [name for name in extended if name.startswith("kubernetes.")], "an importer may not have kubernetes.core"
    shared = {*SOURCE_SPEC, *TARGET_SPEC}
    assert set(documentation["options"]) == set(ARGUMENT_SPEC) - shared


def test_options_that_a_fragment_speaks_of_are_its_own() -> None:
    """Another module that extends it may not have the others."""
    named = {
        name: set(re.findall(r"\bO\((\w+)", fragment.ModuleDocFragment.DOCUMENTATION))
        for name, fragment in OURS.items()
    }
    own = {name: set(documented(fragment).get("options", {})) for name, fragment in OURS.items()}
    assert {name: named[name] - own[name] for name in OURS} == {name: set() for name in OURS}
