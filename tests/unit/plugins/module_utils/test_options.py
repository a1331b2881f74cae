# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options to settings: defaults, blanks, every problem at once, and what of a kubeconfig is no secret."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import SettingsError
from ansible_collections.standby.velero.plugins.module_utils._options import (
    ARGUMENT_SPEC,
    Settings,
    open_words,
    settings_of,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Policy


def settings(**options: Any) -> Settings:
    params = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return settings_of({**params, "backup_file": "/b/hourly-1.tar.gz", **options}, check_mode=False, diff_mode=False)


def test_names_come_from_the_file_so_that_a_second_run_is_the_same_restore():
    made = settings()
    assert (made.backup_name, made.restore_name, made.policies.default.policy) == ("hourly-1", "hourly-1", Policy.NONE)
    assert settings(backup_name="other").restore_name == "other"


def test_blank_texts_count_as_not_set():
    made = settings(
        backup_name="", restore_name="", included_namespaces=["", " "], report_path="", label_selector="", hooks=[]
    )
    assert (made.backup_name, made.filters.included_namespaces, made.report_path) == ("hourly-1", (), "")


@pytest.mark.parametrize("option", ["protect_cluster_objects", "label_unchanged", "preserve_node_ports"])
def test_false_stays_false(option):
    names = {"protect_cluster_objects": "protect"}
    made = settings(**{option: False})
    assert getattr(made, names.get(option, option), made.facts.preserve_node_ports) is False


def test_every_problem_is_told_at_once():
    wrong = {
        "restore_name": "Not A Name",
        "concurrency": 0,
        "terminating_timeout": -1,
        "protect_except": ["a/b/c/d"],
        "included_resources": ["nodes"],
        "label_selector": "a in",
        "namespace_mapping": {"shop": "kube-system"},
        "image_mapping": ["one"],
        "hooks": [{"name": ""}],
        "resource_modifiers": "version: v2",
    }
    with pytest.raises(SettingsError) as told:
        settings(**wrong)
    for option in wrong.keys() - {"included_resources"}:
        assert any(option in problem for problem in told.value.problems), option
    assert any("non-restorable" in problem for problem in told.value.problems)


def test_names_in_a_kubeconfig_are_no_secrets_and_its_credentials_are():
    kubeconfig = {
        "apiVersion": "v1",
        "current-context": "standby",
        "clusters": [{"name": "standby", "cluster": {"server": "https://s", "certificate-authority-data": "Q0E="}}],
        "contexts": [{"name": "standby", "context": {"cluster": "standby", "user": "robot"}}],
        "users": [{"name": "robot", "user": {"token": "xyz", "password": "the-robot-knows"}}],
    }
    others = {"api_key": None, "password": None, "proxy_headers": None}
    assert open_words({"kubeconfig": kubeconfig, **others}) == {"v1", "standby", "https://s"}  # "robot" is in a secret
    assert open_words({"kubeconfig": kubeconfig, **others, "password": "standby"}) == {"v1", "https://s"}
    assert open_words({"kubeconfig": "/path", **others}) == set()
