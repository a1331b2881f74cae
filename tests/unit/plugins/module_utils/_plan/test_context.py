# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a restore knows of backup and target before it compares."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden
from ansible_collections.standby.velero.plugins.module_utils._plan.context import RestoreContext
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, Resource
from planning import LABELS, backup_of, context_for, live
from scripted import TYPES, Body, ScriptedClient, body_of

SHOP = live(body_of("Namespace", "shop"))
WEB = body_of("Deployment", "web", spec={"replicas": 3, "paused": False})
SCALER: Body = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
}
SCALERS = Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler", True)


def config_map(value: str, name: str = "app") -> Body:
    return body_of("ConfigMap", name, data={"a": value})


def item_of(context: RestoreContext, kind: str) -> BackupItem:
    return next(item for item in context.selection.items if item.key.kind == kind)


def test_names_of_types_are_in_full(tmp_path: Path) -> None:
    options = {"included_resources": ["deploy", "cm"], "restore_status": {"included_resources": ["po"]}}
    options["restore_status"]["excluded_resources"] = ["svc"]
    with context_for(tmp_path, backup_of(WEB, config_map("1")), ScriptedClient(), **options) as context:
        assert context.settings.filters.included_resources == ("deployments.apps", "configmaps")
        assert [str(item.key) for item in context.selection.items] == ["ConfigMap shop/app", "Deployment.apps shop/web"]
        assert (context.settings.status_included, context.settings.status_excluded) == (("pods",), ("services",))


def test_the_scope_is_of_what_was_selected_in_the_user_s_own_words(tmp_path: Path) -> None:
    """Not in full names, which another target may know otherwise."""
    ids = set()
    for types in (TYPES, TYPES[:2]):
        client = ScriptedClient(types=types)
        with context_for(tmp_path, backup_of(WEB, config_map("1")), client, included_resources=["cm"]) as context:
            ids.add(context.scope.selection)
            assert (context.scope.backup.name, context.scope.selected) == ("b2", 1)
    assert len(ids) == 1


def test_the_labels_are_those_of_this_restore(tmp_path: Path) -> None:
    with context_for(tmp_path, backup_of(), ScriptedClient()) as context:
        assert context.decider.labels == LABELS


@pytest.mark.parametrize("check", [False, True])
def test_namespaces_are_those_of_the_target_and_whether_they_go(tmp_path: Path, check: bool) -> None:
    going = live(body_of("Namespace", "going"), metadata={"deletionTimestamp": "2026-11-24T03:00:00Z"})
    bodies = [config_map("1"), body_of("ConfigMap", "x", "going")]
    with context_for(tmp_path, backup_of(*bodies), ScriptedClient(SHOP, going), check=check) as context:
        assert context.cluster.namespaces == {"shop": False, "going": True}


def test_where_namespaces_may_not_be_listed_the_needed_ones_are_asked_for(tmp_path: Path) -> None:
    answers = {"/api/v1/namespaces": Forbidden("no list", status=403)}
    other = live(body_of("Namespace", "other"))
    with context_for(tmp_path, backup_of(config_map("1")), ScriptedClient(SHOP, other, answers=answers)) as context:
        assert context.cluster.namespaces == {"shop": False}


# Who changed an object


@pytest.mark.parametrize(
    ("before", "there", "now", "changed_by"),
    [
        ("1", "1", "2", "production"),
        ("1", "2", "1", "standby"),
        ("1", "2", "3", "both"),
        ("1", "2", "2", ""),
        (None, "1", "2", ""),
    ],
    ids=["production", "standby", "both", "nobody: it is equal", "not known: the earlier one lacks it"],
)
def test_an_earlier_backup_tells_who_changed_an_object(
    tmp_path: Path, before: str | None, there: str, now: str, changed_by: str
) -> None:
    previous = backup_of(*([config_map(before)] if before else []))
    with context_for(tmp_path, backup_of(config_map(now)), ScriptedClient(SHOP), previous) as context:
        item = item_of(context, "ConfigMap")
        found = context.compare(item, live(config_map(there)), context.desired.body(item))
    assert (found.changed_by, found.equal) == (changed_by, there == now)


def test_without_an_earlier_backup_nobody_knows(tmp_path: Path) -> None:
    with context_for(tmp_path, backup_of(config_map("2")), ScriptedClient(SHOP)) as context:
        item = item_of(context, "ConfigMap")
        assert context.before is None
        assert context.compare(item, live(config_map("1")), context.desired.body(item)).changed_by == ""


# Replicas that an autoscaler says


@pytest.mark.parametrize(
    ("options", "in_backup", "on_target", "kept"),
    [
        ({"hpa_replicas": "keep"}, [SCALER], [], True),
        ({"hpa_replicas": "keep"}, [], [SCALER], True),
        ({"hpa_replicas": "keep"}, [], [], False),
        ({"hpa_replicas": "restore"}, [SCALER], [SCALER], False),
    ],
    ids=["the backup's", "the target's", "none", "not asked for"],
)
def test_replicas_that_an_autoscaler_scales_are_the_target_s_to_say(
    tmp_path: Path, options: dict[str, Any], in_backup: list[Body], on_target: list[Body], kept: bool
) -> None:
    scaled = live(WEB, spec={"replicas": 7, "paused": False})
    client = ScriptedClient(SHOP, scaled, *map(live, on_target), types=(*TYPES, SCALERS))
    backup = backup_of(WEB)
    for body in in_backup:
        backup.add("horizontalpodautoscalers.autoscaling", "shop", "web", body)
    with context_for(tmp_path, backup, client, **options) as context:
        item = item_of(context, "Deployment")
        assert context.compare(item, scaled, context.desired.body(item)).equal is kept


# Rules of different policies


def test_an_object_with_rules_of_different_policies_has_none(tmp_path: Path) -> None:
    rules = [
        {"policy": "none", "included_resources": ["cm"]},
        {"policy": "recreate", "included_namespaces": ["shop"]},
    ]
    options = {"existing_resource_policy": None, "existing_resource_policy_overrides": rules}
    with context_for(tmp_path, backup_of(config_map("1"), WEB), ScriptedClient(), **options) as context:
        assert {str(key): str(conflict) for key, conflict in context.conflicts.items()} == {
            "ConfigMap shop/app": "existing_resource_policy_overrides[0] (none) and"
            " existing_resource_policy_overrides[1] (recreate)"
        }
        assert context.decider.choices.of(ObjectKey("apps", "Deployment", "shop", "web")).policy.value == "recreate"
