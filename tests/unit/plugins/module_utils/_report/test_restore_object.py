# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as a Restore object of Velero's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.restore_object import restore_object
from ansible_collections.standby.velero.plugins.module_utils._report.run import Run
from ansible_collections.standby.velero.plugins.module_utils._values import BackupInfo, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup
from outcomes import done_of
from planning import context_for
from scripted import Body, ScriptedClient

STARTED = datetime(2026, 11, 24, 4, 0, 0, 999_000, tzinfo=timezone.utc)
COMPLETED = datetime(2026, 11, 24, 4, 0, 5, tzinfo=timezone.utc)
RUN = Run("again", "b2", "update, with overrides: recreate", (), STARTED, COMPLETED, backup=BackupInfo("b2", "hourly"))


def key(name: str) -> ObjectKey:
    return ObjectKey("", "ConfigMap", "shop", name)


@contextmanager
def recorded(folder: Path, run: Run = RUN, **options: Any) -> Iterator[Body]:
    backup = Backup().add("configmaps", "shop", "app", {"data": {"a": "1"}})
    with context_for(folder, backup, ScriptedClient(), **options) as context:
        yield restore_object(run, context)


def test_what_is_asked_for_as_velero_has_it(tmp_path: Path) -> None:
    options = {
        "included_namespaces": ["shop"],
        "excluded_resources": ["secrets"],
        "include_cluster_resources": False,
        "label_selector": "app=web,tier notin (a,b),!old",
        "namespace_mapping": {"shop": "shop-dr"},
        "restore_status": {"included_resources": ["deployments"], "excluded_resources": []},
        "preserve_node_ports": True,
    }
    with recorded(tmp_path, **options) as record:
        assert record["spec"] == {
            "backupName": "b2",
            "scheduleName": "hourly",
            "includedNamespaces": ["shop"],
            "excludedResources": ["secrets"],
            "includeClusterResources": False,
            "labelSelector": {
                "matchExpressions": [
                    {"key": "app", "operator": "In", "values": ["web"]},
                    {"key": "tier", "operator": "NotIn", "values": ["a", "b"]},
                    {"key": "old", "operator": "DoesNotExist"},
                ]
            },
            "namespaceMapping": {"shop": "shop-dr"},
            "preserveNodePorts": True,
            "restoreStatus": {"includedResources": ["deployments.apps"], "excludedResources": []},
            "existingResourcePolicy": "update",
        }


def test_what_is_not_asked_for_is_absent(tmp_path: Path) -> None:
    with recorded(tmp_path, replace(RUN, backup=None)) as record:
        assert record["spec"] == {"backupName": "b2", "preserveNodePorts": False, "existingResourcePolicy": "update"}
        assert "velero.io/schedule-name" not in record["metadata"]["labels"]


def test_of_several_selectors_one_is_enough(tmp_path: Path) -> None:
    with recorded(tmp_path, or_label_selectors="app=web or app=db") as record:
        assert "labelSelector" not in record["spec"]
        assert len(record["spec"]["orLabelSelectors"]) == 2


def test_hooks_and_modifiers_may_hold_values_and_are_not_in_it(tmp_path: Path) -> None:
    hook = {"name": "h", "initContainers": [{"name": "c", "image": "i", "command": ["canary-1"]}]}
    rule = {"conditions": {"groupResource": "secrets"}, "mergePatches": [{"patchData": "{data: {a: canary-2}}"}]}
    options = {
        "hooks": [{"name": "all", "postHooks": [{"init": {"initContainers": hook["initContainers"]}}]}],
        "resource_modifiers": {"version": "v1", "resourceModifierRules": [rule]},
    }
    with recorded(tmp_path, **options) as record:
        assert "canary" not in str(record)


def test_it_is_found_by_velero_s_labels_and_by_ours(tmp_path: Path) -> None:
    with recorded(tmp_path, velero_namespace="dr") as record:
        metadata = record["metadata"]
    assert metadata["namespace"] == "dr"
    assert metadata["labels"] == {
        "velero.io/backup-name": "b2",
        "velero.io/restore-name": "again",
        "velero.io/schedule-name": "hourly",
        "app.kubernetes.io/managed-by": "standby.velero",
        "standby.velero/holds": "restore",
    }


def test_a_schedule_that_no_label_can_name_is_in_the_spec_alone(tmp_path: Path) -> None:
    with recorded(tmp_path, replace(RUN, backup=BackupInfo("b2", "s" * 64))) as record:
        assert "velero.io/schedule-name" not in record["metadata"]["labels"]
        assert record["spec"]["scheduleName"] == "s" * 64


def test_counts_phase_and_times_are_those_of_the_run(tmp_path: Path) -> None:
    done = (
        done_of(key("created"), Outcome.CREATED),
        done_of(key("same"), Outcome.UNCHANGED),
        done_of(key("kept"), Outcome.SKIPPED, Reason.EXISTS_DIFFERENT),
        done_of(key("refused"), Outcome.FAILED, Reason.INVALID_OBJECT, "broken"),
        done_of(key("stale"), Outcome.DELETED),
    )
    run = replace(RUN, done=done, velero_warnings=("no such namespace",), velero_errors=("the inventory",))
    with recorded(tmp_path, run) as record:
        assert record["status"] == {
            "phase": "PartiallyFailed",
            "startTimestamp": "2026-11-24T04:00:00Z",
            "completionTimestamp": "2026-11-24T04:00:05Z",
            "warnings": 2,
            "errors": 2,
            "progress": {"totalItems": 4, "itemsRestored": 2},
        }
        assert record["metadata"]["annotations"] == {
            "standby.velero/counts": "total 5, created 1, deleted 1, unchanged 1, skipped 1, failed 1",
            "standby.velero/existing-resource-policy": "update, with overrides: recreate",
            "standby.velero/in-sync": "false",
        }


@pytest.mark.parametrize(
    ("name", "begin"),
    [("again", "again"), ("a.b-c", "a.b-c"), ("x" * 253, "x" * 235), ("x" * 234 + "." + "y" * 18, "x" * 234)],
)
def test_its_name_is_one_that_kubernetes_takes_with_room_for_a_number(tmp_path: Path, name: str, begin: str) -> None:
    with recorded(tmp_path, replace(RUN, restore_name=name)) as record:
        found = record["metadata"]["name"]
    assert found == f"{begin}-20261124040000"
    assert len(f"{found}-99") <= 253
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?", found)
