# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects whose names lead elsewhere fail alone; what a broken server answers fails the type, and nothing is "gone".

Which requests are sent, and when, is shown on a real API server in tests/cluster/test_reading.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import Client
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer
from ansible_collections.standby.velero.plugins.module_utils._cluster.namespaces import namespaces_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.reader import Read, read
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    Forbidden,
    MalformedAnswer,
    NotFound,
    UnsafeName,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from answered import answer_of
from scripted import TYPES, ScriptedClient, as_stored, body_of

Body = dict[str, Any]
PODS = Resource("", "v1", "pods", "Pod", True)
STORED = {"uid": "1", "resourceVersion": "7"}
WEB = {"kind": "Pod", "metadata": {"name": "web", "namespace": "shop", **STORED}}


class Answering:
    """Stands for a connection; answers each path with what stands in the table, 404 without."""

    verifies_tls = True

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def send(self, _method: str, path: str, _body: Any = None, **how: Any) -> Answer:
        place = path.partition("?")[0]
        self.asked.append(place)
        found = self.answers.get(place, NotFound(place, status=404))
        if isinstance(found, Exception):
            raise found
        return answer_of(found, how)


ALLOWED = {"/api/v1/pods": {"items": [WEB]}}
OF_A_NAMESPACE = {
    "/api/v1/pods": Forbidden("no", status=403),
    "/api/v1/namespaces/shop/pods": {"items": [WEB]},
}
ONE_BY_ONE = {
    "/api/v1/pods": Forbidden("no", status=403),
    "/api/v1/namespaces/shop/pods": Forbidden("no", status=403),
    "/api/v1/namespaces/shop/pods/web": WEB,
}


@pytest.mark.parametrize("place", [("shop", "."), ("shop", ".."), ("..", "web"), (".", "."), ("shop", "web/status")])
@pytest.mark.parametrize(
    "answers", [ALLOWED, OF_A_NAMESPACE, ONE_BY_ONE], ids=["a list", "of a namespace", "one by one"]
)
def test_an_object_whose_name_leads_elsewhere_fails_alone(place: tuple[str, str], answers: dict[str, Any]) -> None:
    connection = Answering(answers)
    found = {one.place: one for one in read(Client(connection), PODS, {place: 1, ("shop", "web"): 2}.keys(), 1)}
    assert found["shop", "web"].body == WEB
    assert found[place].body is None
    assert isinstance(found[place].error, UnsafeName)
    assert str(found[place].error).startswith("no object can be called '")
    assert set(connection.asked) <= answers.keys()


@pytest.mark.parametrize("body", [{}, {"items": [7]}, {"items": None, "metadata": {"continue": 7}}], ids=str)
def test_a_list_of_another_shape_is_an_error_and_not_an_empty_target(body: Body) -> None:
    with pytest.raises(MalformedAnswer):
        list(read(Client(Answering({"/api/v1/pods": body})), PODS, {("shop", "web")}, 1))


def test_an_object_of_another_shape_is_an_error_and_not_an_absent_one() -> None:
    answers = {**ONE_BY_ONE, "/api/v1/namespaces/shop/pods/web": {}}
    with pytest.raises(MalformedAnswer):
        list(read(Client(Answering(answers)), PODS, {("shop", "web")}, 1))


def namespace(name: str, **metadata: Any) -> Body:
    return {"kind": "Namespace", "metadata": {"name": name, **STORED, **metadata}}


def test_namespaces_are_told_with_whether_they_are_going() -> None:
    items = [namespace("shop"), namespace("old", deletionTimestamp="2026-11-28T00:00:00Z")]
    assert namespaces_of(Client(Answering({"/api/v1/namespaces": {"items": items}})), ["shop"]) == {
        "shop": False,
        "old": True,
    }


@pytest.mark.parametrize("body", [{}, {"items": ["shop"]}, {"items": [{"metadata": None}]}], ids=str)
def test_namespaces_of_another_shape_are_an_error(body: Body) -> None:
    with pytest.raises(MalformedAnswer):
        namespaces_of(Client(Answering({"/api/v1/namespaces": body})), ["shop"])


def test_a_needed_namespace_whose_name_leads_elsewhere_is_not_asked_for() -> None:
    answers = {"/api/v1/namespaces": Forbidden("no", status=403), "/api/v1/namespaces/shop": namespace("shop")}
    connection = Answering(answers)
    assert namespaces_of(Client(connection), ["shop", ".."])["shop"] is False
    assert set(connection.asked) == answers.keys()


# Absence

CONFIG_MAPS = TYPES[1]
THERE = body_of("ConfigMap", "there")
NO_LIST = dict.fromkeys(("/api/v1/configmaps", "/api/v1/namespaces/shop/configmaps"), Forbidden("no list", status=403))
WHO = AbsenceUnproven("HTTP 404", status=404)
WANTED = {("shop", "there"), ("shop", "gone"), ("shop", "hidden")}


def test_asked_for_one_by_one_an_object_is_gone_only_when_the_api_server_names_it() -> None:
    client = ScriptedClient(THERE, answers={**NO_LIST, "/api/v1/namespaces/shop/configmaps/hidden": WHO})
    hidden, there = sorted(read(client, CONFIG_MAPS, WANTED, 1), key=lambda one: one.place)
    assert there == Read(("shop", "there"), as_stored(THERE))
    assert (hidden.place, hidden.body, type(hidden.error)) == (("shop", "hidden"), None, AbsenceUnproven)


def test_a_namespace_that_nothing_proves_to_be_gone_counts_as_there() -> None:
    """What lies in it will tell."""
    answers = {"/api/v1/namespaces": Forbidden("no list", status=403), "/api/v1/namespaces/hidden": WHO}
    client = ScriptedClient(body_of("Namespace", "shop"), answers=answers)
    assert namespaces_of(client, ["shop", "gone", "hidden"]) == {"shop": False, "hidden": False}
