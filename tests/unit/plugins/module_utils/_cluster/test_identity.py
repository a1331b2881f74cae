# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By what a cluster is known, and when it is not."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.identity import cluster_uid
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    ClusterError,
    Forbidden,
    NotFound,
    Unreachable,
)
from scripted_target import ScriptedTarget, failing

GET = "get namespaces kube-system"


@pytest.mark.parametrize(
    ("answer", "uid"),
    [
        ({"metadata": {"uid": "c1"}}, "c1"),
        ({"metadata": {"uid": 5}}, ""),
        ({}, ""),
        (failing(NotFound), ""),
        (failing(Forbidden), ""),
        (failing(AbsenceUnproven), ""),
    ],
)
def test_a_cluster_is_known_by_its_kube_system_where_that_may_be_read(answer: object, uid: str) -> None:
    assert cluster_uid(ScriptedTarget((GET, answer))) == uid


def test_a_target_that_does_not_answer_is_no_unknown_cluster() -> None:
    with pytest.raises(ClusterError):
        cluster_uid(ScriptedTarget((GET, failing(Unreachable))))
