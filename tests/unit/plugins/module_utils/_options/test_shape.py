# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that shape a comparison: another one is another shape, whatever process asks."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._options.settings import Settings
from ansible_collections.standby.velero.plugins.module_utils._options.shape import ELSEWHERE, shape_of
from options import settings

CHANGES: dict[str, dict[str, Any]] = {
    "policy": {"existing_resource_policy": "recreate"},
    "namespaces": {"included_namespaces": ["shop"]},
    "selector": {"label_selector": "app=web"},
    "mapping": {"namespace_mapping": {"shop": "store"}},
    "classes": {"storage_class_mapping": {"a": "b"}},
    "images": {"image_mapping": ["a,b"]},
    "node ports": {"preserve_node_ports": True},
    "status": {"restore_status": {"included_resources": ["widgets.example.org"], "excluded_resources": []}},
    "modifier": {
        "resource_modifiers": {
            "version": "v1",
            "resourceModifierRules": [
                {
                    "conditions": {"groupResource": "configmaps"},
                    "patches": [{"operation": "add", "path": "/data/a", "value": "1"}],
                }
            ],
        }
    },
    "protection": {"protect_cluster_objects": False},
    "controlled": {"controlled_objects": "skip"},
    "privileged": {"privileged_objects": "skip"},
    "ignored": {"ignore_fields": {"configmaps": ["/data/a"]}},
    "replicas": {"hpa_replicas": "keep"},
    "hold": {"workloads": "hold"},
    "labels": {"label_unchanged": False},
}
ALIKE: dict[str, dict[str, Any]] = {
    "backup": {"backup_file": "/other.tar.gz", "restore_name": "other"},
    "report": {"report_path": "/tmp/report.json"},
    "concurrency": {"concurrency": 3},
    "compare": {"compare": "fast"},
    "hidden": {"hidden_fields": ["/data/a"]},
    "age": {"max_backup_age": "3h"},
}


@pytest.mark.parametrize("options", CHANGES.values(), ids=list(CHANGES))
def test_what_shapes_an_object_or_its_comparison_counts(options: dict[str, Any]) -> None:
    assert shape_of(settings(**options)) != shape_of(settings())


@pytest.mark.parametrize("options", ALIKE.values(), ids=list(ALIKE))
def test_what_does_not_shape_it_does_not_count(options: dict[str, Any]) -> None:
    assert shape_of(settings(**options)) == shape_of(settings())


def test_every_setting_that_does_not_count_is_one() -> None:
    assert {field.name for field in fields(Settings)} >= ELSEWHERE


def test_another_process_finds_the_same_shape() -> None:
    options = {**CHANGES["modifier"], **CHANGES["hold"], **CHANGES["mapping"]}
    code = (
        "from options import settings;"
        "from ansible_collections.standby.velero.plugins.module_utils._options.shape import shape_of;"
        f"print(shape_of(settings(**{options!r})).hex())"
    )
    path = ":".join(sys.path)
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    assert found[0]


def test_a_value_of_an_unknown_kind_is_refused_and_not_passed_over() -> None:
    with pytest.raises(TypeError):
        shape_of(replace(settings(), modifiers=object()))
