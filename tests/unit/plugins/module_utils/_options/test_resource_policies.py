# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `resource_policies`: its forms, and what it means for which restores compare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options.restore import ARGUMENT_SPEC, settings_of

GOLDEN = Path(__file__).parents[4] / "golden"
ROWS = [{"kinds": ["Secret"], "names": ["app-*"]}, {"kinds": ["*"]}]
DOCUMENT = {"version": "v1", "namespacedFilterPolicies": [{"namespaces": ["shop"], "resourceFilters": ROWS}]}
CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"policies.yaml": yaml.safe_dump(DOCUMENT)}}
FORMS = {
    "structure": DOCUMENT,
    "YAML": yaml.safe_dump(DOCUMENT),
    "JSON": json.dumps(DOCUMENT),
    "ConfigMap": CONFIG_MAP,
    "ConfigMap as text": yaml.safe_dump(CONFIG_MAP),
}
NOTHING = [None, "", " \n", {"version": "v1"}, "version: v1"]


def settings(**options):
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return settings_of({**params, "backup_file": "b.tar.gz", **options}, check_mode=False, diff_mode=False)


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_policies(value):
    assert settings(resource_policies=value).filter_policies == settings(resource_policies=DOCUMENT).filter_policies


@pytest.mark.parametrize("value", NOTHING)
def test_what_says_nothing_is_no_policy(value):
    assert not settings(resource_policies=value).filter_policies


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("version: v1\nvolumePolicies: [{}]", "resource_policies: volumePolicies are not supported for restore"),
        ("a: [", "resource_policies: line 1: "),
        ({"kind": "ConfigMap", "data": {"a": "", "b": ""}}, "resource_policies: illegal resource policies configmap"),
        (
            {"kind": "ConfigMap", "data": {"a": "version: v1", "b": "version: v1"}},
            "resource_policies: illegal resource",
        ),
        ("just text", "resource_policies: resource policies: must be a map"),
        ("# nothing", "resource_policies: version: incompatible version number"),
        (
            {"kind": "ConfigMap", "data": {"policies.yaml": ""}},
            "resource_policies: version: incompatible version number",
        ),
    ],
)
def test_a_problem_is_told_with_the_option_before_anything_is_read(value, problem):
    with pytest.raises(SettingsError) as caught:
        settings(resource_policies=value)
    assert caught.value.problems[0].startswith(problem)


def test_its_problems_come_with_those_of_other_options():
    with pytest.raises(SettingsError) as caught:
        settings(
            resource_policies={"version": "v2"}, included_namespaces=["Shop"], resource_modifiers={"version": "v2"}
        )
    assert len([text for text in caught.value.problems if text.startswith("resource_policies: version: ")]) == 1
    assert len(caught.value.problems) > 2


BEFORE = {
    "f0a0ef20f4f47bc3cf098ad3d3b534b1": {},
    "29528bf8058d6e407933b26afb7274ae": {
        "included_namespaces": ["shop", "billing"],
        "label_selector": "app=web",
        "namespace_mapping": {"shop": "dr"},
    },
}
"""What stood for these selections before there were policies; targets have them in their inventories."""


@pytest.mark.parametrize("value", NOTHING)
@pytest.mark.parametrize("known", BEFORE)
def test_without_policies_a_selection_is_what_it_always_was(known, value):
    assert settings(resource_policies=value, **BEFORE[known]).selection_id == known


def test_another_policy_is_another_selection():
    other = json.loads(json.dumps(DOCUMENT).replace("app-*", "web-*"))
    ids = {settings(resource_policies=value).selection_id for value in (None, DOCUMENT, other)}
    assert len(ids) == 3


@pytest.mark.parametrize("value", FORMS.values(), ids=FORMS)
def test_the_same_policy_is_the_same_selection_in_every_form(value):
    assert settings(resource_policies=value).selection_id == settings(resource_policies=DOCUMENT).selection_id


@pytest.mark.parametrize("scenario", ["p-bad", "p-backupside"])
def test_what_velero_refuses_is_refused_in_the_same_words(scenario):
    folder = GOLDEN / scenario
    (told,) = json.loads((folder / "restore.json").read_text())["status"]["validationErrors"]
    with pytest.raises(SettingsError) as caught:
        settings(resource_policies=(folder / "policies.yaml").read_text())
    before, _colon, words = told.partition("velero/policies: ")
    assert before == "fail to validate ResourcePolicies in ConfigMap "
    assert caught.value.problems == [f"resource_policies: {words}"]


@pytest.mark.parametrize("scenario", ["p-labels", "p-names", "p-exact", "p-cluster", "p-catchall", "p-gate"])
def test_what_velero_takes_is_taken(scenario):
    assert settings(resource_policies=(GOLDEN / scenario / "policies.yaml").read_text()).filter_policies
