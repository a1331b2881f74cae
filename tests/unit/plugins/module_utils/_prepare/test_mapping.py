# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Namespaces under another name: keys, objects, what objects say of namespaces, and who meets whom."""

from __future__ import annotations

import json

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.mapping import (
    REFERENCES,
    collisions,
    mapped,
    mapped_key,
    problems,
    rename,
)
from ansible_collections.standby.velero.plugins.module_utils._prepare.table import prepare
from ansible_collections.standby.velero.plugins.module_utils._values import (
    BACKUP_LABEL,
    RESTORE_LABEL,
    BackupItem,
    ObjectKey,
)

MAPPING = {"shop": "shop-dr", "a": "b", "b": "c"}
FACTS = PrepareContext(namespace_mapping=MAPPING)
WEBHOOKS = "validatingwebhookconfigurations.admissionregistration.k8s.io"
CRDS = "customresourcedefinitions.apiextensions.k8s.io"


def item(resource: str, namespace: str, name: str, kind: str = "Any") -> BackupItem:
    return BackupItem(ObjectKey(resource.partition(".")[2], kind, namespace, name), resource, "v1", 7, 9)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ObjectKey("", "ConfigMap", "shop", "a"), ObjectKey("", "ConfigMap", "shop-dr", "a")),
        (ObjectKey("", "ConfigMap", "billing", "shop"), ObjectKey("", "ConfigMap", "billing", "shop")),
        (ObjectKey("", "Namespace", "", "shop"), ObjectKey("", "Namespace", "", "shop-dr")),
        (ObjectKey("", "Namespace", "", "billing"), ObjectKey("", "Namespace", "", "billing")),
        (ObjectKey("example.org", "Namespace", "", "shop"), ObjectKey("example.org", "Namespace", "", "shop")),
        (ObjectKey("", "PersistentVolume", "", "shop"), ObjectKey("", "PersistentVolume", "", "shop")),
        (ObjectKey("", "ConfigMap", "a", "x"), ObjectKey("", "ConfigMap", "b", "x")),  # once, not on to c
    ],
    ids=str,
)
def test_the_namespace_is_another_one_and_a_namespace_object_has_another_name(key, expected):
    assert mapped_key(key, MAPPING) == expected


def test_an_item_keeps_all_but_its_key():
    before = item("configmaps", "shop", "x")
    after = mapped(before, MAPPING)
    assert after.key.namespace == "shop-dr"
    assert (after.resource, after.number, after.size) == (before.resource, before.number, before.size)


@pytest.mark.parametrize("mapping", [{}, {"other": "shop"}])
def test_an_item_that_goes_where_it_was_is_the_same_one(mapping):
    before = item("configmaps", "shop", "x")
    assert mapped(before, mapping) is before


@pytest.mark.parametrize(
    ("mapping", "names"),
    [
        ({}, []),
        ({"shop": "shop-dr", "9": "a-9"}, []),
        ({"Shop": "shop-dr"}, ["Shop"]),
        ({"shop": ""}, [""]),
        ({"shop": "shop.dr"}, ["shop.dr"]),
        ({"shop*": "x" * 64}, ["shop*", "x" * 64]),
        ({"shop": 5}, [5]),
    ],
)
def test_only_names_that_a_namespace_can_have_are_taken(mapping, names):
    assert problems(mapping) == [f"namespace_mapping: {name!r} is not the name of a namespace" for name in names]


def test_a_namespace_object_has_its_new_name_and_the_labels_and_annotations_of_the_source():
    body = recorded.body("namespaces", "", "shop")
    after = rename("namespaces", body, FACTS)
    labels = {
        name: value for name, value in body["metadata"]["labels"].items() if name != "kubernetes.io/metadata.name"
    }
    assert after == {**body, "metadata": {**body["metadata"], "name": "shop-dr", "labels": labels}}
    assert body == recorded.body("namespaces", "", "shop")


def test_a_namespace_object_that_keeps_its_name_keeps_its_labels():
    body = recorded.body("namespaces", "", "billing")
    assert rename("namespaces", body, FACTS) is body


def build(path, value):
    for name in reversed(path):
        value = [value] if name == "*" else {name: value}
    return value


@pytest.mark.parametrize(
    ("resource", "path"),
    [(resource, path) for resource, paths in REFERENCES.items() for path in paths if path[-1] == "namespace"],
)
@pytest.mark.parametrize(("before", "after"), [("shop", "shop-dr"), ("billing", "billing"), (None, None), ([], [])])
def test_a_field_that_is_a_namespace_follows_the_mapping(resource, path, before, after):
    assert rename(resource, build(path, before), FACTS) == build(path, after)


def test_a_webhook_that_is_reached_by_url_stays_as_it_is():
    body = recorded.body(WEBHOOKS, "", "shop-hook")
    assert rename(WEBHOOKS, body, FACTS) is body


def test_the_recorded_volume_is_claimed_from_the_other_namespace():
    body = recorded.body("persistentvolumes", "", "pv-ledger")
    after = rename("persistentvolumes", body, PrepareContext(namespace_mapping={"billing": "billing-dr"}))
    assert after["spec"] == {**body["spec"], "claimRef": {**body["spec"]["claimRef"], "namespace": "billing-dr"}}


@pytest.mark.parametrize("resource", ["rolebindings", "clusterrolebindings"])
@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("ServiceAccount", {"name": "robot", "namespace": "shop"}, {"name": "robot", "namespace": "shop-dr"}),
        ("ServiceAccount", {"name": "shop", "namespace": "billing"}, {"name": "shop", "namespace": "billing"}),
        ("User", {"name": "shop"}, {"name": "shop"}),
        ("User", {"name": "system:serviceaccount:shop:robot"}, {"name": "system:serviceaccount:shop-dr:robot"}),
        ("User", {"name": "system:serviceaccount:billing:a"}, {"name": "system:serviceaccount:billing:a"}),
        ("Group", {"name": "system:serviceaccounts:shop"}, {"name": "system:serviceaccounts:shop-dr"}),
        ("Group", {"name": "system:serviceaccounts"}, {"name": "system:serviceaccounts"}),
        ("Group", {"name": "shop"}, {"name": "shop"}),
        ("Group", {"name": 5}, {"name": 5}),
    ],
)
def test_the_subjects_of_a_binding_follow_their_namespace(resource, kind, before, after):
    body = {"subjects": [{"kind": kind, **before}]}
    assert rename(f"{resource}.rbac.authorization.k8s.io", body, FACTS) == {"subjects": [{"kind": kind, **after}]}


@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("widgets.example.org", {"spec": {"namespace": "shop", "claimRef": {"namespace": "shop"}}}),
        ("networkpolicies.networking.k8s.io", {"spec": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}),
        ("configmaps", {"data": {"url": "http://web.shop.svc", "namespace": "shop"}}),
        (CRDS, {"spec": {"conversion": {"webhook": None}}}),
    ],
)
def test_what_only_the_user_can_know_stays(resource, body):
    assert rename(resource, body, FACTS) is body


def as_recorded(path):
    return json.loads((recorded.BACKUP.parents[3] / "map-namespace" / path).read_text())


CREATED = [key.split("|") for key in as_recorded("after.json") if key.split("|")[1] == "shop-dr"]

UIDS = ("controller-uid", "batch.kubernetes.io/controller-uid")
ADDED = {
    "jobs.batch": {
        *(("spec", "selector", "matchLabels", label) for label in UIDS),
        *(("spec", "template", "metadata", "labels", label) for label in UIDS),
        *(("metadata", "labels", label) for label in UIDS),
    },
    "pods": {
        ("metadata", "annotations"),
        ("spec", "containers", "*", "resources", "requests"),
        ("spec", "preemptionPolicy"),
        ("spec", "priority"),
    },
    "services": {("spec", "clusterIP"), ("spec", "clusterIPs")},
}
"""What the target put into Velero's objects (API server and LimitRange), and what Velero leaves of production's."""


@pytest.mark.parametrize("place", CREATED, ids="|".join)
def test_a_recorded_object_is_mapped_as_velero_mapped_it(place):
    resource, target, name = place
    facts = PrepareContext(namespace_mapping={"shop": target}, preserve_node_ports=True)
    ours = prepare(item(resource, target, name), recorded.body(resource, "shop", name), facts)
    found = dict(differences(ours, as_velero_left_it(place)))
    assert found.keys() <= ADDED.get(resource, set())
    assert set(found.values()) <= {None}


def as_velero_left_it(place):
    """Without the labels of the restore, and without what ours does not send."""
    body = as_recorded("after.json")["|".join(place)]
    labels = body["metadata"]["labels"]
    body["metadata"]["labels"] = {name: labels[name] for name in labels if name not in (BACKUP_LABEL, RESTORE_LABEL)}
    sent = ("name", "namespace", "labels", "annotations", "finalizers")
    metadata = {name: value for name, value in body["metadata"].items() if name in sent and value}
    return {**{name: value for name, value in body.items() if name != "status"}, "metadata": metadata}


def differences(ours, velero, path=()):
    """Paths at which the two differ, and what ours has there."""
    if isinstance(ours, dict) and isinstance(velero, dict):
        for name in ours.keys() | velero.keys():
            yield from differences(ours.get(name), velero.get(name), (*path, name))
    elif isinstance(ours, list) and isinstance(velero, list) and len(ours) == len(velero):
        for mine, other in zip(ours, velero, strict=True):
            yield from differences(mine, other, (*path, "*"))
    elif ours != velero:
        yield path, ours


# Who meets whom


def met(items, mapping, bodies=None):
    return collisions(items, mapping, lambda found: (bodies or {}).get(found.number, {"data": found.number}))


ONE, TWO, OTHER = (
    BackupItem(ObjectKey("", "ConfigMap", namespace, "x"), "configmaps", "v1", offset, 9)
    for offset, namespace in enumerate(("shop", "stage", "dr"))
)
KEYS = {"shop": "dr", "stage": "dr"}


@pytest.mark.parametrize("order", [(ONE, TWO), (TWO, ONE)])
def test_two_that_land_on_one_key_and_differ_are_both_named_and_none_is_restored(order):
    found = met(order, KEYS)
    assert found.duplicates == frozenset()
    assert found.clashes == {
        ONE.key: "namespace_mapping brings it to ConfigMap dr/x, and ConfigMap stage/x too",
        TWO.key: "namespace_mapping brings it to ConfigMap dr/x, and ConfigMap shop/x too",
    }


def test_one_that_lies_there_already_meets_those_that_come():
    found = met((ONE, TWO, OTHER), KEYS)
    assert found.clashes[ONE.key].endswith("and ConfigMap dr/x and ConfigMap stage/x too")
    assert set(found.clashes) == {ONE.key, TWO.key, OTHER.key}


@pytest.mark.parametrize("order", [(ONE, TWO, OTHER), (OTHER, TWO, ONE)])
def test_of_those_that_are_the_same_on_the_target_one_is_kept(order):
    found = met(order, KEYS, {offset: {"data": "same"} for offset in range(3)})
    assert found.clashes == {}
    assert found.duplicates == {ONE.key, TWO.key}  # the first by its key stays: that of dr


@pytest.mark.parametrize("mapping", [{}, {"shop": "a", "stage": "b"}, {"shop": "stage", "stage": "shop"}])
def test_none_meet_when_each_has_a_place_of_its_own_and_no_body_is_read(mapping):
    found = collisions((ONE, TWO, OTHER), mapping, lambda _item: pytest.fail("a body was read"))
    assert (found.duplicates, found.clashes) == (frozenset(), {})


def test_an_object_of_another_resource_is_not_met():
    endpoints = BackupItem(ObjectKey("", "ConfigMap", "stage", "x"), "endpoints", "v1", 5, 9)
    assert met((ONE, endpoints), KEYS).clashes == {}
