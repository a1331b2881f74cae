# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is never deleted in order to be created anew."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import error_of
from ansible_collections.standby.velero.plugins.module_utils._decide.recreatable import (
    not_ignored,
    not_immutable,
    spared,
)
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, ObjectKey

CLAIMS = {"spec": {"volumeClaimTemplates": [{"metadata": {"name": "data"}}]}}
BALANCER = {"spec": {"type": "LoadBalancer"}}
PLAIN = {"spec": {}}


def item(resource, namespace="shop", name="x"):
    return BackupItem(ObjectKey(resource.partition(".")[2], "Kind", namespace, name), resource, "v1")


@pytest.mark.parametrize(
    ("resource", "live", "desired", "is_spared"),
    [
        ("namespaces", PLAIN, PLAIN, True),
        ("customresourcedefinitions.apiextensions.k8s.io", PLAIN, PLAIN, True),
        ("persistentvolumes", PLAIN, PLAIN, True),
        ("persistentvolumeclaims", PLAIN, PLAIN, True),
        ("serviceaccounts", PLAIN, PLAIN, True),
        ("statefulsets.apps", CLAIMS, PLAIN, True),
        ("statefulsets.apps", PLAIN, CLAIMS, True),
        ("statefulsets.apps", PLAIN, PLAIN, False),
        ("services", BALANCER, PLAIN, True),
        ("services", PLAIN, BALANCER, True),
        ("services", PLAIN, PLAIN, False),
        ("configmaps", PLAIN, PLAIN, False),
        ("persistentvolumeclaims.example.org", PLAIN, PLAIN, False),
    ],
)
def test_what_takes_more_along_than_itself_is_spared_unless_named(resource, live, desired, is_spared):
    assert bool(spared(item(resource), live, desired, ())) is is_spared
    for entry in (resource, f"{resource}/x", f"{resource}/shop/x"):
        assert spared(item(resource), live, desired, (entry,)) == ""
    assert bool(spared(item(resource), live, desired, (f"{resource}/other",))) is is_spared


def test_an_object_with_a_controlling_owner_is_spared_even_when_it_is_named():
    live = {"metadata": {"ownerReferences": [{"uid": "u"}, {"uid": "v", "controller": True}]}}
    assert "controlling owner" in spared(item("configmaps"), live, PLAIN, ("configmaps",))
    assert not spared(item("configmaps"), {"metadata": {"ownerReferences": [{"uid": "u"}]}}, PLAIN, ())


def answer(message, *causes):
    details = {"causes": [{"field": field, "message": message, "reason": "FieldValueInvalid"} for field in causes]}
    status = {"kind": "Status", "reason": "Invalid", "message": message, "details": details}
    import json

    return error_of(422, json.dumps(status).encode())


GUARDED = "an admission policy or webhook guards it"
NOT_GIVEN_OUT = "a port or address that the target does not give out is no immutable field"
MUTABLE = "no field of it is immutable"


@pytest.mark.parametrize(
    ("message", "fields", "why_not"),
    [
        ("data: Forbidden: field is immutable when `immutable` is set", ("data",), ""),
        ("updates to statefulset spec for fields other than 'replicas' are forbidden", ("spec",), ""),
        ("spec.clusterIPs[0]: Invalid value: may not change once set", ("spec.clusterIPs[0]",), ""),
        ("ValidatingAdmissionPolicy 'guard' with binding 'guard' denied request: no", ("",), GUARDED),
        ('admission webhook "guard.example.org" denied the request: spec', ("spec",), GUARDED),
        ("Invalid value: 30080: provided port is already allocated", ("spec.ports[0].nodePort",), NOT_GIVEN_OUT),
        (
            "Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767",
            ("spec.ports[0].nodePort",),
            NOT_GIVEN_OUT,
        ),
        ("Invalid value: provided port is already allocated", ("spec.healthCheckNodePort",), NOT_GIVEN_OUT),
        ("failed to allocate IP 10.0.0.7: provided IP is already allocated", ("spec.clusterIPs",), NOT_GIVEN_OUT),
        (
            "failed to allocate IP 10.9.0.7: the provided IP (10.9.0.7) is not in the valid range",
            ("spec.clusterIPs",),
            NOT_GIVEN_OUT,
        ),
        ("something else", (), MUTABLE),
    ],
)
def test_only_a_refusal_of_the_api_s_own_that_names_fields_speaks_of_immutable_ones(message, fields, why_not):
    assert not_immutable(answer(message, *fields)) == why_not


@pytest.mark.parametrize(("resource", "why_not"), [("services", ""), ("deployments.apps", GUARDED)])
def test_a_change_without_effect_is_the_api_s_own_doing_where_it_does_so(resource, why_not):
    assert not_ignored(resource) == why_not
