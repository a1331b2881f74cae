# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is active in part: a table."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.active import is_spared, spared
from ansible_collections.standby.velero.plugins.module_utils._values import BackupItem, Change, ObjectKey
from ansible_collections.standby.velero.plugins.module_utils._vocabulary import Action, Reason

ACTIVE = frozenset(("shop",))


def item(resource: str, namespace: str, name: str = "x") -> BackupItem:
    group = resource.partition(".")[2]
    return BackupItem(ObjectKey(group, resource, namespace, name), resource, "v1")


def volume_of(namespace: str):
    return lambda _item: {"spec": {"claimRef": {"namespace": namespace}}}


IN_ACTIVE, ELSEWHERE = item("configmaps", "shop"), item("configmaps", "bank")
ROLE, VOLUME = item("clusterroles.rbac.authorization.k8s.io", ""), item("persistentvolumes", "")
SHOP, BANK = item("namespaces", "", "shop"), item("namespaces", "", "bank")


@pytest.mark.parametrize(
    ("of", "action", "reason", "is_left_alone"),
    [
        (IN_ACTIVE, Action.CREATE, None, True),
        (IN_ACTIVE, Action.UPDATE, None, True),
        (IN_ACTIVE, Action.NOOP, None, True),
        (IN_ACTIVE, Action.FAIL, Reason.MODIFIER_FAILED, True),
        (IN_ACTIVE, Action.SKIP, Reason.EXISTS_DIFFERENT, True),
        (IN_ACTIVE, Action.SKIP, Reason.HAS_CONTROLLER, False),
        (IN_ACTIVE, Action.DELETE, None, True),
        (ELSEWHERE, Action.UPDATE, None, False),
        (ELSEWHERE, Action.DELETE, None, False),
        (ROLE, Action.CREATE, None, False),
        (ROLE, Action.UPDATE, None, True),
        (ROLE, Action.RELABEL, None, True),
        (ROLE, Action.DELETE, None, True),
        (ROLE, Action.NOOP, None, False),
        (SHOP, Action.CREATE, None, True),
        (SHOP, Action.UPDATE, None, True),
        (BANK, Action.CREATE, None, False),
        (BANK, Action.UPDATE, None, True),
    ],
)
def test_what_is_left_alone(of, action, reason, is_left_alone):
    change = Change(of, action, reason)
    found = spared(change, ACTIVE)
    assert found == (Change(of, Action.SKIP, Reason.ACTIVE) if is_left_alone else change)
    assert spared(change, frozenset()) is change


@pytest.mark.parametrize(("namespace", "is_left_alone"), [("shop", True), ("bank", False)])
def test_a_missing_volume_of_a_claim_in_an_active_namespace_does_not_come(namespace, is_left_alone):
    change = Change(VOLUME, Action.CREATE)
    assert (spared(change, ACTIVE, volume_of(namespace)).action is Action.SKIP) is is_left_alone


@pytest.mark.parametrize(
    ("of", "expected"), [(IN_ACTIVE, True), (ELSEWHERE, False), (ROLE, True), (SHOP, True), (BANK, True)]
)
def test_what_is_not_deleted(of, expected):
    assert is_spared(of.key, of.resource, ACTIVE) is expected
    assert not is_spared(of.key, of.resource, frozenset())
