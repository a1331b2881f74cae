# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""ServiceAccounts: the token that the source cluster made."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.service_account import rewrite


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        (["creds"], ["creds"]),
        (["creds", "robot-token-a"], ["creds"]),
        (["robot-token-a", "creds", "robot-token-b", "last"], ["robot-token-a", "creds", "last"]),
        (["robot-token"], ["robot-token"]),
    ],
)
def test_the_last_token_named_after_it_goes(secrets, expected):
    body = {"metadata": {"name": "robot"}, "secrets": [{"name": name} for name in secrets]}
    assert rewrite(body, PrepareContext())["secrets"] == [{"name": name} for name in expected]


def test_a_list_that_becomes_empty_goes():
    assert "secrets" not in rewrite(
        {"metadata": {"name": "robot"}, "secrets": [{"name": "robot-token-a"}]}, PrepareContext()
    )


@pytest.mark.parametrize("secrets", [None, "x", ["robot-token-a", None, {"name": 3}]])
def test_malformed_secrets_are_left_to_the_server(secrets):
    body = {"metadata": {"name": "robot"}, "secrets": secrets}
    assert rewrite(body, PrepareContext()) == body


def test_the_recorded_account_keeps_its_secrets():
    body = recorded.body("serviceaccounts", "shop", "robot")
    assert rewrite(body, PrepareContext()) == body
