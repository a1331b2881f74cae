# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version skew: what the backup has and what the target serves are not the same versions of a type."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import scenes
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup, complete
from controlplane import ControlPlane
from restoring import by_place, views
from scenes import Body, live, only, watch

NAMESPACE = "versions"
config_map = partial(scenes.config_map, namespace=NAMESPACE)
run = partial(scenes.run, state_namespace="versions-state")
SIZE = {"type": "object", "properties": {"size": {"type": "integer"}}}
LOOSE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def definition(group: str, *served: str, spec: Body | None = None) -> Body:
    """A CRD that serves these versions and stores the first."""
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec or LOOSE}}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"widgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "widgets", "singular": "widget", "kind": "Widget"},
            "versions": [
                {"name": name, "served": True, "storage": name == served[0], "schema": schema} for name in served
            ],
        },
    }


def widget(group: str, version: str, name: str = "gear", **spec: Any) -> Body:
    body = {"apiVersion": f"{group}/{version}", "kind": "Widget", "spec": spec or {"size": 3}}
    return complete(f"widgets.{group}", NAMESPACE, name, body)


@pytest.fixture(scope="module")
def target(shared_controlplane: ControlPlane) -> ControlPlane:
    shared_controlplane.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {NAMESPACE}}}}}")
    return shared_controlplane


def serve(target: ControlPlane, definition: Body) -> None:
    """Creates a definition and waits until discovery tells it."""
    status, answer = target.api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    assert status == 201, answer
    group = definition["spec"]["group"]
    metadata = f"{{name: probe, namespace: {NAMESPACE}}}"
    for version in definition["spec"]["versions"]:
        target.apply(f"{{apiVersion: {group}/{version['name']}, kind: Widget, metadata: {metadata}}}")


def backup(path: Path, group: str, default: str, *others: str, names: tuple[str, ...] = ("gear",)) -> Path:
    """Widgets at their default version, and copies of them at others."""
    made = Backup()
    for name in names:
        made.add(f"widgets.{group}", NAMESPACE, name, widget(group, default, name))
        for version in others:
            made.add_version(f"widgets.{group}", version, NAMESPACE, name, widget(group, version, name, size=4))
    return made.write(path / "backup.tar.gz")


def test_a_copy_at_a_version_that_the_target_serves_is_used(target, tmp_path):
    serve(target, definition("other.example.org", "v1"))
    file = backup(tmp_path, "other.example.org", "v2", "v1", "v3")
    result = only(run(watch(target.kubeconfig), file))
    assert (result.outcome, result.version) == (Outcome.CREATED, "v1")
    assert live(target, widget("other.example.org", "v1"))["spec"] == {"size": 4}
    again = run(watch(target.kubeconfig), file)
    assert not changed(again.done)
    assert in_sync(again.done, False)


def test_the_default_copy_is_used_when_its_version_is_served(target, tmp_path):
    serve(target, definition("both.example.org", "v1", "v2"))
    result = only(run(watch(target.kubeconfig), backup(tmp_path, "both.example.org", "v2", "v1")))
    assert (result.outcome, result.version) == (Outcome.CREATED, "v2")
    assert live(target, widget("both.example.org", "v2"))["spec"] == {"size": 3}


def test_without_such_a_copy_the_type_fails_and_both_sides_are_named(target, tmp_path):
    serve(target, definition("newer.example.org", "v3", "v4"))
    file = backup(tmp_path, "newer.example.org", "v1", "v2", names=("gear", "wheel"))
    watched = watch(target.kubeconfig)
    results = views(run(watched, file))
    assert [(result.outcome, result.reason) for result in results] == [(Outcome.FAILED, Reason.NOT_SERVED)] * 2
    for result in results:
        assert "the backup has widgets.newer.example.org at version v1" in result.message
        assert "serves v4, v3" in result.message or "serves v3, v4" in result.message
    assert watched.writes == []


def test_copies_follow_the_namespace_mapping(target, tmp_path):
    serve(target, definition("mapped.example.org", "v1"))
    file = backup(tmp_path, "mapped.example.org", "v2", "v1")
    restored = by_place(run(watch(target.kubeconfig), file, namespace_mapping={NAMESPACE: f"{NAMESPACE}-dr"}))
    result = restored["Widget", f"{NAMESPACE}-dr", "gear"]
    assert (result.outcome, result.version) == (Outcome.CREATED, "v1"), result


# Fields that the target does not know


def test_fields_that_the_target_drops_are_told_once_a_type(target, tmp_path):
    serve(target, definition("strict.example.org", "v1", spec=SIZE))
    made = Backup()
    for number in range(5):
        body = widget("strict.example.org", "v1", f"gear-{number}", size=3, colour="canary-red")
        made.add("widgets.strict.example.org", NAMESPACE, f"gear-{number}", body)
    made.add("configmaps", NAMESPACE, "fine", config_map("fine", {}))
    file = made.write(tmp_path / "backup.tar.gz")
    restored = run(watch(target.kubeconfig), file)
    assert {result.outcome for result in views(restored)} == {Outcome.CREATED}
    (warning,) = restored.velero_warnings
    assert "widgets.strict.example.org" in warning
    assert "spec.colour" in warning
    assert "canary-red" not in warning
    assert not [result for result in views(restored) if result.warning]
    again = run(watch(target.kubeconfig), file)
    assert not changed(again.done), views(again)
    assert in_sync(again.done, False)
