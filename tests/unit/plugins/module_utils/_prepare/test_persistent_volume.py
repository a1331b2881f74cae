# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PersistentVolumes are bound anew."""

from __future__ import annotations

import pytest
import recorded
from ansible_collections.standby.velero.plugins.module_utils._prepare.context import PrepareContext
from ansible_collections.standby.velero.plugins.module_utils._prepare.persistent_volume import forget_claim, rewrite


def test_the_recorded_volume_names_its_claim_without_the_claims_uid():
    after = rewrite(recorded.body("persistentvolumes", "", "pv-ledger"), PrepareContext())
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "ledger", "namespace": "billing"}
    assert after["spec"]["claimRef"] == claim
    assert after["metadata"]["annotations"] == {}


def test_only_the_binders_annotations_go():
    kept = {"pv.kubernetes.io/provisioned-by": "example.org/none"}
    gone = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
    assert rewrite({"metadata": {"annotations": {**kept, **gone}}}, PrepareContext()) == {
        "metadata": {"annotations": kept}
    }


def test_a_volume_that_is_bound_again_says_that_it_forgets_its_claim():
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": "ledger", "namespace": "billing"}
    body = rewrite(recorded.body("persistentvolumes", "", "pv-ledger"), PrepareContext())
    after = forget_claim(body)
    assert after == {**body, "spec": {**body["spec"], "claimRef": {**claim, "uid": "", "resourceVersion": ""}}}


@pytest.mark.parametrize("spec", [None, "x", [], {"claimRef": None}, {"claimRef": "x"}])
def test_a_malformed_spec_is_left_to_the_server(spec):
    assert rewrite({"spec": spec}, PrepareContext()) == {"spec": spec}
