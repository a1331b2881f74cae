# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomResourceDefinitions that came from v1beta1."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.custom_resource_definition import rewrite

PRESERVE = {"x-kubernetes-preserve-unknown-fields": True}


def crd(preserve, *versions, group_version="v1"):
    spec = {"preserveUnknownFields": preserve, "versions": list(versions)}
    return {"apiVersion": f"apiextensions.k8s.io/{group_version}", "spec": spec}


def test_unknown_fields_are_preserved_by_each_schema_instead():
    schema = {"name": "v1", "schema": {"openAPIV3Schema": {"type": "object"}}}
    after = rewrite(crd(True, schema, {"name": "v2"}, {"name": "v3", "schema": None}), PrepareContext())
    expected = {"name": "v1", "schema": {"openAPIV3Schema": {"type": "object", **PRESERVE}}}
    assert after == crd(False, expected, {"name": "v2"}, {"name": "v3", "schema": None})


@pytest.mark.parametrize(("preserve", "version"), [(False, "v1"), (None, "v1"), ("true", "v1"), (True, "v1beta1")])
def test_any_other_definition_stays_as_it_is(preserve, version):
    body = crd(preserve, {"schema": {"openAPIV3Schema": {}}}, group_version=version)
    assert rewrite(body, PrepareContext()) is body


def test_the_recorded_definition_stays_as_it_is():
    body = recorded.body("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.org")
    assert rewrite(body, PrepareContext()) is body


@pytest.mark.parametrize("versions", [None, "x", ["x", None]])
def test_malformed_versions_are_left_to_the_server(versions):
    body = {"apiVersion": "apiextensions.k8s.io/v1", "spec": {"preserveUnknownFields": True, "versions": versions}}
    assert rewrite(body, PrepareContext())["spec"] == {"preserveUnknownFields": False, "versions": versions}
