# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is ready to answer at a Service: looked up, and never called."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._cluster.services import Services, is_ready, pod_of
from ansible_collections.standby.velero.plugins.module_utils._errors import ClusterError, Forbidden, NotFound
from guarding import GET, LIST, SERVED, service, slice_of
from scripted_target import ScriptedTarget

PLACE = ("shop", "guard")
READY, UNREADY, UNSAID = ({"conditions": {"ready": True}}, {"conditions": {"ready": False}}, {})


def answered(*script: Any) -> bool:
    target = ScriptedTarget(*script)
    found = Services(target, SERVED).is_answered(PLACE)
    assert target.requests == target.script
    return found


@pytest.mark.parametrize(
    ("pages", "is_answered"),
    [
        ([[]], False),
        ([[slice_of(UNREADY)]], False),
        ([[slice_of(UNREADY), slice_of(READY)]], True),
        ([[slice_of()], [slice_of(UNREADY, UNSAID)]], True),
        ([[{"endpoints": None}]], False),
    ],
    ids=["no slice", "none ready", "one ready", "one that does not say", "a slice of nothing"],
)
def test_one_ready_endpoint_is_enough(pages: list[list[dict[str, Any]]], is_answered: bool) -> None:
    assert answered((GET, service()), (LIST, pages)) is is_answered


def test_of_a_service_that_is_not_there_nobody_answers_whatever_slices_say() -> None:
    assert answered((GET, NotFound("gone"))) is False


def test_a_name_elsewhere_counts_as_answered_for_nobody_here_can_tell() -> None:
    assert answered((GET, service(type="ExternalName", externalName="guard.example"))) is True


@pytest.mark.parametrize("script", [((GET, Forbidden("no")),), ((GET, service()), (LIST, Forbidden("no")))])
def test_what_may_not_be_read_is_not_taken_for_unanswered(script: Any) -> None:
    with pytest.raises(Forbidden):
        Services(ScriptedTarget(*script), SERVED).is_answered(PLACE)


def test_a_target_that_does_not_tell_of_services_is_not_taken_for_one_without() -> None:
    with pytest.raises(ClusterError, match="does not tell of services"):
        Services(ScriptedTarget(), Discovery({}, frozenset())).is_answered(PLACE)


@pytest.mark.parametrize(("endpoint", "ready"), [(READY, True), (UNREADY, False), (UNSAID, True), (None, True)])
def test_an_endpoint_that_does_not_say_is_ready(endpoint: Any, ready: bool) -> None:
    assert is_ready(endpoint) is ready


@pytest.mark.parametrize(
    ("target", "pod"),
    [({"kind": "Pod", "name": "guard-1"}, "guard-1"), ({"kind": "Node", "name": "n1"}, ""), (None, ""), ([], "")],
)
def test_who_answers_is_known_only_of_a_pod(target: Any, pod: str) -> None:
    assert pod_of({"targetRef": target}) == pod
