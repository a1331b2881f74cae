# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By what a cluster is known, and when it is not."""

from __future__ import annotations

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.identity import cluster_uid, identity_of
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    ClusterError,
    Forbidden,
    NotFound,
    Unreachable,
)
from scripted_target import ScriptedTarget, failing

GET = "get namespaces kube-system"
VERSION = "get /version"


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


def test_a_cluster_is_told_by_uid_and_version_as_far_as_they_may_be_read() -> None:
    known = {"metadata": {"uid": "c1"}}
    assert identity_of(ScriptedTarget((GET, known), (VERSION, {"gitVersion": "v1.36.3"}))) == ("c1", "v1.36.3")
    assert identity_of(ScriptedTarget((GET, failing(Forbidden)), (VERSION, {"gitVersion": 7}))) == ("", "")
    assert identity_of(ScriptedTarget((GET, known), (VERSION, failing(Forbidden)))) == ("c1", "")
