# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that an operator or an autoscaler of the target writes: left alone, while all else is restored."""

from __future__ import annotations

import copy
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import scenes
from ansible_collections.standby.velero.plugins.module_utils._report.summary import changed, in_sync
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Outcome, Reason
from backups import Backup, complete
from controlplane import ControlPlane, objects_of, wait_for
from restoring import by_place, views
from scenes import (
    RESOURCES,
    Body,
    as_stored,
    backup_of,
    config_map,
    edit,
    live,
    only,
    put,
    version_of,
    watch,
)

run = partial(scenes.run, state_namespace="other-writers-state")
SEEN = "/metadata/annotations/example.org~1seen"

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: app, image: "registry.example/app:1"}
      - {name: log, image: "registry.example/log:1"}
"""

AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec:
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
"""

LIMITS = """
apiVersion: v1
kind: LimitRange
metadata: {name: limits, namespace: shop}
spec: {limits: [{type: Container, default: {cpu: 100m}, defaultRequest: {cpu: 10m}}]}
"""


@pytest.fixture(scope="module")
def target(shared_controlplane: ControlPlane) -> ControlPlane:
    return shared_controlplane


@pytest.fixture
def space(target: ControlPlane, request: pytest.FixtureRequest) -> str:
    """A namespace of the test's own."""
    name = f"s{zlib.crc32(request.node.name.encode()):08x}"
    target.apply(f"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}")
    return name


def body_of(text: str, namespace: str) -> Body:
    (body,) = objects_of(text.replace("namespace: shop", f"namespace: {namespace}"))
    return body


def deployment(target: ControlPlane, namespace: str) -> Body:
    """With its defaults, as backups have it."""
    return as_stored(target, body_of(DEPLOYMENT, namespace))


def with_autoscaler(path: Path, namespace: str, *bodies: Body) -> Path:
    """A backup of these objects and of the autoscaler."""
    backup = Backup().add("horizontalpodautoscalers.autoscaling", namespace, "web", body_of(AUTOSCALER, namespace))
    for body in bodies:
        backup.add(RESOURCES[body["kind"]], namespace, body["metadata"]["name"], body)
    return backup.write(path / "backup.tar.gz")


def pod(namespace: str, image: str) -> Body:
    return complete("pods", namespace, "app", {"spec": {"containers": [{"name": "app", "image": image}]}})


def as_admitted(target: ControlPlane, body: Body) -> Body:
    """As the target would store it; the default ServiceAccount may be a moment late."""
    status, answer = target.api("POST", target.path_of(body).rpartition("/")[0] + "?dryRun=All", body)
    return answer if status == 201 else {"spec": {"containers": [{"resources": {}}]}}


def annotated(body: Body, **annotations: str) -> Body:
    names = {f"example.org/{name}": value for name, value in annotations.items()}
    return {**body, "metadata": {**body["metadata"], "annotations": names}}


def stores_nothing(target: ControlPlane, backup: Path, *bodies: Body, **options: Any) -> None:
    """A second run of the same restore."""
    before = [version_of(live(target, body)) for body in bodies]
    again = run(watch(target.kubeconfig), backup, **options)
    assert not changed(again.done)
    assert in_sync(again.done, check_mode=False)
    assert [version_of(live(target, body)) for body in bodies] == before


# ignore_fields


def test_an_operator_s_fields_stay_and_the_others_are_restored(target, space, tmp_path):
    wanted = annotated(deployment(target, space), seen="in production", by="production")
    put(target, wanted)
    edit(target, wanted, {"spec": {"replicas": 7, "paused": True}})
    edit(target, wanted, {"metadata": {"annotations": {"example.org/seen": "here", "example.org/by": "the standby"}}})
    backup = backup_of(tmp_path, wanted)
    options = {"ignore_fields": {"deploy": ["/spec/replicas", SEEN]}}
    planned = run(watch(target.kubeconfig), backup, check=True, diff=True, **options)
    assert only(planned).outcome is Outcome.UPDATED
    assert not any(word in str(planned.diff) for word in ("replicas", "example.org/seen"))
    assert only(run(watch(target.kubeconfig), backup, **options)).outcome is Outcome.UPDATED
    stored = live(target, wanted)
    assert (stored["spec"]["replicas"], stored["spec"].get("paused")) == (7, None)
    assert stored["metadata"]["annotations"] == {"example.org/seen": "here", "example.org/by": "production"}
    stores_nothing(target, backup, wanted, **options)


def test_an_object_that_differs_in_such_fields_alone_is_equal(target, space, tmp_path):
    wanted = deployment(target, space)
    put(target, wanted)
    edit(target, wanted, {"spec": {"replicas": 7}})
    backup = backup_of(tmp_path, wanted)
    options = {"ignore_fields": {"deployments.apps": ["/spec/replicas"]}}
    for policy, outcome in (("none", Outcome.UNCHANGED), ("update", Outcome.RELABELLED)):
        restored = run(watch(target.kubeconfig), backup, existing_resource_policy=policy, **options)
        assert (only(restored).outcome, only(restored).warning) == (outcome, "")
        assert in_sync(restored.done, check_mode=False)
    assert live(target, wanted)["spec"]["replicas"] == 7


def test_a_field_that_the_target_lacks_stays_away_and_so_does_its_map(target, space, tmp_path):
    put(target, config_map("bare", {}, space), config_map("other", {"size": "1"}, space))
    bare, other = config_map("bare", {"region": "a"}, space), config_map("other", {"region": "a", "size": "2"}, space)
    backup = backup_of(tmp_path, bare, other)
    options = {"ignore_fields": {"configmaps": ["/data/region"]}}
    found = by_place(run(watch(target.kubeconfig), backup, **options))
    outcomes = [found["ConfigMap", space, name].outcome for name in ("bare", "other")]
    assert outcomes == [Outcome.RELABELLED, Outcome.UPDATED]
    assert "data" not in live(target, bare)
    assert live(target, other)["data"] == {"size": "2"}
    stores_nothing(target, backup, bare, other, **options)


def test_an_object_that_is_created_gets_the_backup_s_values(target, space, tmp_path):
    wanted = config_map("fresh", {"region": "a"}, space)
    backup = backup_of(tmp_path, wanted)
    options = {"ignore_fields": {"*": ["/data"]}}
    assert only(run(watch(target.kubeconfig), backup, **options)).outcome is Outcome.CREATED
    assert live(target, wanted)["data"] == {"region": "a"}
    stores_nothing(target, backup, wanted, **options)


def test_elements_of_lists_are_left_by_name_while_others_are_restored(target, space, tmp_path):
    wanted = deployment(target, space)
    here = copy.deepcopy(wanted)
    app, log = here["spec"]["template"]["spec"]["containers"]
    app["image"], log["image"] = "mirror.example/app:1", "mirror.example/log:1"
    proxy = {"name": "proxy", "image": "mirror.example/proxy:1"}
    here["spec"]["template"]["spec"]["containers"] = [proxy, app, log]
    put(target, here)
    containers = "/spec/template/spec/containers"
    options = {"ignore_fields": {"deployments.apps": [f"{containers}/name=proxy", f"{containers}/name=app/image"]}}
    backup = backup_of(tmp_path, wanted)
    assert only(run(watch(target.kubeconfig), backup, **options)).outcome is Outcome.UPDATED
    stored = live(target, wanted)["spec"]["template"]["spec"]["containers"]
    assert {container["name"]: container["image"] for container in stored} == {
        "proxy": "mirror.example/proxy:1",
        "app": "mirror.example/app:1",
        "log": "registry.example/log:1",
    }
    stores_nothing(target, backup, wanted, **options)


def test_secrets_and_what_is_merged_keep_them_too(target, space, tmp_path):
    secret = complete("secrets", space, "db", {"type": "Opaque", "data": {"password": "cA==", "user": "cA=="}})
    account = annotated(complete("serviceaccounts", space, "robot", {}), seen="production", by="production")
    namespace = annotated(complete("namespaces", "", space, {}), seen="production", by="production")
    put(target, {**secret, "data": {"password": "c3RhbmRieQ==", "user": "c3RhbmRieQ=="}})
    put(target, annotated(account))
    backup = backup_of(tmp_path, secret, account, namespace)
    options = {"ignore_fields": {"secrets": ["/data/password"], "sa": [SEEN], "ns": [SEEN]}}
    for _time in ("merged", "equal, and labelled as such"):
        run(watch(target.kubeconfig), backup, **options)
    assert live(target, secret)["data"] == {"password": "c3RhbmRieQ==", "user": "cA=="}
    for merged in (account, namespace):
        assert live(target, merged)["metadata"]["annotations"] == {"example.org/by": "production"}
    stores_nothing(target, backup, secret, account, namespace, **options)


def test_what_a_dry_run_proves_is_seen_without_them(target, space, tmp_path):
    """The LimitRange's defaults are in no backup, and a Pod's resources cannot be patched."""
    target.apply(f"{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: default, namespace: {space}}}}}")
    target.apply(LIMITS.replace("namespace: shop", f"namespace: {space}"))
    wanted, here = (pod(space, f"{registry}.example/app:1") for registry in ("registry", "mirror"))
    wait_for("the limits", lambda: "limits" in as_admitted(target, here)["spec"]["containers"][0]["resources"], 30)
    put(target, here)
    backup = backup_of(tmp_path, wanted)
    options = {"ignore_fields": {"pods": ["/spec/containers/name=app/image"]}, "label_unchanged": False}
    result = only(run(watch(target.kubeconfig), backup, **options))
    assert (result.outcome, result.reason) == (Outcome.UNCHANGED, Reason.EQUAL_AFTER_ADMISSION)
    stores_nothing(target, backup, wanted, **options)
    updated = only(run(watch(target.kubeconfig), backup))
    assert (updated.outcome, updated.reason) == (Outcome.UPDATED, None), "only the image is written"
    container = live(target, wanted)["spec"]["containers"][0]
    assert (container["image"], "limits" in container["resources"]) == ("registry.example/app:1", True)


def test_an_object_that_is_recreated_keeps_them(target, space, tmp_path):
    wanted = complete("configmaps", space, "frozen", {"data": {"region": "a", "size": "2"}})
    put(target, {**wanted, "data": {"region": "b", "size": "1"}, "immutable": True})
    options = {
        "ignore_fields": {"configmaps": ["/data/region"]},
        "existing_resource_policy": "recreate",
        "recreate_allow": ["configmaps"],
    }
    backup = backup_of(tmp_path, wanted)
    assert only(run(watch(target.kubeconfig), backup, **options)).outcome is Outcome.RECREATED
    assert live(target, wanted)["data"] == {"region": "b", "size": "2"}
    stores_nothing(target, backup, wanted, **options)


# hpa_replicas


@pytest.mark.parametrize("where", ["backup", "target"])
def test_what_an_autoscaler_scales_keeps_its_replicas(target, space, tmp_path, where):
    wanted = deployment(target, space)
    put(target, wanted)
    edit(target, wanted, {"spec": {"replicas": 7, "paused": True}})
    if where == "target":
        put(target, body_of(AUTOSCALER, space))
    backup = with_autoscaler(tmp_path, space, wanted) if where == "backup" else backup_of(tmp_path, wanted)
    run(watch(target.kubeconfig), backup, hpa_replicas="keep")
    stored = live(target, wanted)["spec"]
    assert (stored["replicas"], stored.get("paused")) == (7, None)
    run(watch(target.kubeconfig), backup)
    assert live(target, wanted)["spec"]["replicas"] == 2


def test_what_is_scaled_to_0_is_woken_all_the_same(target, space, tmp_path):
    wanted = deployment(target, space)
    put(target, wanted)
    edit(target, wanted, {"spec": {"replicas": 0}})
    run(watch(target.kubeconfig), with_autoscaler(tmp_path, space, wanted), hpa_replicas="keep")
    assert live(target, wanted)["spec"]["replicas"] == 2


def test_a_workload_without_an_autoscaler_gets_the_backup_s_replicas(target, space, tmp_path):
    wanted = deployment(target, space)
    other = as_stored(target, body_of(DEPLOYMENT.replace("name: web,", "name: api,"), space))
    put(target, wanted, other)
    for body in (wanted, other):
        edit(target, body, {"spec": {"replicas": 7}})
    run(watch(target.kubeconfig), with_autoscaler(tmp_path, space, wanted, other), hpa_replicas="keep")
    assert [live(target, body)["spec"]["replicas"] for body in (wanted, other)] == [7, 2]


def test_an_autoscaler_in_a_mapped_namespace_scales_what_is_in_it_there(target, space, tmp_path):
    wanted = deployment(target, space)
    put(target, wanted)
    edit(target, wanted, {"spec": {"replicas": 7}})
    there = {**wanted, "metadata": {**wanted["metadata"], "namespace": "production"}}
    backup = with_autoscaler(tmp_path, "production", there)
    run(watch(target.kubeconfig), backup, hpa_replicas="keep", namespace_mapping={"production": space})
    assert live(target, wanted)["spec"]["replicas"] == 7


# who changed it


VALUES = {"production": ("1", "2", "1"), "standby": ("1", "1", "3"), "both": ("1", "2", "3")}
"""Who -> a value in the previous backup, in this one and on the target."""


def test_with_the_previous_backup_it_says_who_changed_an_object(target, space, tmp_path):
    before, now, here = (
        [config_map(who, {"value": values[which]}, space) for who, values in VALUES.items()] for which in range(3)
    )
    put(target, *here)
    (tmp_path / "earlier").mkdir()
    previous, backup = backup_of(tmp_path / "earlier", *before), backup_of(tmp_path, *now)
    restored = run(watch(target.kubeconfig), backup, check=True, previous_backup_file=str(previous))
    assert {result.key.name: result.changed_by for result in views(restored)} == {who: who for who in VALUES}
