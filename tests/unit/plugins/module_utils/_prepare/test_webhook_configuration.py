# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhook configurations that came from v1beta1."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.webhook_configuration import rewrite


def configuration(*webhooks, version="v1"):
    return {"apiVersion": f"admissionregistration.k8s.io/{version}", "webhooks": list(webhooks)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("None", "None"),
        ("NoneOnDryRun", "NoneOnDryRun"),
        ("Some", "None"),
        ("Unknown", "None"),
        (None, "None"),
        (["x"], "None"),
    ],
)
def test_side_effects_that_v1_does_not_take_become_none(before, after):
    assert rewrite(configuration({"sideEffects": before}), PrepareContext()) == configuration({"sideEffects": after})


def test_side_effects_that_are_not_given_become_none():
    assert rewrite(configuration({"name": "a"}), PrepareContext()) == configuration(
        {"name": "a", "sideEffects": "None"}
    )


def test_another_version_stays_as_it_is():
    body = configuration({"sideEffects": "Some"}, version="v1beta1")
    assert rewrite(body, PrepareContext()) is body


@pytest.mark.parametrize("webhooks", [None, "x", [None, "x"]])
def test_malformed_webhooks_are_left_to_the_server(webhooks):
    body = {"apiVersion": "admissionregistration.k8s.io/v1", "webhooks": webhooks}
    assert rewrite(body, PrepareContext()) == body


def test_the_recorded_configuration_stays_as_it_is():
    body = recorded.body("validatingwebhookconfigurations.admissionregistration.k8s.io", "", "shop-hook")
    assert rewrite(body, PrepareContext()) is body
