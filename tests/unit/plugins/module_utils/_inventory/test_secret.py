# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the Secrets of this collection look."""

from __future__ import annotations

from ansible_collections.standby.velero.plugins.module_utils._inventory.secret import own_secret, selector_of, type_of


def test_a_secret_of_ours_says_what_it_holds_in_type_and_label_and_can_be_found_by_it():
    secret = own_secret("state", "standby-velero", "state", {"state": "e30="})
    assert secret == {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "standby.velero/state",
        "metadata": {
            "name": "state",
            "namespace": "standby-velero",
            "labels": {"app.kubernetes.io/managed-by": "standby.velero", "standby.velero/holds": "state"},
        },
        "data": {"state": "e30="},
    }
    assert secret["type"] == type_of("state")
    assert "=".join(("standby.velero/holds", "state")) == selector_of("state")
