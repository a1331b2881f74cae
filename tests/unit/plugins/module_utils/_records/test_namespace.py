# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The namespace of what this collection keeps on the target."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import AlreadyExists, Forbidden
from ansible_collections.standby.velero.plugins.module_utils._records.namespace import ensure_namespace
from scripted_target import ScriptedTarget, failing, stored

CREATE = "create namespaces standby-velero"


@pytest.mark.parametrize("answer", [stored(), failing(AlreadyExists)], ids=["new", "there already"])
def test_it_is_created_with_our_mark_and_one_that_is_there_is_fine(answer):
    target = ScriptedTarget((CREATE, answer))
    ensure_namespace(target, "standby-velero")
    assert target.requests == target.script
    assert target.body(CREATE)["metadata"] == {
        "name": "standby-velero",
        "labels": {"app.kubernetes.io/managed-by": "standby.velero"},
    }


def test_one_that_may_not_be_created_is_told():
    with pytest.raises(Forbidden):
        ensure_namespace(ScriptedTarget((CREATE, failing(Forbidden))), "standby-velero")
