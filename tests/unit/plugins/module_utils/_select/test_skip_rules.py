# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Velero leaves out, and what controllers make."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.skip_rules import (
    is_completed,
    is_controller_made,
    left_out,
    selects_pods,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey, VolumeData
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Reason


def item(resource: str, namespace: str = "shop", name: str = "web") -> BackupItem:
    return BackupItem(ObjectKey("", "Any", namespace, name), resource, "v1")


@pytest.mark.parametrize(
    ("resource", "status", "completed"),
    [
        ("pods", {"phase": "Succeeded"}, True),
        ("pods", {"phase": "Failed"}, True),
        ("pods", {"phase": "Running"}, False),
        ("pods", {"phase": ["Failed"]}, False),
        ("pods", None, False),
        ("jobs.batch", {"completionTime": "2026-11-24T02:10:15Z"}, True),
        ("jobs.batch", {"completionTime": ""}, False),
        ("jobs.batch", {"conditions": []}, False),
        ("jobs.example.org", {"completionTime": "2026-11-24T02:10:15Z"}, False),
    ],
)
def test_pods_and_jobs_that_have_done_their_work_are_completed(resource, status, completed):
    assert is_completed(item(resource), {"status": status}) is completed


MIRROR = {"metadata": {"annotations": {"kubernetes.io/config.mirror": "hash"}}}
AUTOMANAGED = {"metadata": {"labels": {"kube-aggregator.kubernetes.io/automanaged": "true"}}}


@pytest.mark.parametrize(
    ("resource", "body", "reason"),
    [
        ("pods", MIRROR, Reason.MIRROR_POD),
        ("pods", {"metadata": {"annotations": {"kubernetes.io/config.mirror": ""}}}, None),
        ("configmaps", MIRROR, None),
        ("persistentvolumes", {"spec": {"persistentVolumeReclaimPolicy": "Delete"}}, Reason.DYNAMICALLY_PROVISIONED),
        ("persistentvolumes", {"spec": {"persistentVolumeReclaimPolicy": "Retain"}}, None),
        ("persistentvolumes", {"spec": "Delete"}, None),
        ("apiservices.apiregistration.k8s.io", AUTOMANAGED, Reason.PROTECTED),
        ("apiservices.apiregistration.k8s.io", {}, None),
    ],
)
def test_velero_skips(resource, body, reason):
    assert left_out(item(resource), body, {}) is reason


@pytest.mark.parametrize(
    ("data", "retain", "delete"),
    [
        (VolumeData.FILE_SYSTEM_BACKUP, Reason.DYNAMICALLY_PROVISIONED, Reason.DYNAMICALLY_PROVISIONED),
        (VolumeData.CSI_SNAPSHOT, Reason.DYNAMICALLY_PROVISIONED, Reason.DYNAMICALLY_PROVISIONED),
        (VolumeData.DATA_UPLOAD, Reason.DYNAMICALLY_PROVISIONED, Reason.DYNAMICALLY_PROVISIONED),
        (VolumeData.NATIVE_SNAPSHOT, None, Reason.DYNAMICALLY_PROVISIONED),
        (VolumeData.SKIPPED, None, Reason.DYNAMICALLY_PROVISIONED),
        (None, None, Reason.DYNAMICALLY_PROVISIONED),
    ],
)
def test_a_volume_whose_data_velero_would_fill_in_is_provisioned_anew_whatever_becomes_of_the_old_one(
    data, retain, delete
):
    volumes = {} if data is None else {"web": data}
    for policy, reason in (("Retain", retain), ("Delete", delete)):
        body = {"spec": {"persistentVolumeReclaimPolicy": policy}}
        assert left_out(item("persistentvolumes"), body, volumes) is reason
        assert left_out(item("persistentvolumeclaims"), body, volumes) is None


@pytest.mark.parametrize(
    ("spec", "selects"),
    [
        ({"selector": {"app": "web"}}, True),
        ({"selector": {}}, False),
        ({"selector": "app"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_service_with_a_selector_selects_pods(spec, selects):
    assert selects_pods({"spec": spec}) is selects


def labelled(name: object) -> dict[str, object]:
    return {"metadata": {"labels": {"kubernetes.io/service-name": name}}}


def managed(controller: str) -> dict[str, object]:
    name = {"kubernetes.io/service-name": "manual"}
    return {"metadata": {"labels": {**name, "endpointslice.kubernetes.io/managed-by": f"{controller}.k8s.io"}}}


@pytest.mark.parametrize(
    ("found", "body", "made"),
    [
        (item("endpoints"), {}, True),
        (item("endpoints", name="manual"), {}, False),
        (item("endpoints", namespace="billing"), {}, False),
        (item("endpointslices.discovery.k8s.io", name="web-abc"), labelled("web"), True),
        (item("endpointslices.discovery.k8s.io", name="web-abc"), labelled("manual"), False),
        (item("endpointslices.discovery.k8s.io", name="web"), {}, False),
        (item("endpointslices.discovery.k8s.io", name="manual-x"), managed("endpointslicemirroring-controller"), True),
        (item("endpointslices.discovery.k8s.io", name="gone-x"), managed("endpointslice-controller"), True),
        (item("endpointslices.discovery.k8s.io", name="manual"), managed("mesh"), False),
        (item("endpoints", name="manual"), managed("endpointslicemirroring-controller"), False),
        (item("endpointslices.discovery.k8s.io", name="web"), labelled(["web"]), False),
        (item("ipaddresses.networking.k8s.io", namespace="", name="10.0.0.1"), {}, True),
        (item("services"), {}, False),
    ],
)
def test_a_controller_makes_what_follows_a_selecting_service(found, body, made):
    assert is_controller_made(found, body, {("shop", "web")}) is made
