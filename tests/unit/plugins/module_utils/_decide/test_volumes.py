# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A volume whose claim is gone is bound again only where nothing but a dead UID stands in between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._decide.volumes import (
    claim_of,
    claim_uid,
    is_released,
    why_not_rebound,
)

ORDERS = ("db", "orders")
OTHERS = "it was the claim db/orders's, and the backup says otherwise"


def volume(policy: str = "Retain", **claim: str) -> dict[str, Any]:
    ref = {"namespace": "db", "name": "orders", "uid": "dead", **claim}
    return {"metadata": {"name": "nfs"}, "spec": {"persistentVolumeReclaimPolicy": policy, "claimRef": ref}}


def claim(volume_name: str = "") -> dict[str, Any]:
    return {"spec": {"volumeName": volume_name} if volume_name else {}}


@pytest.mark.parametrize(
    ("found", "wanted", "there", "comes", "why"),
    [
        (volume(), ORDERS, None, True, ""),
        (volume(), ORDERS, claim(), False, ""),
        (volume(), ORDERS, claim("nfs"), True, ""),
        (volume(), ORDERS, None, False, "no claim db/orders is restored or there"),
        (volume(), ORDERS, claim("other"), True, "the claim db/orders has another volume"),
        (volume(), ("db", "other"), claim(), True, OTHERS),
        (volume(), ("db-dr", "orders"), claim(), True, OTHERS),
        (volume(), ("", ""), None, True, OTHERS),
        (volume("Delete"), ORDERS, None, True, "its reclaim policy on the target is not Retain"),
        (volume("Recycle"), ORDERS, None, True, "its reclaim policy on the target is not Retain"),
    ],
)
def test_a_volume_is_left_unless_just_its_claim_comes_again(found, wanted, there, comes, why):
    assert why_not_rebound(found, wanted, there, comes) == why


@pytest.mark.parametrize(
    ("found", "place", "uid"),
    [
        (volume(), ORDERS, "dead"),
        ({"spec": {"claimRef": {"namespace": "db", "name": "orders"}}}, ORDERS, ""),
        ({"spec": {"claimRef": None}}, ("", ""), ""),
        ({"spec": {"claimRef": {"namespace": 1, "name": [], "uid": {}}}}, ("", ""), ""),
        ({"spec": "odd"}, ("", ""), ""),
        ({}, ("", ""), ""),
    ],
)
def test_whose_a_volume_is(found, place, uid):
    assert (claim_of(found), claim_uid(found)) == (place, uid)


@pytest.mark.parametrize(
    ("status", "released"), [({"phase": "Released"}, True), ({"phase": "Bound"}, False), ({}, False), (None, False)]
)
def test_the_controller_says_that_a_volume_is_released(status, released):
    assert is_released({"status": status}) is released
