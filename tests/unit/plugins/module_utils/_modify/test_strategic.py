# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strategic merge patches, by the table in tests/support/strategic.py; tests/cluster holds that table to kubectl."""

from __future__ import annotations

import copy

import pytest
import yaml
from ansible_collections.standby.velero.plugins.module_utils._cluster.openapi import OpenApi
from ansible_collections.standby.velero.plugins.module_utils._errors import Forbidden
from ansible_collections.standby.velero.plugins.module_utils._modify.modifiers import no_schemas
from ansible_collections.standby.velero.plugins.module_utils._modify.patch import PatchError
from ansible_collections.standby.velero.plugins.module_utils._modify.strategic import StrategicPatch
from strategic import CASES, RECORDED, Case


class Recording:
    """Answers as the recorded API server did."""

    def get_json(self, path):
        return RECORDED[path]


SCHEMA = OpenApi(Recording()).schema


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_patch_makes_of_the_object_what_the_table_says(case: Case):
    body, patch = case.body(), yaml.safe_load(case.patch)
    before = copy.deepcopy((body, patch))
    if case.after is None:
        with pytest.raises(PatchError):
            StrategicPatch((patch,)).apply(body, SCHEMA)
    else:
        result = StrategicPatch((patch,)).apply(body, SCHEMA)
        assert result == case.wanted()
    assert (body, patch) == before


def test_patches_of_one_rule_apply_in_order():
    body = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "1"}}
    patches = ({"data": {"b": "2"}}, {"data": {"a": None}})
    assert StrategicPatch(patches).apply(body, SCHEMA)["data"] == {"b": "2"}


def test_a_custom_resource_is_refused():
    with pytest.raises(PatchError, match="Region is no built-in type"):
        StrategicPatch(({},)).apply({"apiVersion": "example.org/v1", "kind": "Region"}, no_schemas)


def test_a_schema_that_cannot_be_read_is_the_objects_failure():
    def refused(*_names):
        raise Forbidden("no right to read /openapi/v3")

    with pytest.raises(PatchError, match="OpenAPI schema of Pod could not be read: no right"):
        StrategicPatch(({},)).apply({"apiVersion": "v1", "kind": "Pod"}, refused)


def test_errors_name_the_place_and_no_value():
    body = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "s3cret", "image": "s3cret"}]}}
    with pytest.raises(PatchError) as caught:
        StrategicPatch(({"spec": {"containers": [{"image": "s3cret"}]}},)).apply(body, SCHEMA)
    assert str(caught.value) == "spec.containers: an element lacks its merge key name"
