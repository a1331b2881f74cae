# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is selected, from the option to the target: selectors, short names, patterns, definitions, bad settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    BackupError,
    EmptySelectionError,
    SettingsError,
)
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup
from controlplane import ControlPlane, objects_of
from restoring import by_place, views
from scenes import WIDGET_DEFINITION, backup_of, live, remove, run, watch

OBJECTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web, tier: front}}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app, image: "app:1"}]}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: web, namespace: shop, labels: {app: web, tier: back}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: db, namespace: shop, labels: {app: db}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: bare, namespace: shop-2}}
---
{apiVersion: v1, kind: Pod, metadata: {name: lonely, namespace: shop}, spec: {containers: [{name: c, image: "c:1"}]}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}, rules: []}
"""
ALL = {"Deployment web", "ConfigMap web", "ConfigMap db", "ConfigMap bare", "Pod lonely", "ClusterRole reader"}

WIDGET = (
    WIDGET_DEFINITION
    + """---
{apiVersion: example.org/v1, kind: Widget, metadata: {name: gear, namespace: shop}, spec: {size: 3}}
"""
)


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    for name in ("shop", "shop-2"):
        controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
        controlplane.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {name}}}}}")
    return controlplane


def backup_with(path: Path, text: str) -> Path:
    return backup_of(path, *objects_of(text))


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, ALL),
        ({"label_selector": "app=web"}, {"Deployment web", "ConfigMap web"}),
        ({"label_selector": "app=web,tier in (back, other)"}, {"ConfigMap web"}),
        ({"label_selector": {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}},
         {"ConfigMap bare", "Pod lonely", "ClusterRole reader"}),
        ({"label_selector": "app!=web"}, {"ConfigMap db", "ConfigMap bare", "Pod lonely", "ClusterRole reader"}),
        ({"or_label_selectors": ["app=db", {"matchLabels": {"tier": "front"}}]}, {"Deployment web", "ConfigMap db"}),
        ({"label_selector": "", "or_label_selectors": []}, ALL),
        ({"included_resources": ["deploy"]}, {"Deployment web"}),
        ({"included_resources": ["po", "cm"]}, {"ConfigMap web", "ConfigMap db", "ConfigMap bare", "Pod lonely"}),
        ({"included_resources": ["pod", "Deployment"]}, {"Pod lonely", "Deployment web"}),
        ({"excluded_resources": ["cm", "clusterrole"]}, {"Deployment web", "Pod lonely"}),
        ({"included_resources": ["*.apps"]}, {"Deployment web"}),
        ({"included_resources": ["config*"]}, {"ConfigMap web", "ConfigMap db", "ConfigMap bare"}),
        ({"included_namespaces": ["shop-?"]}, {"ConfigMap bare"}),
        ({"included_namespaces": ["shop*"], "excluded_namespaces": ["*-2"]},
         {"Deployment web", "ConfigMap web", "ConfigMap db", "Pod lonely"}),
        ({"excluded_namespaces": ["shop"]}, {"ConfigMap bare"}),
        ({"include_cluster_resources": False}, ALL - {"ClusterRole reader"}),
        ({"included_namespaces": ["shop-2"], "include_cluster_resources": True},
         {"ConfigMap bare", "ClusterRole reader"}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)  # fmt: skip
def test_the_options_select(target, tmp_path, options, wanted):
    restored = run(watch(target.kubeconfig), backup_with(tmp_path, OBJECTS), check=True, **options)
    assert {f"{result.key.kind} {result.key.name}" for result in views(restored)} == wanted
    assert all("the target filled in" in text for text in restored.velero_warnings), "the objects are bare ones"


@pytest.mark.parametrize(
    "options", [{"included_namespaces": ["production-*"]}, {"included_resources": ["gadgets.example.org"]}], ids=str
)
def test_a_selection_of_nothing_fails_unless_nothing_may_be_meant(target, tmp_path, options):
    watched, backup = watch(target.kubeconfig), backup_with(tmp_path, OBJECTS)
    ((name,),) = options.values()
    with pytest.raises(EmptySelectionError, match=re.escape(name)):
        run(watched, backup, **options)
    restored = run(watched, backup, allow_empty=True, **options)
    assert views(restored) == []
    assert watched.writes == []
    (warning,) = restored.velero_warnings
    assert name in warning
    assert restored.warnings == restored.unmatched == (warning,)


# Definitions


def test_a_custom_resource_brings_its_definition_along(target, tmp_path):
    definition, widget = objects_of(WIDGET)
    options: dict[str, Any] = {"included_namespaces": ["shop"], "included_resources": ["widgets.example.org"]}
    backup = backup_with(tmp_path, WIDGET)
    restored = by_place(run(watch(target.kubeconfig), backup, **options))
    assert restored["CustomResourceDefinition", "", "widgets.example.org"].outcome is Outcome.CREATED
    assert restored["Widget", "shop", "gear"].outcome is Outcome.CREATED
    again = run(watch(target.kubeconfig), backup, **options)
    assert [(result.key.kind, result.outcome) for result in views(again)] == [("Widget", Outcome.UNCHANGED)]
    remove(target, widget)
    remove(target, definition)


@pytest.mark.parametrize(
    "options",
    [{"include_cluster_resources": False}, {"excluded_resources": ["customresourcedefinitions.apiextensions.k8s.io"]}],
    ids=str,
)
def test_without_leave_to_bring_the_definition_the_object_fails_and_names_it(target, tmp_path, options):
    definition, widget = objects_of(WIDGET.replace("example.org", "kept.example.org"))
    backup = Backup().add(
        "customresourcedefinitions.apiextensions.k8s.io", "", definition["metadata"]["name"], definition
    )
    backup = backup.add("widgets.kept.example.org", "shop", "gear", widget).write(tmp_path / "backup.tar.gz")
    (result,) = views(run(watch(target.kubeconfig), backup, **options))
    assert (result.key.kind, result.outcome, result.reason) == ("Widget", Outcome.FAILED, Reason.NOT_SERVED)
    assert "CustomResourceDefinition widgets.kept.example.org" in result.message
    assert live(target, definition) is None


# Settings that cannot be meant


WRONG: dict[str, Any] = {
    "included_resources": ["nodes"],
    "excluded_namespaces": ["*"],
    "label_selector": "app in (",
    "namespace_mapping": {"shop": "Not A Name"},
    "image_mapping": ["no-comma"],
    "hooks": [{"name": "hook", "postHooks": [{"exec": {"command": ["rm"]}}]}],
    "resource_modifiers": {"version": "v2", "resourceModifierRules": []},
    "terminating_timeout": -1,
    "concurrency": 0,
    "protect_except": ["a/b/c/d"],
}


@pytest.mark.parametrize("there", [True, False], ids=["the backup is there", "there is no backup file"])
def test_all_wrong_options_are_told_at_once_before_anything_is_read(target, tmp_path, there):
    backup = backup_with(tmp_path, OBJECTS) if there else tmp_path / "none.tar.gz"
    watched = watch(target.kubeconfig)
    with pytest.raises(SettingsError) as problem:
        run(watched, backup, **WRONG)
    told = problem.value.problems
    for word in ("non-restorable", "Invalid included/excluded namespace lists", "label_selector", "namespace_mapping",
                 "image_mapping", "hooks[0].postHooks[0].exec", "resource_modifiers", "terminating_timeout",
                 "concurrency", "protect_except"):  # fmt: skip
        assert any(word in one for one in told), (word, told)
    assert watched.requests == []


def test_a_backup_file_that_is_not_there_is_named_before_the_target_is_asked(target, tmp_path):
    watched = watch(target.kubeconfig)
    with pytest.raises(BackupError, match=r"none\.tar\.gz"):
        run(watched, tmp_path / "none.tar.gz")
    assert watched.requests == []


def test_a_contradiction_that_only_discovery_shows_is_told_before_anything_is_written(target, tmp_path):
    watched = watch(target.kubeconfig)
    with pytest.raises(SettingsError, match=r"deployments\.apps"):
        run(
            watched,
            backup_with(tmp_path, OBJECTS),
            included_resources=["deploy", "cm"],
            excluded_resources=["deployments.apps"],
        )
    assert watched.writes == []
