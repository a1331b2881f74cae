# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Pod whose selectors the API server completed from its label keys."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._compare.compare import compare

ADDED = {"key": "hash", "operator": "In", "values": ["abc"]}
OTHER = {"key": "tier", "operator": "Exists"}


def pod(*expressions, keys=("hash",)):
    constraint = {"labelSelector": {"matchExpressions": list(expressions)}, "matchLabelKeys": list(keys)}
    return {"metadata": {"labels": {"hash": "abc"}}, "spec": {"topologySpreadConstraints": [constraint]}}


@pytest.mark.parametrize(
    ("live", "desired", "equal"),
    [
        (pod(OTHER, ADDED), pod(OTHER), True),
        (pod(OTHER), pod(OTHER), True),
        (pod(OTHER, ADDED), pod(), False),
        (pod(OTHER, ADDED, keys=()), pod(OTHER, keys=()), False),
        (pod(OTHER, ADDED), {"metadata": {}, "spec": {}}, False),
        ({"metadata": {}, "spec": {}}, pod(OTHER), False),
        ({"metadata": {}, "spec": {"topologySpreadConstraints": "x"}}, pod(OTHER), False),
    ],
)
def test_only_what_it_added_is_no_difference(live, desired, equal):
    assert compare("pods", live, desired).equal is equal
