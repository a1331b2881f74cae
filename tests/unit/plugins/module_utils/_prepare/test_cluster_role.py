# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an aggregated ClusterRole gathered in production stays there."""

import pytest
from ansible_collections.standby.velero.plugins.module_utils._prepare.cluster_role import rewrite
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext

RULES = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["*"]}]
GATHERS = {"clusterRoleSelectors": [{"matchLabels": {"part": "yes"}}]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"aggregationRule": GATHERS, "rules": RULES}, {"aggregationRule": GATHERS, "rules": []}),
        ({"aggregationRule": GATHERS}, {"aggregationRule": GATHERS}),
        ({"rules": RULES}, {"rules": RULES}),
        ({"aggregationRule": None, "rules": RULES}, {"aggregationRule": None, "rules": RULES}),
        ({"aggregationRule": "x", "rules": RULES}, {"aggregationRule": "x", "rules": RULES}),
    ],
)
def test_only_a_role_that_gathers_rules_loses_them(body, expected):
    assert rewrite(body, PrepareContext()) == expected
