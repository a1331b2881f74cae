# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Discovery held against what the server has stored of types."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.checked_discovery import checked_discovery
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import path_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.discovery import Discovery
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    Forbidden,
    Unauthorized,
    Unreachable,
)
from ansible_collections.standby.velero.plugins.module_utils._kinds import API_SERVICE, DEFINITION
from scripted import TYPES, Body, ScriptedClient, as_stored, discovery_of

WIDGETS = replace(TYPES[1], group="example.org", plural="widgets", kind="Widget")
DEFINITIONS, SERVICES = path_of(DEFINITION), path_of(API_SERVICE)
OTHERS_ALONE = discovery_of(TYPES)
WITH_WIDGETS = discovery_of((*TYPES, WIDGETS))
QUESTIONS = ["/readyz", DEFINITIONS, SERVICES, "/api", "/apis"]


def definition(name: str = "widgets.example.org", established: str = "True", served: Any = True) -> Body:
    conditions = [{"type": "NamesAccepted", "status": "True"}, {"type": "Established", "status": established}]
    spec = {"versions": [{"name": "v1beta1", "served": False}, {"name": "v1", "served": served}]}
    return as_stored({"metadata": {"name": name}, "spec": spec, "status": {"conditions": conditions}})


def service(group: str = "example.org", version: str = "v1", available: str = "", foreign: bool = False) -> Body:
    spec = {"group": group, "version": version, **({"service": {"name": "x", "namespace": "y"}} if foreign else {})}
    conditions = [{"type": "Available", "status": available}] if available else []
    body = {"metadata": {"name": f"{version}.{group}"}, "spec": spec, "status": {"conditions": conditions}}
    return as_stored(body)


def stored(*bodies: Body, **answers: Any) -> ScriptedClient:
    """A target that serves no widgets and has these definitions and APIServices."""
    definitions = [body for body in bodies if "versions" in body["spec"]]
    services = [body for body in bodies if "versions" not in body["spec"]]
    lists = {DEFINITIONS: {"items": definitions}, SERVICES: {"items": services}}
    return ScriptedClient(answers={**lists, **answers})


def never(_seconds: float) -> None:
    raise AssertionError("nothing was to be waited for")


def until(client: ScriptedClient, times: int) -> Callable[[float], None]:
    """Pauses after which the target serves widgets."""
    pauses = iter(range(1, 100))

    def sleep(_seconds: float) -> None:
        if next(pauses) == times:
            client.answers.update(WITH_WIDGETS)

    return sleep


def tells(found: Discovery) -> tuple[bool, str, frozenset[str]]:
    return found.tells_all_of("example.org"), found.unproven, found.incomplete


# A server that serves what it has stored


def test_it_costs_three_requests_beside_discovery_and_proves_what_is_gone() -> None:
    client = stored()
    found = checked_discovery(client, sleep=never)
    assert client.asked == QUESTIONS
    assert tells(found) == (True, "", frozenset())


def test_what_is_served_need_not_be_looked_at() -> None:
    client = stored(definition(), service())
    client.answers.update(WITH_WIDGETS)
    found = checked_discovery(client, sleep=never)
    assert client.asked == QUESTIONS
    assert (found.find("widgets.example.org", "v1"), found.incomplete) == (WIDGETS, frozenset())


# One that has just begun


@pytest.mark.parametrize("announced", [definition(), service()], ids=["a definition", "an APIService"])
@pytest.mark.parametrize("times", [1, 9])
def test_a_group_that_is_stored_and_left_out_is_waited_for(announced: Body, times: int) -> None:
    client = stored(announced)
    found = checked_discovery(client, sleep=until(client, times))
    assert found.find("widgets.example.org", "v1") == WIDGETS
    assert tells(found) == (True, "", frozenset())
    assert client.asked.count("/apis") == times + 1
    assert client.asked.count(DEFINITIONS) <= 2, "in full only when one is missing, and once"


@pytest.mark.parametrize("announced", [definition(), service()], ids=["a definition", "an APIService"])
def test_what_is_left_out_when_time_is_up_makes_its_group_incomplete(announced: Body) -> None:
    found = checked_discovery(stored(announced), deadline=0)
    assert tells(found) == (False, "", frozenset({"example.org"}))
    assert found.tells_all_of("apps")


def test_a_version_that_is_left_out_makes_its_group_incomplete_too() -> None:
    client = stored(definition(), service(), service(version="v2"))
    client.answers.update(WITH_WIDGETS)
    assert tells(checked_discovery(client, deadline=0)) == (False, "", frozenset({"example.org"}))


# Types that are not to be waited for


@pytest.mark.parametrize(
    "silent",
    [definition(established="False"), definition(served=False), definition(served=None)],
    ids=["not established", "not served", "odd"],
)
def test_a_definition_that_serves_nothing_is_not_waited_for_and_its_objects_are_not_gone(silent: Body) -> None:
    assert tells(checked_discovery(stored(silent), sleep=never)) == (False, "", frozenset())


@pytest.mark.parametrize("available", ["False", "Unknown", ""])
def test_a_server_that_is_away_is_not_waited_for(available: str) -> None:
    client = stored(service(available=available, foreign=True))
    assert tells(checked_discovery(client, sleep=never)) == (False, "", frozenset({"example.org"}))


def test_what_another_server_does_not_have_nobody_else_knows() -> None:
    client = stored(service(available="True", foreign=True))
    client.answers.update(WITH_WIDGETS)
    assert tells(checked_discovery(client, sleep=never)) == (False, "", frozenset())


# Without the rights


@pytest.mark.parametrize("path", [DEFINITIONS, SERVICES])
def test_where_it_may_not_be_checked_the_types_are_known_and_nothing_is_gone(path: str) -> None:
    client = stored(**{path: Forbidden("no list", status=403)})
    found = checked_discovery(client, sleep=never)
    assert found.find("configmaps", "v1") == TYPES[1]
    assert not found.tells_all_of("apps")
    assert found.unproven.startswith("no list; a prune needs get on /readyz, and list on customresourcedefinitions")


def test_all_that_may_not_be_asked_is_told_at_once() -> None:
    client = stored(**{DEFINITIONS: Forbidden("no list", status=403)})
    client.ready = (403, "Forbidden")
    assert checked_discovery(client).unproven.startswith("get /readyz is answered HTTP 403; no list; a prune needs")


def test_without_leave_to_ask_whether_it_is_ready_the_rest_is_checked_all_the_same() -> None:
    client = stored(definition())
    client.ready = (403, "Forbidden")
    found = checked_discovery(client, sleep=until(client, 1))
    assert found.find("widgets.example.org", "v1") == WIDGETS
    assert found.unproven.startswith("get /readyz is answered HTTP 403; a prune needs")


@pytest.mark.parametrize("error", [Unreachable("no answer"), Unauthorized("who are you?", status=401)])
def test_a_target_that_is_away_is_an_error_as_everywhere(error: ClusterError) -> None:
    with pytest.raises(type(error)):
        checked_discovery(stored(**{SERVICES: error}))
