# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs find their Pods by a UID of the target's."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.job import rewrite


def test_the_recorded_job_loses_the_uid_in_selector_template_and_its_own_labels():
    body = recorded.body("jobs.batch", "shop", "migrate")
    after = rewrite(body, PrepareContext())
    assert after["spec"]["selector"] == {"matchLabels": {}}
    kept = {"batch.kubernetes.io/job-name": "migrate", "job": "migrate", "job-name": "migrate"}
    assert after["spec"]["template"]["metadata"]["labels"] == kept
    assert after["metadata"] == {**body["metadata"], "labels": kept}


def test_a_selector_of_the_users_stays():
    body = {"spec": {"selector": {"matchLabels": {"mine": "x", "controller-uid": "u"}}}}
    assert rewrite(body, PrepareContext()) == {"spec": {"selector": {"matchLabels": {"mine": "x"}}}}


@pytest.mark.parametrize(
    "spec", [None, "x", [], {"selector": None}, {"selector": {"matchLabels": "x"}, "template": []}]
)
def test_a_malformed_spec_is_left_to_the_server(spec):
    assert rewrite({"spec": spec}, PrepareContext()) == {"spec": spec}
