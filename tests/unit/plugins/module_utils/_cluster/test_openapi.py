# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas of built-in types out of the target's OpenAPI v3 documents."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.openapi import OpenApi, built_in_types
from ansible_collections.standby.velero.plugins.module_utils._errors import AbsenceUnproven, MalformedAnswer
from strategic import RECORDED


class Recording:
    """Answers as the recorded API server did, and counts."""

    def __init__(self, answers=RECORDED):
        self.answers, self.asked = answers, []

    def get_json(self, path):
        self.asked.append(path)
        if path not in self.answers:
            raise AbsenceUnproven(path, status=404)
        return self.answers[path]


@pytest.mark.parametrize(
    ("path", "strategy", "merge_key"),
    [
        (("metadata", "finalizers"), "merge", ""),
        (("metadata", "ownerReferences"), "merge", "uid"),
        (("metadata", "labels"), "", ""),
        (("spec", "containers"), "merge", "name"),
        (("spec", "containers", None, "ports"), "merge", "containerPort"),
        (("spec", "containers", None, "env"), "merge", "name"),
        (("spec", "containers", None, "command"), "", ""),
        (("spec", "volumes"), "merge", "name"),
        (("spec", "tolerations"), "", ""),
        (("spec", "topologySpreadConstraints"), "merge", "topologyKey"),
    ],
)
def test_a_field_tells_how_it_is_merged(path, strategy, merge_key):
    schema = OpenApi(Recording()).schema("", "v1", "Pod")
    for name in path:
        schema = schema.field(name) if name else schema.element()
    assert (schema.strategy, schema.merge_key) == (strategy, merge_key)


def test_beside_retain_keys_a_strategy_may_stand():
    deployment = OpenApi(Recording()).schema("apps", "v1", "Deployment")
    assert deployment.field("spec").field("strategy").strategy == ""
    assert deployment.field("spec").field("template").field("spec").field("volumes").strategy == "merge"


def test_a_map_of_free_keys_has_each_of_them_and_a_type_only_its_own():
    pod = OpenApi(Recording()).schema("", "v1", "Pod")
    assert pod.field("metadata").field("labels").field("anything") is not None
    assert pod.field("spec").field("anything") is None


def test_nothing_is_asked_before_it_is_needed_and_nothing_twice():
    target = Recording()
    openapi = OpenApi(target)
    assert target.asked == []
    for kind in ("Pod", "Service", "Nothing", "Pod"):
        openapi.schema("", "v1", kind)
    assert target.asked == ["/openapi/v3", "/openapi/v3/api/v1?hash=A1"]


def test_a_custom_resource_has_no_schema_of_ours():
    document = {
        "components": {
            "schemas": {
                "org.example.v1.Region": {
                    "x-kubernetes-group-version-kind": [{"group": "example.org", "version": "v1", "kind": "Region"}]
                }
            }
        }
    }
    assert built_in_types(document) == {}


@pytest.mark.parametrize(
    "index",
    [
        {"paths": {}},
        {"paths": {"apis/batch/v1": {"serverRelativeURL": "/openapi/v3/apis/batch/v1"}}},
        {"paths": {"apis/apps/v1": {"serverRelativeURL": "/openapi/v3/gone"}}},
    ],
)
def test_a_group_that_is_not_there_has_no_schemas(index):
    assert OpenApi(Recording({"/openapi/v3": index})).schema("apps", "v1", "Deployment") is None


@pytest.mark.parametrize(
    "index",
    [
        {},
        {"paths": []},
        {"paths": {"apis/apps/v1": None}},
        {"paths": {"apis/apps/v1": {}}},
        {"paths": {"apis/apps/v1": {"serverRelativeURL": 7}}},
        {"paths": {"apis/apps/v1": {"serverRelativeURL": "//elsewhere.example.org/openapi/v3/apis/apps/v1"}}},
        {"paths": {"apis/apps/v1": {"serverRelativeURL": "/openapi/v3/x y\r\nHost: z"}}},
    ],
)
def test_an_index_of_another_shape_is_an_error(index):
    with pytest.raises(MalformedAnswer, match="/openapi/v3 does not tell"):
        OpenApi(Recording({"/openapi/v3": index})).schema("apps", "v1", "Deployment")


def test_a_document_that_is_nested_without_end_is_an_error():
    node: dict[str, Any] = {}
    for _depth in range(5000):
        node = {"items": node}
    path = "/openapi/v3/apis/apps/v1"
    answers = {
        "/openapi/v3": {"paths": {"apis/apps/v1": {"serverRelativeURL": path}}},
        path: {"components": {"schemas": {"io.k8s.api.apps.v1.Deployment": node}}},
    }
    with pytest.raises(MalformedAnswer, match="nested too deeply"):
        OpenApi(Recording(answers)).schema("apps", "v1", "Deployment")


def test_a_server_without_openapi_v3_is_an_error():
    with pytest.raises(AbsenceUnproven):
        OpenApi(Recording({})).schema("apps", "v1", "Deployment")


@pytest.mark.parametrize("document", [{}, {"components": []}, {"components": {"schemas": []}}])
def test_a_document_without_schemas_is_an_error(document):
    with pytest.raises(MalformedAnswer, match="has no schemas"):
        built_in_types(document)
