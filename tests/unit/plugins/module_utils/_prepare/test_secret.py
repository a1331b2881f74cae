# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets: only service account tokens are rewritten."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.secret import rewrite


def test_the_recorded_token_loses_what_the_token_controller_fills_in():
    body = recorded.body("secrets", "shop", "robot-token")
    after = rewrite(body, PrepareContext())
    assert sorted(after["data"]) == ["namespace"]
    assert after["metadata"]["annotations"] == {"kubernetes.io/service-account.name": "robot"}


def test_any_other_secret_stays_as_it_is():
    body = {"type": "Opaque", "data": {"token": "eA==", "ca.crt": "eA=="}}
    assert rewrite(body, PrepareContext()) is body


@pytest.mark.parametrize("data", [None, "x", []])
def test_malformed_data_is_left_to_the_server(data):
    body = {"type": "kubernetes.io/service-account-token", "data": data}
    assert rewrite(body, PrepareContext()) == body
