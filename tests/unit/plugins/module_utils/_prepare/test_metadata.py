# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every object loses."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prepare.metadata import reset

GONE = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generateName",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
]


@pytest.mark.parametrize("field", GONE)
def test_a_field_of_the_source_cluster_goes(field):
    assert reset({"metadata": {"name": "a", field: "x"}}) == {"metadata": {"name": "a"}}


def test_name_namespace_labels_annotations_and_finalizers_stay():
    metadata = {"name": "a", "namespace": "b", "labels": {"c": "d"}, "annotations": {"e": "f"}, "finalizers": ["g"]}
    assert reset({"metadata": metadata}) == {"metadata": metadata}


def test_status_goes_and_nulls_stay():
    body = {"metadata": {"name": "a", "labels": None}, "spec": {"x": None}, "data": None, "status": {"y": 1}}
    assert reset(body) == {"metadata": {"name": "a", "labels": None}, "spec": {"x": None}, "data": None}


def test_the_labels_of_an_earlier_restore_go():
    labels = {"velero.io/backup-name": "b", "velero.io/restore-name": "r", "velero.io/schedule-name": "s"}
    assert reset({"metadata": {"labels": labels}}) == {"metadata": {"labels": {"velero.io/schedule-name": "s"}}}


@pytest.mark.parametrize("labels", [{}, {"velero.io/backup-name": "b"}])
def test_maps_that_are_empty_or_become_so_go(labels):
    assert reset({"metadata": {"labels": labels, "annotations": {}}}) == {"metadata": {}}


@pytest.mark.parametrize("metadata", [None, "text", 3, ["a"]])
def test_metadata_that_is_no_map_is_left_to_the_server(metadata):
    assert reset({"metadata": metadata, "status": {}}) == {"metadata": metadata}
