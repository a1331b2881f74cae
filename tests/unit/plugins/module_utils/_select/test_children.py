# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Children that their owner knows by UID are told from those that it takes for its own by their labels."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._select.children import is_made_for_pod, is_unadopted
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

CLAIMS, RESOURCE_CLAIMS = "persistentvolumeclaims", "resourceclaims.resource.k8s.io"
POD = {
    "metadata": {"name": "scratch"},
    "spec": {
        "volumes": [
            {"name": "tmp", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}},
            {"name": "data", "persistentVolumeClaim": {"claimName": "scratch-data"}},
        ]
    },
}


def item(resource: str, name: str = "a") -> BackupItem:
    return BackupItem(ObjectKey("", "Any", "shop", name), resource, "v1")


def owned_by(kind: str = "Pod", name: str = "scratch", version: str = "v1", controller: object = True) -> dict:
    owner = {"apiVersion": version, "kind": kind, "name": name, "uid": "u", "controller": controller}
    return {"metadata": {"ownerReferences": [{"kind": "Pod", "uid": "other"}, owner]}}


@pytest.mark.parametrize(
    ("child", "owner", "unadopted"),
    [
        ("pods", "jobs.batch", True),
        ("jobs.batch", "cronjobs.batch", True),
        ("pods", "cronjobs.batch", False),
        ("pods", "replicasets.apps", False),
        ("pods", "jobs.example.org", False),
        ("replicasets.apps", "deployments.apps", False),
        ("configmaps", "jobs.batch", False),
        ("jobs.batch", "jobs.batch", False),
    ],
)
def test_jobs_and_cronjobs_adopt_nothing(child, owner, unadopted):
    assert is_unadopted(item(child), item(owner)) is unadopted


@pytest.mark.parametrize(
    ("found", "body", "made"),
    [
        (item(CLAIMS, "scratch-tmp"), owned_by(), True),
        (item(CLAIMS, "scratch-data"), owned_by(), False),
        (item(CLAIMS, "scratch-other"), owned_by(), False),
        (item(CLAIMS, "scratch-tmp"), owned_by("StatefulSet", version="apps/v1"), False),
        (item(CLAIMS, "scratch-tmp"), owned_by(version="example.org/v1"), False),
        (item(CLAIMS, "scratch-tmp"), owned_by(controller=False), False),
        (item(CLAIMS, "scratch-tmp"), {}, False),
        (item(CLAIMS, "scratch-tmp"), {"metadata": {"ownerReferences": "odd"}}, False),
        (item(RESOURCE_CLAIMS, "scratch-gpu-x7k2p"), owned_by(), True),
        (item(RESOURCE_CLAIMS, "shared"), {}, False),
        (item("configmaps", "scratch-tmp"), owned_by(), False),
    ],
)
def test_what_a_controller_makes_for_a_pod_of_the_backup(found, body, made):
    assert is_made_for_pod(found, body, POD) is made


@pytest.mark.parametrize(
    ("name", "made"), [("scratch-tmp", True), ("data-scratch", False), ("scratch", False), ("scratchtmp", False)]
)
def test_without_its_pod_the_name_of_a_claim_tells(name, made):
    """A StatefulSet lets a Pod that goes own `data-web-0`."""
    assert is_made_for_pod(item(CLAIMS, name), owned_by(), None) is made


@pytest.mark.parametrize("spec", [None, "odd", {"volumes": "odd"}, {"volumes": [None, {"ephemeral": "odd"}]}])
def test_a_malformed_pod_has_no_claims(spec):
    assert is_made_for_pod(item(CLAIMS, "scratch-tmp"), owned_by(), {"metadata": {}, "spec": spec}) is False
