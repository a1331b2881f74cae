# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`hpa_replicas: keep`: what is a scale target, and whose its replicas are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.admitted import admitted
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.replicas import KEPT, scale_targets
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey

GOLDEN = Path(__file__).parents[4] / "golden"
DEPLOYMENTS = "deployments.apps"


def scaler(reference: Any, namespace: Any = "shop") -> Any:
    return {"metadata": {"namespace": namespace}, "spec": {"scaleTargetRef": reference}}


def reference(version: Any, kind: Any = "Deployment", name: Any = "web") -> Any:
    return {"apiVersion": version, "kind": kind, "name": name}


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (scaler(reference("apps/v1")), ("apps", "Deployment", "shop", "web")),
        (scaler(reference("apps/v1beta2", "StatefulSet", "db")), ("apps", "StatefulSet", "shop", "db")),
        (scaler(reference("v1", "ReplicationController")), ("", "ReplicationController", "shop", "web")),
        (scaler({"kind": "ReplicationController", "name": "web"}), ("", "ReplicationController", "shop", "web")),
        (scaler(reference("example.org/v1alpha1", "Pool")), ("example.org", "Pool", "shop", "web")),
    ],
)
def test_a_scale_target_is_known_by_group_kind_namespace_and_name(body: Any, key: Any) -> None:
    assert scale_targets([body, body]) == {ObjectKey(*key)}


@pytest.mark.parametrize(
    "body",
    [
        {},
        None,
        [],
        {"spec": 1},
        {"spec": {"scaleTargetRef": []}},
        {"metadata": 1, "spec": {"scaleTargetRef": reference("apps/v1")}},
        scaler(None),
        scaler(reference("apps/v1", name=None)),
        scaler(reference("apps/v1", kind=["Deployment"])),
        scaler(reference("apps/v1", name="")),
        scaler(reference("a/b/c")),
        scaler(reference("apps/v1"), namespace=None),
        scaler(reference("apps/v1"), namespace=7),
    ],
)
def test_a_malformed_autoscaler_scales_nothing(body: Any) -> None:
    good = scaler(reference("apps/v1"))
    assert scale_targets([body, good]) == {ObjectKey("apps", "Deployment", "shop", "web")}


def test_the_recorded_autoscaler_scales_the_web_shop() -> None:
    bodies = json.loads((GOLDEN / "filter-select" / "after.json").read_text()).values()
    scalers = [body for body in bodies if body["kind"] == "HorizontalPodAutoscaler"]
    assert scale_targets(scalers) == {ObjectKey("apps", "Deployment", "shop", "web")}


def spec(replicas: Any, **more: Any) -> Any:
    return {"spec": {**({} if replicas is None else {"replicas": replicas}), **more}}


@pytest.mark.parametrize(
    ("live", "desired", "patch"),
    [
        (5, 2, {}),
        (1, 0, {}),  # the autoscaler's, although production is scaled to none
        (5, None, {}),
        (None, 2, {}),
        (0, 2, {"spec": {"replicas": 2}}),  # no autoscaler would wake it
        (0, None, {"spec": {"replicas": None}}),  # which is 1
        (0, 0, {}),
    ],
)
def test_replicas_are_the_target_s_unless_they_are_0_there_and_not_in_the_backup(
    live: Any, desired: Any, patch: Any
) -> None:
    assert compare(DEPLOYMENTS, spec(live), spec(desired), KEPT).patch == patch


def test_what_else_differs_is_written() -> None:
    assert compare(DEPLOYMENTS, spec(5, paused=True), spec(2, paused=False), KEPT).patch == spec(None, paused=False)


@pytest.mark.parametrize("malformed", ["0", False, [], {}])
def test_malformed_replicas_are_no_0(malformed: Any) -> None:
    assert compare(DEPLOYMENTS, spec(malformed), spec(2), KEPT).patch == {}
    assert compare(DEPLOYMENTS, spec(0), spec(malformed), KEPT).patch == spec(malformed)
    assert compare(DEPLOYMENTS, {"spec": 0}, spec(2), KEPT).patch is not None


@pytest.mark.parametrize(("live", "left"), [(5, {}), (0, spec(2))])
def test_a_dry_run_shows_what_it_shows_whatever_the_replicas(live: int, left: Any) -> None:
    comparison = compare(DEPLOYMENTS, spec(live, defaulted=1), spec(2), KEPT)
    assert admitted(DEPLOYMENTS, comparison, spec(2), spec(2, defaulted=1), KEPT).patch == left
