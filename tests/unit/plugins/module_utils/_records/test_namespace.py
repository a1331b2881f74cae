# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
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
