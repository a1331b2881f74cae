# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields a target drops and fills in, as the comparison of a stored object with the backup's shows it."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._compare.target_fields import TargetFields

TYPE = "examples.example.org"


def noted(live, desired, resource=TYPE):
    """(dropped, filled in) of one object."""
    fields = TargetFields()
    fields.note(resource, compare(resource, live, desired))
    return fields.dropped.get(resource, set()), fields.filled.get(resource, set())


@pytest.mark.parametrize(
    ("live", "desired", "dropped", "filled"),
    [
        ({"a": 1}, {"a": 1}, set(), set()),
        ({}, {"a": 1}, {"spec.a"}, set()),
        ({"a": 1}, {}, set(), {"spec.a"}),
        ({"a": 1}, {"a": 2}, set(), set()),
        ({"a": {"b": 1}}, {"a": {"c": 1}}, {"spec.a.c"}, {"spec.a.b"}),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": {}}}, set(), set()),
        ({}, {"a": {"b": {"c": 1}}}, {"spec.a.b.c"}, set()),
        ({"l": [{"a": 1}, {}]}, {"l": [{}, {"b": [1]}]}, {"spec.l[].b"}, {"spec.l[].a"}),
        (
            {"l": [{"name": "own"}, {"name": "x"}]},
            {"l": [{"name": "x", "m": [{"n": 1}]}]},
            {"spec.l[].m"},
            {"spec.l[]"},
        ),
        ({"l": [{"name": "x"}]}, {"l": [{"name": "y", "a": 1}, {"name": "x"}]}, {"spec.l[]"}, set()),
        ({"l": [1, 2, 3]}, {"l": [1]}, set(), {"spec.l[]"}),
        ({"l": ["a"]}, {"l": ["b", "a"]}, {"spec.l[]"}, set()),
        ({"m": {}}, {"m": {"a.b/c": "x"}}, {"spec.m[a.b/c]"}, set()),
    ],
)
def test_a_field_that_one_side_has_is_dropped_or_filled_in_and_another_value_is_neither(live, desired, dropped, filled):
    assert noted({"spec": live}, {"spec": desired}) == (dropped, filled)


def test_keys_of_data_labels_and_annotations_are_no_fields():
    desired = {"metadata": {"labels": {"a": "1"}, "annotations": {"b": "2"}}, "data": {"c": "3"}, "binaryData": {}}
    assert noted({"data": {"d": "4"}}, desired, "configmaps") == (set(), set())


def test_what_belongs_to_the_target_is_neither():
    live = {"spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": [{"port": 80}]}}
    assert noted(live, {"spec": {"ports": [{"port": 80}]}}, "services") == (set(), set())


def test_what_the_api_server_tells_of_is_not_told_again_and_a_type_with_nothing_else_not_at_all():
    fields = TargetFields()
    pod = {"spec": {"resources": {"limits": {"cpu": "1"}}, "hostUsers": False, "volumes": [{"name": "a", "image": {}}]}}
    pod["spec"]["volumes"][0]["image"]["reference"] = "x"
    live = {"spec": {"volumes": [{"name": "a"}]}}
    for resource in ("pods", "others"):
        fields.note(resource, compare(resource, live, pod))
    told = {
        "pods": {"spec.resources.limits", "spec.volumes[].image"},
        "others": {"spec.resources", "spec.hostUsers", "spec.volumes"},
    }
    assert fields.unknown(told) == {"pods": ["spec.hostUsers"]}
    assert fields.unknown({})["others"] == ["spec.hostUsers", "spec.resources.limits.cpu", "spec.volumes[].image"]
