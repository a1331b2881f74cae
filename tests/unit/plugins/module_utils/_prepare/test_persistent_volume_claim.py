# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PersistentVolumeClaims are bound anew, some to a volume that is made anew."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.persistent_volume_claim import (
    rewrite,
    sources_of,
    without_source,
)
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey


@pytest.mark.parametrize(
    "annotation",
    [
        "pv.kubernetes.io/bind-completed",
        "pv.kubernetes.io/bound-by-controller",
        "velero.io/data-upload-name",
        "velero.io/volume-snapshot-name",
        "volume.beta.kubernetes.io/storage-provisioner",
        "volume.kubernetes.io/selected-node",
        "volume.kubernetes.io/storage-provisioner",
    ],
)
def test_an_annotation_of_the_source_clusters_controllers_goes(annotation):
    body = {"metadata": {"annotations": {annotation: "x", "mine": "y"}}}
    assert rewrite(body, PrepareContext()) == {"metadata": {"annotations": {"mine": "y"}}}


@pytest.mark.parametrize(("provisioned", "stays"), [((), True), (("other",), True), (("pv-ledger",), False)])
def test_the_recorded_claim_names_its_volume_unless_that_is_provisioned_anew(provisioned, stays):
    body = recorded.body("persistentvolumeclaims", "billing", "ledger")
    assert ("volumeName" in rewrite(body, PrepareContext(frozenset(provisioned)))["spec"]) is stays


@pytest.mark.parametrize(
    ("mapping", "restored", "stays"),
    [
        ({}, (), True),
        ({"other": "copy"}, (), True),
        ({"billing": "copy"}, ("pv-ledger",), True),
        ({"billing": "copy"}, (), False),
        ({"original": "billing"}, (), False),
    ],
)
def test_a_claim_of_another_namespace_s_names_no_volume_that_stays_behind(mapping, restored, stays):
    """As the claim is in the backup, and as it is once it was brought to its namespace."""
    body = recorded.body("persistentvolumeclaims", "billing", "ledger")
    context = PrepareContext(namespace_mapping=mapping, restored_volumes=frozenset(restored))
    assert ("volumeName" in rewrite(body, context)["spec"]) is stays


@pytest.mark.parametrize("spec", [None, "x", [], {"volumeName": None}, {"volumeName": ["pv-ledger"]}])
def test_a_malformed_spec_is_left_to_the_server(spec):
    assert rewrite({"spec": spec}, PrepareContext(frozenset(("pv-ledger",)))) == {"spec": spec}


SNAPSHOT = {"apiGroup": "snapshot.storage.k8s.io", "kind": "VolumeSnapshot", "name": "s"}
KEY = ObjectKey("snapshot.storage.k8s.io", "VolumeSnapshot", "billing", "s")


@pytest.mark.parametrize("source", [{"dataSource": SNAPSHOT}, {"dataSource": SNAPSHOT, "dataSourceRef": SNAPSHOT}, {}])
def test_a_claim_without_its_source_has_all_else(source):
    body = {"metadata": {"name": "a"}, "spec": {"storageClassName": "x", **source}}
    assert without_source(body) == {"metadata": {"name": "a"}, "spec": {"storageClassName": "x"}}


@pytest.mark.parametrize(
    ("spec", "keys"),
    [
        ({"dataSource": SNAPSHOT}, [KEY]),
        ({"dataSourceRef": SNAPSHOT}, [KEY]),
        ({"dataSource": SNAPSHOT, "dataSourceRef": SNAPSHOT}, [KEY, KEY]),
        (
            {"dataSource": {"kind": "PersistentVolumeClaim", "name": "c"}},
            [ObjectKey("", "PersistentVolumeClaim", "billing", "c")],
        ),
        ({"dataSourceRef": {**SNAPSHOT, "namespace": "other"}}, [KEY._replace(namespace="other")]),
        ({"dataSource": {**SNAPSHOT, "name": ""}}, []),
        ({"dataSource": "odd", "dataSourceRef": [SNAPSHOT]}, []),
        ({}, []),
        (None, []),
    ],
)
def test_what_a_claim_is_made_from(spec, keys):
    assert list(sources_of({"spec": spec}, "billing")) == keys
