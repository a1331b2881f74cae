# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of the table, and those without a line in it."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.hooks import compile_hooks
from ansible_collections.standby.velero.plugins.module_utils._prepare.images import POD_SPECS
from ansible_collections.standby.velero.plugins.module_utils._prepare.init_containers import COMMAND, IMAGE, NAME
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import REFERENCES
from ansible_collections.standby.velero.plugins.module_utils._prepare.service import LAST_APPLIED
from ansible_collections.standby.velero.plugins.module_utils._prepare.storage_classes import CLASSES
from ansible_collections.standby.velero.plugins.module_utils._prepare.table import KINDS, prepare, settle
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey
from hypothesis import given, settings
from hypothesis import strategies as st

HOOK = {"name": "h", "postHooks": [{"init": {"initContainers": [{"name": "a", "image": "a", "command": ["a"]}]}}]}
FACTS = PrepareContext(
    provisioned_volumes=frozenset(("pv-ledger",)),
    namespace_mapping={"a": "b", "shop": "shop-dr"},
    storage_class_mapping={"a": "b", "slow": "fast"},
    image_mapping=(("a", "b"),),
    hooks=compile_hooks([HOOK])[0],
)
TYPES = sorted({*KINDS, *REFERENCES, *CLASSES, *POD_SPECS, "namespaces"})
"""All that have something to be rewritten."""

WORDS = [
    "spec",
    "metadata",
    "labels",
    "annotations",
    "secrets",
    "name",
    "ports",
    "nodePort",
    "clusterIP",
    "type",
    "LoadBalancer",
    "Local",
    "NodePort",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "volumes",
    "volumeMounts",
    "containers",
    "initContainers",
    "serviceAccountName",
    "selector",
    "matchLabels",
    "controller-uid",
    "template",
    "claimRef",
    "uid",
    "data",
    "token",
    "ca.crt",
    "versions",
    "schema",
    "openAPIV3Schema",
    "webhooks",
    "sideEffects",
    "preserveUnknownFields",
    "apiVersion",
    "apiextensions.k8s.io/v1",
    "admissionregistration.k8s.io/v1",
    "managedFields",
    "fieldsV1",
    "f:spec",
    "f:ports",
    "f:nodePort",
    "f:healthCheckNodePort",
    "volumeName",
    "pv-ledger",
    "kubernetes.io/service-account-token",
    "a-token-b",
    "a",
    "restore-wait",
    "nodeName",
    "status",
    "namespace",
    "shop",
    "subjects",
    "system:serviceaccount:shop:a",
    "clientConfig",
    "service",
    "image",
    "storageClassName",
    "slow",
    "volumeClaimTemplates",
    "jobTemplate",
    IMAGE,
    NAME,
    COMMAND,
]
APPLIED = [
    "",
    "{",
    "[]",
    "null",
    "1e999",
    '{"spec":{"ports":[{"nodePort":1e999}]}}',
    "[" * 100_000,
    '{"spec":{"ports":3}}',
]
KEYS = st.sampled_from([*WORDS, LAST_APPLIED])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from([*WORDS, *APPLIED])
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=12
)


def item(resource: str) -> BackupItem:
    return BackupItem(ObjectKey("", "Any", "shop", "a"), resource, "v1")


def broken(body, path_value):
    """The body with one value put in the place of another, at a place that the number chooses."""
    number, value = path_value
    name = sorted(body)[number % len(body)]
    inner = body[name]
    if isinstance(inner, dict) and inner and number % 3:
        return {**body, name: broken(inner, (number // 3, value))}
    if isinstance(inner, list) and inner and isinstance(inner[0], dict) and inner[0] and number % 3:
        return {**body, name: [broken(inner[0], (number // 3, value)), *inner[1:]]}
    return {**body, name: value}


@pytest.mark.parametrize("resource", TYPES)
@settings(max_examples=25, deadline=None)
@given(body=st.dictionaries(KEYS, VALUES, max_size=6))
def test_no_body_whatever_makes_prepare_raise_or_is_edited(resource, body):
    before = copy.deepcopy(body)
    prepare(item(resource), body, FACTS)
    assert body == before


RECORDED = [place for place in recorded.places() if place[0] in TYPES]


@pytest.mark.parametrize("resource", sorted({place[0] for place in RECORDED}))
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_damage_to_a_real_body_makes_prepare_raise_or_edit_it(resource, data):
    place = data.draw(st.sampled_from([place for place in RECORDED if place[0] == resource]))
    body = broken(recorded.body(*place), (data.draw(st.integers(0, 3**8)), data.draw(VALUES)))
    before = copy.deepcopy(body)
    prepare(item(resource), body, FACTS)
    assert body == before


@pytest.mark.parametrize("place", recorded.places(), ids="/".join)
def test_a_recorded_object_keeps_its_type_and_name_and_is_prepared_once_and_for_all(place):
    body = recorded.body(*place)
    prepared = prepare(item(place[0]), body, PrepareContext())
    assert body == recorded.body(*place)
    assert {name: prepared[name] for name in ("apiVersion", "kind")} == {
        name: body[name] for name in ("apiVersion", "kind")
    }
    assert prepared["metadata"]["name"] == place[2]
    assert prepared["metadata"].get("namespace", "") == place[1]
    assert not {"uid", "managedFields", "resourceVersion", "ownerReferences"} & prepared["metadata"].keys()
    assert "status" not in prepared


@pytest.mark.parametrize("place", RECORDED, ids="/".join)
def test_with_all_that_can_be_asked_for_a_recorded_object_is_not_edited_and_prepared_alike_each_time(place):
    body = recorded.body(*place)
    once = prepare(item(place[0]), body, FACTS)
    assert body == recorded.body(*place)
    assert prepare(item(place[0]), recorded.body(*place), FACTS) == once


def test_a_kind_without_a_line_loses_only_metadata_and_status():
    body = recorded.body("deployments.apps", "shop", "web")
    prepared = prepare(item("deployments.apps"), body, PrepareContext())
    assert prepared["spec"] == body["spec"]


def test_a_resource_of_another_group_has_no_rewrite():
    body = {"metadata": {"name": "a"}, "spec": {"clusterIP": "10.0.0.1"}}
    assert prepare(item("services.serving.knative.dev"), body, PrepareContext()) == body


VOLUME = BackupItem(ObjectKey("", "PersistentVolume", "", "nfs"), "persistentvolumes", "v1")
CLAIM = BackupItem(ObjectKey("", "PersistentVolumeClaim", "db", "orders"), "persistentvolumeclaims", "v1")


@pytest.mark.parametrize(
    ("item", "body", "settled"),
    [
        (
            VOLUME,
            {"spec": {"claimRef": {"name": "a"}}},
            {"spec": {"claimRef": {"name": "a", "uid": "", "resourceVersion": ""}}},
        ),
        (CLAIM, {"spec": {"dataSource": {"name": "s"}, "volumeName": "v"}}, {"spec": {"volumeName": "v"}}),
    ],
)
def test_what_the_target_tells_of_volumes_and_claims_comes_last_and_by_their_keys_there(item, body, settled):
    told = PrepareContext(rebound_volumes=frozenset((VOLUME.key,)), sourceless_claims=frozenset((CLAIM.key,)))
    assert settle(item, body, told) == settled
    assert settle(item, body, PrepareContext()) is body
    other = replace(item, key=item.key._replace(name="another"))
    assert settle(other, body, told) is body
