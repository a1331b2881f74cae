# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource modifiers, image mapping and init-container hooks, from the option to what the target stores."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from controlplane import ControlPlane, objects_of
from restoring import by_place, run_restore, views
from scenes import WIDGET_DEFINITION, Body, as_stored, backup_of, config_map, live, put, run, settled, versions, watch

SLEEP = Path(__file__).parents[2] / "docs" / "modifiers-sleep.yml"

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "registry.example/app:1"}
      - {name: proxy, image: "registry.example/proxy:1"}
"""

WIDGETS = (
    WIDGET_DEFINITION
    + """---
apiVersion: example.org/v1
kind: Widget
metadata: {name: gear, namespace: shop}
spec: {size: 3}
"""
)


@pytest.fixture(scope="module")
def target(controlplane: ControlPlane) -> ControlPlane:
    return controlplane


@pytest.fixture
def space(target: ControlPlane, request: pytest.FixtureRequest) -> str:
    """A namespace of the test's own."""
    name = f"s{zlib.crc32(request.node.name.encode()):08x}"
    target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
    return name


def bodies(text: str, namespace: str) -> list[Body]:
    return list(objects_of(text.replace("namespace: shop", f"namespace: {namespace}")))


def rules(*entries: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Modifiers of rules, each for one resource."""
    return {
        "version": "v1",
        "resourceModifierRules": [{"conditions": {"groupResource": name}, **patch} for name, patch in entries],
    }


MERGE = {"mergePatches": [{"patchData": "{spec: {replicas: 0}, metadata: {annotations: {by: merge}}}"}]}
JSON = {
    "patches": [
        {"operation": "test", "path": "/spec/replicas", "value": "3"},
        {"operation": "replace", "path": "/spec/replicas", "value": "0"},
        {"operation": "add", "path": "/metadata/annotations", "value": '{"by": "json"}'},
    ]
}
STRATEGIC = {
    "strategicPatches": [
        {"patchData": "{spec: {template: {spec: {containers: [{name: proxy, image: 'mirror.example/proxy:1'}]}}}}"}
    ]
}


@pytest.mark.parametrize(
    ("patch", "replicas", "images"),
    [
        pytest.param(MERGE, 0, {"app": "registry.example/app:1", "proxy": "registry.example/proxy:1"}, id="merge"),
        pytest.param(JSON, 0, {"app": "registry.example/app:1", "proxy": "registry.example/proxy:1"}, id="json"),
        pytest.param(
            STRATEGIC, 3, {"app": "registry.example/app:1", "proxy": "mirror.example/proxy:1"}, id="strategic"
        ),
    ],
)
def test_a_patch_of_each_kind_is_what_the_target_gets_and_a_second_run_changes_nothing(
    target, space, tmp_path, patch, replicas, images
):
    body = as_stored(target, *bodies(DEPLOYMENT, space))
    backup = backup_of(tmp_path, body)
    option = rules(("deployments.apps", patch))
    first = run(watch(target.kubeconfig), backup, resource_modifiers=option)
    assert [result.outcome for result in views(first)] == [Outcome.CREATED]
    stored = live(target, body)
    assert stored["spec"]["replicas"] == replicas
    containers = stored["spec"]["template"]["spec"]["containers"]
    assert {one["name"]: one["image"] for one in containers} == images
    again = watch(target.kubeconfig)
    second = run(again, backup, resource_modifiers=option)
    assert not changed(second.done)
    assert in_sync(second.done, False)
    assert again.writes == []


def test_schemas_are_read_only_when_a_rule_asks_for_a_strategic_patch(target, space, tmp_path):
    backup = backup_of(tmp_path, *bodies(DEPLOYMENT, space))
    plain, strategic = watch(target.kubeconfig), watch(target.kubeconfig)
    run(plain, backup, check=True, resource_modifiers=rules(("deployments.apps", MERGE)))
    run(strategic, backup, check=True, resource_modifiers=rules(("deployments.apps", STRATEGIC)))
    assert [path for path in plain.reads if path.startswith("/openapi")] == []
    assert [path for path in strategic.reads if path.startswith("/openapi")] != []


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_an_object_on_which_a_rule_fails_is_not_restored_and_the_rule_is_named(target, space, tmp_path, check, there):
    broken, fine = config_map("broken", {"a": "secret-of-a"}, space), config_map("fine", {"a": "1"}, space)
    if there:
        put(target, config_map("broken", {"a": "older"}, space))
    option = rules(
        ("secrets", {"mergePatches": [{"patchData": "{data: null}"}]}),
        ("configmaps", {"patches": [{"operation": "remove", "path": "/data/none"}]}),
    )
    option["resourceModifierRules"][1]["conditions"]["resourceNameRegex"] = "^broken$"
    watched = watch(target.kubeconfig)
    restored = by_place(run(watched, backup_of(tmp_path, broken, fine), check=check, resource_modifiers=option))
    result = restored["ConfigMap", space, "broken"]
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.MODIFIER_FAILED)
    assert "resourceModifierRules[1]" in result.message
    assert "secret-of-a" not in result.message + result.error + result.warning
    assert restored["ConfigMap", space, "fine"].outcome is Outcome.CREATED
    assert not [path for _method, path in watched.writes if "broken" in path]
    assert (live(target, broken) or {}).get("data") == ({"a": "older"} if there else None)


def test_a_strategic_patch_of_a_custom_resource_is_refused_and_others_are_restored(target, space, tmp_path):
    definition, widget = bodies(WIDGETS, space)
    patch = {"strategicPatches": [{"patchData": "{spec: {size: 1}}"}]}
    backup = backup_of(tmp_path, definition, widget, config_map("fine", {}, space))
    restored = by_place(run(watch(target.kubeconfig), backup, resource_modifiers=rules(("widgets.example.org", patch))))
    result = restored["Widget", space, "gear"]
    assert (result.outcome, result.reason) == (Outcome.FAILED, Reason.MODIFIER_FAILED)
    assert "resourceModifierRules[0]" in result.message
    assert restored["ConfigMap", space, "fine"].outcome is Outcome.CREATED
    merged = {"mergePatches": patch["strategicPatches"]}
    restored = by_place(
        run(watch(target.kubeconfig), backup, resource_modifiers=rules(("widgets.example.org", merged)))
    )
    assert restored["Widget", space, "gear"].outcome is Outcome.CREATED
    assert live(target, widget)["spec"] == {"size": 1}


def test_modifiers_ask_for_the_namespace_in_the_backup_and_the_target_s_gets_the_change(target, space, tmp_path):
    option = rules(("configmaps", {"mergePatches": [{"patchData": "{data: {a: changed}}"}]}))
    option["resourceModifierRules"][0]["conditions"]["namespaces"] = ["shop"]
    backup = backup_of(tmp_path, config_map("app", {"a": "1"}))
    run(watch(target.kubeconfig), backup, resource_modifiers=option, namespace_mapping={"shop": space})
    assert live(target, config_map("app", {}, space))["data"] == {"a": "changed"}


def test_images_are_mapped_in_pod_templates_and_a_second_run_changes_nothing(target, space, tmp_path):
    body = as_stored(target, *bodies(DEPLOYMENT, space))
    backup = backup_of(tmp_path, body)
    option = {"image_mapping": ["registry.example/,mirror.example/"]}
    run(watch(target.kubeconfig), backup, **option)
    containers = live(target, body)["spec"]["template"]["spec"]["containers"]
    assert [one["image"] for one in containers] == ["mirror.example/app:1", "mirror.example/proxy:1"]
    again = watch(target.kubeconfig)
    assert not changed(run(again, backup, **option).done)
    assert again.writes == []


# Hooks

POD = """
apiVersion: v1
kind: Pod
metadata: {name: lonely, namespace: shop, labels: {app: web}}
spec:
  initContainers: [{name: own, image: "own:1"}]
  containers: [{name: app, image: "app:1"}]
"""
HOOKS = [
    {
        "name": "wait",
        "labelSelector": {"matchLabels": {"app": "web"}},
        "postHooks": [{"init": {"initContainers": [{"name": "wait", "image": "wait:1", "command": ["sleep", "1"]}]}}],
    }
]
ANNOTATIONS = {
    "init.hook.restore.velero.io/container-image": "note:1",
    "init.hook.restore.velero.io/container-name": "noted",
    "init.hook.restore.velero.io/command": '["sleep", "2"]',
}
UNNAMED = {name: value for name, value in ANNOTATIONS.items() if not name.endswith("-name")}


@pytest.mark.parametrize(
    ("annotations", "hooks", "first"),
    [
        pytest.param({}, HOOKS, "wait", id="option"),
        pytest.param(ANNOTATIONS, HOOKS, "noted", id="the annotations replace the option's"),
        pytest.param(UNNAMED, [], "velero-restore-init-", id="without a name"),
    ],
)
def test_a_pod_gets_its_init_containers_first_and_a_second_run_changes_nothing(
    target, space, tmp_path, annotations, hooks, first
):
    target.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {space}}}}}")
    (pod,) = bodies(POD, space)
    pod["metadata"]["annotations"] = annotations
    backup = backup_of(tmp_path, as_stored(target, pod))
    made = run(watch(target.kubeconfig), backup, hooks=hooks)
    assert [result.outcome for result in views(made)] == [Outcome.CREATED], views(made)
    names = [one["name"] for one in live(target, pod)["spec"]["initContainers"]]
    assert names[0].startswith(first)
    assert names[1:] == ["own"]
    again = watch(target.kubeconfig)
    second = run(again, backup, hooks=hooks)
    assert not changed(second.done), views(second)
    assert in_sync(second.done, False)


# A standby that sleeps


def test_a_standby_sleeps_stays_asleep_wakes_and_stays_awake_while_its_controllers_run():
    awake: dict[str, Any] = {"existing_resource_policy": "update"}
    asleep = {**awake, "resource_modifiers": SLEEP.read_text()}
    with ControlPlane(controller_manager=True) as target:
        for options, replicas, others in ((asleep, 0, 0), (awake, 3, 4)):
            restored = run_restore(target.kubeconfig, **options)
            assert failures(restored) == []
            before = settled(target, quiet=2)
            assert live(target, *bodies(DEPLOYMENT, "shop"))["spec"]["replicas"] == replicas
            pods = target.api("GET", "/api/v1/namespaces/shop/pods")[1]["items"]
            assert len([pod for pod in pods if pod["metadata"]["name"] != "lonely"]) == others
            assert all("schedulingGates" in pod["spec"] for pod in pods) is (options is asleep)
            again = run_restore(target.kubeconfig, **options)
            assert (changed(again.done), in_sync(again.done, False)) == (False, True), failures(again)
            assert versions(target) == before


JOBS = """
apiVersion: batch/v1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "0 * * * *"
  suspend: false
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: app, image: "app:1"}]}}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: shop}
spec:
  suspend: false
  template: {spec: {restartPolicy: Never, containers: [{name: app, image: "app:1"}]}}
"""


def test_what_is_due_in_production_does_not_fire_on_a_standby_that_sleeps(target, space, tmp_path):
    target.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {space}}}}}")
    lonely = as_stored(target, *bodies(POD, space))
    due = [as_stored(target, body) for body in bodies(JOBS, space)]
    backup = backup_of(tmp_path, *due, lonely)
    for option, suspend in ((SLEEP.read_text(), True), (None, False)):
        done = run(watch(target.kubeconfig), backup, resource_modifiers=option)
        assert failures(done) == []
        assert [live(target, body)["spec"]["suspend"] for body in due] == [suspend, suspend]
        assert bool(live(target, lonely)["spec"].get("schedulingGates")) is suspend
        again = watch(target.kubeconfig)
        assert not changed(run(again, backup, resource_modifiers=option).done)
        assert again.writes == []


def failures(restored: Any) -> list[str]:
    return [result.message for result in views(restored) if result.outcome is Outcome.FAILED]
