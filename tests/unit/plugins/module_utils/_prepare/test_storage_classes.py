# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Storage classes under another name."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.storage_classes import (
    change_classes,
    mapped_classes,
    problems,
)

FACTS = PrepareContext(storage_class_mapping={"slow": "fast", "manual": "local", "fast": "faster"})
BETA = "volume.beta.kubernetes.io/storage-class"


def test_the_recorded_objects_have_the_targets_classes():
    volume = recorded.body("persistentvolumes", "", "pv-ledger")
    after = change_classes("persistentvolumes", volume, FACTS)
    assert after == {**volume, "spec": {**volume["spec"], "storageClassName": "local"}}
    claim = recorded.body("persistentvolumeclaims", "billing", "ledger")
    after = change_classes("persistentvolumeclaims", claim, FACTS)
    assert after == {**claim, "spec": {**claim["spec"], "storageClassName": "local"}}
    body = recorded.body("statefulsets.apps", "shop", "db")
    after = change_classes("statefulsets.apps", body, FACTS)
    assert [template["spec"]["storageClassName"] for template in after["spec"]["volumeClaimTemplates"]] == ["fast"]
    assert body == recorded.body("statefulsets.apps", "shop", "db")


CLAIMS = [
    ({"spec": {"storageClassName": "slow"}}, {"spec": {"storageClassName": "fast"}}, {"fast"}),
    ({"spec": {"storageClassName": "other"}}, {"spec": {"storageClassName": "other"}}, set()),
    ({"spec": {"storageClassName": ""}}, {"spec": {"storageClassName": ""}}, set()),
    ({"spec": {}}, {"spec": {}}, set()),
    ({"spec": {"storageClassName": ["slow"]}}, {"spec": {"storageClassName": ["slow"]}}, set()),
    ({"metadata": {"annotations": {BETA: "slow"}}}, {"metadata": {"annotations": {BETA: "fast"}}}, {"fast"}),
    (None, None, set()),
]


@pytest.mark.parametrize("resource", ["persistentvolumes", "persistentvolumeclaims"])
@pytest.mark.parametrize(("before", "after", "needed"), CLAIMS)
def test_a_class_is_mapped_once_and_the_target_must_have_it(resource, before, after, needed):
    if before is not None:
        assert change_classes(resource, before, FACTS) == after
        assert mapped_classes(resource, before, FACTS) == needed


@pytest.mark.parametrize(("before", "after", "needed"), CLAIMS)
def test_each_claim_template_of_a_statefulset_too(before, after, needed):
    body = {"spec": {"volumeClaimTemplates": [before, {"spec": {"storageClassName": "manual"}}]}}
    expected = {"spec": {"volumeClaimTemplates": [after, {"spec": {"storageClassName": "local"}}]}}
    assert change_classes("statefulsets.apps", body, FACTS) == expected
    assert mapped_classes("statefulsets.apps", body, FACTS) == needed | {"local"}


@pytest.mark.parametrize("resource", ["storageclasses.storage.k8s.io", "widgets.example.org", "pods"])
def test_another_type_stays_as_it_is(resource):
    body = {"spec": {"storageClassName": "slow"}}
    assert change_classes(resource, body, FACTS) is body
    assert mapped_classes(resource, body, FACTS) == frozenset()


@pytest.mark.parametrize(
    ("mapping", "names"),
    [
        ({}, []),
        ({"slow": "fast.example.org"}, []),
        ({"": "fast"}, [""]),
        ({"slow": "Fast"}, ["Fast"]),
        ({"slow": None}, [None]),
    ],
)
def test_only_names_that_a_storage_class_can_have_are_taken(mapping, names):
    assert problems(mapping) == [
        f"storage_class_mapping: {name!r} is not the name of a storage class" for name in names
    ]
