# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selectors of Pods as they were before an API server completed them."""

from __future__ import annotations

from copy import deepcopy

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prepare.label_keys import as_written

LABELS = {"hash": "abc", "tenant": "t1"}
OTHER = {"key": "tier", "operator": "Exists"}


def added(key, operator="In"):
    return {"key": key, "operator": operator, "values": [LABELS[key]]}


def term(*expressions, **keys):
    return {"labelSelector": {"matchExpressions": list(expressions)} if expressions else {}, **keys}


def spread(inner):
    return {"topologySpreadConstraints": [inner]}


def required(inner):
    return {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [inner]}}}


def preferred(inner):
    weighed = {"weight": 1, "podAffinityTerm": inner}
    return {"affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [weighed]}}}


@pytest.mark.parametrize("at", [spread, required, preferred])
@pytest.mark.parametrize(
    ("stored", "written"),
    [
        (term(OTHER, added("hash"), matchLabelKeys=["hash"]), term(OTHER, matchLabelKeys=["hash"])),
        (term(added("hash"), matchLabelKeys=["hash"]), term(matchLabelKeys=["hash"])),
        (term(added("tenant", "NotIn"), mismatchLabelKeys=["tenant"]), term(mismatchLabelKeys=["tenant"])),
    ],
)
def test_what_an_api_server_added_goes(at, stored, written):
    pod = {"metadata": {"labels": LABELS}, "spec": at(stored)}
    before = deepcopy(pod)
    assert as_written(pod) == {"metadata": {"labels": LABELS}, "spec": at(written)}
    assert pod == before


@pytest.mark.parametrize(
    "kept",
    [
        term(added("hash")),
        term(added("hash", "NotIn"), matchLabelKeys=["hash"]),
        term(added("hash"), matchLabelKeys=["tenant"]),
        term({"key": "hash", "operator": "In", "values": ["other"]}, matchLabelKeys=["hash"]),
        term(added("hash"), matchLabelKeys=["gone", 3, None]),
        term(added("hash"), matchLabelKeys="hash"),
        {"matchLabelKeys": ["hash"]},
        None,
        "x",
    ],
)
def test_what_somebody_wrote_stays_and_what_is_malformed_is_left_to_the_server(kept):
    pod = {"metadata": {"labels": LABELS}, "spec": spread(kept)}
    assert as_written(pod) is pod
