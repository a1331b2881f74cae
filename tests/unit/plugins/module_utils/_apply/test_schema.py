# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which fields a definition gains, what of them an answer lacks, and how the API server names them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._apply.schema import (
    ANY,
    EACH,
    gained_fields,
    lacking,
    speaks_of,
)
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare
from ansible_collections.standby.velero.plugins.module_utils._values import Body, Comparison
from hypothesis import given, settings
from hypothesis import strategies as st

WIDGETS = "widgets.example.org"
TEXT = {"type": "string"}
FREE = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


def fields(**properties: Body) -> Body:
    return {"type": "object", "properties": properties}


def definition(**schemas: Any) -> Body:
    """A CustomResourceDefinition with a schema for each of its versions."""
    versions = [{"name": name, "schema": {"openAPIV3Schema": schema}} for name, schema in schemas.items()]
    return {"spec": {"versions": versions}}


def updated(before: Body, after: Body) -> Comparison:
    return compare("customresourcedefinitions.apiextensions.k8s.io", before, after)


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        (fields(size=TEXT), fields(size=TEXT, region=TEXT), [("region",)]),
        (fields(spec=fields(size=TEXT)), fields(spec=fields(size=TEXT, region=TEXT)), [("spec", "region")]),
        (fields(), fields(spec=fields(a=TEXT, b=fields(c=TEXT))), [("spec",)]),
        (fields(size=TEXT), fields(), []),
        (fields(size=TEXT), fields(size={"type": "integer"}), []),
        (
            fields(rules={"type": "array", "items": fields(a=TEXT)}),
            fields(rules={"type": "array", "items": fields(a=TEXT, b=TEXT)}),
            [("rules", EACH, "b")],
        ),
        (
            fields(by={"type": "object", "additionalProperties": fields(a=TEXT)}),
            fields(by={"type": "object", "additionalProperties": fields(a=TEXT, b=TEXT)}),
            [("by", ANY, "b")],
        ),
        (fields(values=fields(a=TEXT)), fields(values=FREE), [("values", ANY)]),
        (fields(values=FREE), fields(values={**FREE, **fields(a=TEXT)}), []),
        (
            fields(values={**FREE, **fields(a=fields())}),
            fields(values={**FREE, **fields(a=fields(b=TEXT))}),
            [("values", "a", "b")],
        ),
        ({}, fields(spec=TEXT), [("spec",)]),
        ("no schema", fields(spec=TEXT), [("spec",)]),
        (fields(spec=TEXT), "no schema", []),
    ],
)
def test_the_topmost_fields_that_objects_have_now_and_had_not_before(before, after, paths):
    found = gained_fields(WIDGETS, updated(definition(v1=before), definition(v1=after)))
    assert found == ({(WIDGETS, "v1"): tuple(paths)} if paths else {})


def test_each_version_gains_its_own_and_a_new_version_is_waited_for_as_a_type():
    before = definition(v1=fields(), v1beta1=fields(a=TEXT))
    after = definition(v1=fields(a=TEXT), v1beta1=fields(a=TEXT), v2=fields(b=TEXT))
    assert gained_fields(WIDGETS, updated(before, after)) == {(WIDGETS, "v1"): (("a",),)}


def test_an_update_that_leaves_the_versions_alone_brings_nothing():
    before, after = ({**definition(v1=fields()), "metadata": {"labels": {"a": value}}} for value in "bc")
    assert gained_fields(WIDGETS, updated(before, after)) == {}
    assert gained_fields(WIDGETS, None) == {}


REGION, ANY_VALUE, RULE = ("spec", "region"), ("spec", "values", ANY), ("spec", "rules", EACH, "b")


@pytest.mark.parametrize(
    ("path", "sent", "answer", "patch"),
    [
        (REGION, {"spec": {"region": "eu", "size": 1}}, {"spec": {"size": 1}}, {"spec": {"region": "eu"}}),
        (REGION, {"spec": {"region": "eu"}}, {}, {"spec": {"region": "eu"}}),
        (REGION, {"spec": {"region": "eu"}}, {"spec": {"region": "us"}}, {}),
        (REGION, {"spec": {"size": 1}}, {"spec": {}}, {}),
        (REGION, {"spec": {"region": None}}, {"spec": {}}, {}),
        (REGION, {"spec": "odd"}, {"spec": {}}, {}),
        (REGION, {"spec": {"region": {}}}, {"spec": {}}, {"spec": {"region": {}}}),
        (
            ANY_VALUE,
            {"spec": {"values": {"a": 1, "b": 2}}},
            {"spec": {"values": {"a": 1}}},
            {"spec": {"values": {"b": 2}}},
        ),
        (
            RULE,
            {"spec": {"rules": [{"a": 1, "b": 2}]}},
            {"spec": {"rules": [{"a": 1}]}},
            {"spec": {"rules": [{"a": 1, "b": 2}]}},
        ),
        (RULE, {"spec": {"rules": [{"a": 1, "b": 2}]}}, {"spec": {"rules": [{"a": 1, "b": 2}]}}, {}),
        (RULE, {"spec": {"rules": [{"a": 1}]}}, {"spec": {"rules": []}}, {}),
        (RULE, {"spec": {"rules": [{"b": 2}]}}, {"spec": {}}, {"spec": {"rules": [{"b": 2}]}}),
        (RULE, {"spec": {"rules": {"b": 2}}}, {"spec": {}}, {}),
    ],
)
def test_what_an_answer_lacks_of_what_was_sent(path, sent, answer, patch):
    assert lacking([path], sent, answer) == patch


def test_all_that_is_lacking_is_one_patch():
    sent = {"spec": {"region": "eu", "values": {"b": 2}, "size": 1}}
    assert lacking([REGION, ANY_VALUE], sent, {"spec": {"size": 1}}) == {"spec": {"region": "eu", "values": {"b": 2}}}
    assert lacking([], sent, {}) == {}


@pytest.mark.parametrize(
    ("path", "field", "is_meant"),
    [
        (REGION, "spec.region", True),
        (REGION, "spec.regions", False),
        (REGION, "spec.region.name", False),
        (REGION, "specXregion", False),
        (ANY_VALUE, "spec.values.a", True),
        (ANY_VALUE, "spec.values.a.b", True),
        (ANY_VALUE, "spec.values", False),
        (RULE, "spec.rules[].b", True),
        (RULE, "spec.rules.b", False),
    ],
)
def test_the_api_server_s_name_of_a_dropped_field_is_known(path, field, is_meant):
    assert speaks_of([path], field) is is_meant


NONSENSE = st.recursive(
    st.sampled_from([None, True, 1, "x", {}, []]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["properties", "items", "additionalProperties", "spec", "a", "x-kubernetes-preserve-unknown-fields"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=15,
)


@settings(max_examples=100)
@given(NONSENSE, NONSENSE, NONSENSE, NONSENSE)
def test_malformed_schemas_and_bodies_are_tolerated_and_never_edited(before, after, sent, answer):
    kept = copy.deepcopy((before, after, sent, answer))
    found = gained_fields(WIDGETS, updated(definition(v1=before), definition(v1=after)))
    paths = [path for some in found.values() for path in some]
    lacking([*paths, REGION, RULE], {"spec": sent}, {"spec": answer})
    assert (before, after, sent, answer) == kept
