# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a read of the target tells of an object, and why some are never deleted."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.exemptions import PruneExemptions, live_object
from ansible_collections.standby.velero.plugins.module_utils._prune_words import KEEP_SENTENCES, KeepReason
from ansible_collections.standby.velero.plugins.module_utils._values import ObjectKey, Resource
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import sentence

EXEMPTIONS = PruneExemptions("standby-velero", ("configmaps/kube-system/mine",), ("persistentvolumeclaims/data",))


def read(place, body=None, exemptions=EXEMPTIONS):
    """`resource/namespace/name`, or `resource//name` when it is cluster-scoped."""
    name, namespace, object_name = place.split("/")
    plural, _dot, group = name.partition(".")
    resource = Resource(group, "v1", plural, "Any", bool(namespace))
    return live_object(ObjectKey(group, "Any", namespace, object_name), resource, body or {}, exemptions)


def said(found):
    return sentence("It", found.keep, found.detail)


CONTROLLED = {"metadata": {"ownerReferences": [{"uid": "a"}, {"uid": "b", "controller": True}]}}
OWNED = {"metadata": {"ownerReferences": [{"uid": "a"}]}}
TERMINATING = {"metadata": {"deletionTimestamp": "2026-11-24T03:00:00Z"}}
CLAIMS_GO = {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"}}}
CLAIMS_STAY = {"spec": {"persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Delete"}}}


@pytest.mark.parametrize(
    ("place", "body", "keep"),
    [
        ("configmaps/shop/a", {}, None),
        ("configmaps/shop/a", OWNED, None),
        ("configmaps/shop/a", CONTROLLED, KeepReason.HAS_CONTROLLER),
        ("configmaps/shop/a", TERMINATING, KeepReason.TERMINATING),
        ("configmaps/kube-system/a", {}, KeepReason.PROTECTED),
        ("configmaps/kube-system/mine", {}, None),
        ("leases.coordination.k8s.io/shop/a", {}, KeepReason.PROTECTED),
        ("secrets/standby-velero/a", {}, KeepReason.STATE_NAMESPACE),
        ("namespaces//standby-velero", {}, KeepReason.STATE_NAMESPACE),
        ("configmaps//standby-velero", {}, None),
        ("namespaces//shop", {}, KeepReason.NOT_NAMED),
        ("projects.project.openshift.io//shop", {}, KeepReason.NOT_NAMED),
        ("projects.project.openshift.io//standby-velero", {}, KeepReason.STATE_NAMESPACE),
        ("customresourcedefinitions.apiextensions.k8s.io//a", {}, KeepReason.NOT_NAMED),
        ("persistentvolumes//a", {}, KeepReason.NOT_NAMED),
        ("persistentvolumeclaims/shop/a", {}, KeepReason.NOT_NAMED),
        ("persistentvolumeclaims/shop/data", {}, None),
        ("persistentvolumeclaims/shop/data", CONTROLLED, KeepReason.HAS_CONTROLLER),
        ("statefulsets.apps/shop/a", {}, None),
        ("statefulsets.apps/shop/a", CLAIMS_STAY, None),
        ("statefulsets.apps/shop/a", CLAIMS_GO, KeepReason.NOT_NAMED),
        ("deployments.apps/shop/a", CLAIMS_GO, None),
        ("configmaps/shop/a", {"metadata": {"ownerReferences": ["x", {"controller": "true"}]}}, None),
    ],
)
def test_why_an_object_is_kept_is_seen_on_the_object_itself(place, body, keep):
    found = read(place, body)
    assert found.keep is keep
    assert bool(said(found)) is bool(keep)


@pytest.mark.parametrize(
    "entry", ["statefulsets.apps", "statefulsets.apps/a", "statefulsets.apps/shop/a", "statefulsets.apps/*/*"]
)
def test_what_is_named_may_go(entry):
    assert read("statefulsets.apps/shop/a", CLAIMS_GO, PruneExemptions("standby-velero", allow=(entry,))).keep is None
    assert read("namespaces//shop", {}, PruneExemptions("standby-velero", allow=(entry,))).keep is KeepReason.NOT_NAMED


def test_naming_it_for_the_prune_does_not_lift_its_protection():
    everything = PruneExemptions("standby-velero", allow=("*",))
    assert read("configmaps/kube-system/a", exemptions=everything).keep is KeepReason.PROTECTED
    assert (
        read("secrets/standby-velero/a", exemptions=PruneExemptions("standby-velero", ("*",), ("*",))).keep is not None
    )


def test_a_protected_object_says_by_which_rule():
    assert "control plane" in said(read("configmaps/kube-system/a"))
    assert "own certificate authority" in said(read("configmaps/shop/kube-root-ca.crt"))
    assert said(read("configmaps/shop/a", CONTROLLED)) == f"It {KEEP_SENTENCES[KeepReason.HAS_CONTROLLER]}"


@pytest.mark.parametrize(
    ("place", "metadata", "spec", "detail"),
    [
        ("configmaps/shop/a", {"finalizers": ["example.org/hold", "x"]}, {}, "it is held by: example.org/hold, x"),
        ("configmaps/shop/a", {"finalizers": "odd"}, {"finalizers": ["its own"]}, ""),
        ("pods/shop/a", {"deletionGracePeriodSeconds": 30}, {}, "it has 30 s to end"),
        ("namespaces//shop", {"finalizers": ["a"]}, {"finalizers": ["kubernetes"]}, "it is held by: a, kubernetes"),
    ],
)
def test_what_is_being_deleted_says_what_holds_it(place, metadata, spec, detail):
    body = {"metadata": {**TERMINATING["metadata"], **metadata}, "spec": spec}
    found = read(place, body, PruneExemptions("standby-velero", allow=("*",)))
    assert (found.keep, found.detail) == (KeepReason.TERMINATING, detail)


def test_what_a_deletion_needs_is_kept_and_no_body():
    metadata = {"uid": "t-1", "resourceVersion": "7", "labels": {"velero.io/backup-name": "b1"}}
    body = {"metadata": metadata, "data": {"a": "secret"}}
    found = read("secrets/shop/a", body)
    assert (found.uid, found.resource_version, found.labels) == ("t-1", "7", ("b1", ""))
    assert (found.ref.resource, found.ref.version, found.ref.key.name) == ("secrets", "v1", "a")
    assert "data" not in repr(found)
    assert read("secrets/shop/a", {"metadata": {"uid": None, "labels": ["x"]}})[1:] == (
        "",
        None,
        "",
        ("", ""),
        {},
        "",
        False,
    )


@pytest.mark.parametrize(
    ("place", "shown"), [("secrets/shop/a", True), ("configmaps/kube-system/a", False), ("namespaces//shop", False)]
)
def test_a_body_is_kept_only_for_the_diff_of_what_goes(place, shown):
    body = {"metadata": {"uid": "t-1"}, "data": {"a": "secret"}}
    assert read(place, body, EXEMPTIONS._replace(with_bodies=True)).body == (body if shown else {})
