# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the client's requests lead, whatever the names look like, and which answers it believes."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster.answers import error_of
from ansible_collections.standby.velero.plugins.module_utils._cluster.client import (
    MOST_PAGES,
    Client,
    object_path,
    path_of,
)
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AbsenceUnproven,
    AnswerTooLarge,
    MalformedAnswer,
    NotFound,
    UnsafeName,
)
from ansible_collections.standby.velero.plugins.module_utils._values import Resource
from answered import answer_of

Body = dict[str, Any]
PODS = Resource("", "v1", "pods", "Pod", True)
ROLES = Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False)
METADATA = {"name": "web", "namespace": "shop", "uid": "1", "resourceVersion": "7"}
POD = {"apiVersion": "v1", "kind": "Pod", "metadata": METADATA}


class Answering:
    """Stands for a connection; each request is answered with what the test makes of its path."""

    verifies_tls = True

    def __init__(self, answer: Callable[[str], Any], *warnings: str) -> None:
        self.answer, self.warnings = answer, warnings
        self.sent: list[tuple[str, str]] = []

    def send(self, method: str, path: str, _body: Any = None, **how: Any) -> Answer:
        self.sent.append((method, path))
        return answer_of(self.answer(path), how, *self.warnings)


def answered(body: Any) -> Client:
    return Client(Answering(lambda _path: body))


@pytest.mark.parametrize(
    ("resource", "namespace", "name", "path"),
    [
        (PODS, "", "", "/api/v1/pods"),
        (PODS, "shop", "", "/api/v1/namespaces/shop/pods"),
        (PODS, "shop", "web", "/api/v1/namespaces/shop/pods/web"),
        (ROLES, "", "system:node", "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode"),
        (ROLES, "ignored", "a", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a"),
        (PODS, "..x", "?a=b", "/api/v1/namespaces/..x/pods/%3Fa%3Db"),
        (ROLES, "", "a\\b c\u00a0\n#", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a%5Cb%20c%C2%A0%0A%23"),
        (ROLES, "..", "a", "/apis/rbac.authorization.k8s.io/v1/clusterroles/a"),
    ],
)
def test_a_path_holds_its_names_quoted(resource, namespace, name, path):
    assert path_of(resource, namespace, name) == path


# Names that lead elsewhere

LEAD_ELSEWHERE = [".", "..", "web/status", "../../secrets/token", "/", "%2e%2e", "a%2fb", "\ud800", "a\udfffb"]


@pytest.mark.parametrize("name", LEAD_ELSEWHERE, ids=ascii)
@pytest.mark.parametrize("part", ["namespace", "name"])
def test_a_name_that_leads_to_another_object_is_refused_before_anything_is_sent(part, name):
    place = {"namespace": "shop", "name": "web", part: name}
    connection = Answering(lambda _path: POD)
    client = Client(connection)
    requests = [
        lambda: client.get(PODS, place["namespace"], place["name"]),
        lambda: client.patch(PODS, place["namespace"], place["name"], {}),
        lambda: client.delete(PODS, place["namespace"], place["name"], "1"),
    ]
    if part == "namespace":
        requests += [lambda: client.create(PODS, name, POD), lambda: list(client.pages(PODS, name))]
    for request in requests:
        with pytest.raises(UnsafeName) as caught:
            request()
        assert str(caught.value).isprintable()
    assert connection.sent == []


@pytest.mark.parametrize(("resource", "namespace", "name"), [(PODS, "shop", ""), (PODS, "", "web"), (ROLES, "", "")])
def test_a_request_for_one_object_never_becomes_one_for_all(resource, namespace, name):
    connection = Answering(lambda _path: POD)
    for request in (
        lambda: object_path(resource, namespace, name),
        lambda: Client(connection).get(resource, namespace, name),
        lambda: Client(connection).patch(resource, namespace, name, {}),
        lambda: Client(connection).delete(resource, namespace, name, "1"),
    ):
        with pytest.raises(UnsafeName, match="cannot be asked for"):
            request()
    assert connection.sent == []


# Lists

PATH = "/api/v1/namespaces/shop/pods"


def item(**metadata: Any) -> Body:
    return {"metadata": {**METADATA, **metadata}}


def page(number: int, rest: Any) -> Body:
    return {"items": [item(name=f"pod-{number}")], "metadata": {"continue": rest}}


def query(path: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(path.partition("?")[2]).items()}


def test_the_pages_of_a_list_are_asked_for_one_after_another():
    pages = {"": page(0, "a/b="), "a/b=": page(1, "c"), "c": page(2, None)}
    connection = Answering(lambda path: pages[query(path).get("continue", "")])
    found = [body["metadata"]["name"] for one in Client(connection).pages(PODS, "shop", "app=web") for body in one]
    assert found == ["pod-0", "pod-1", "pod-2"]
    assert [query(path) for _method, path in connection.sent] == [
        {"limit": "500", "labelSelector": "app=web", **more} for more in ({}, {"continue": "a/b="}, {"continue": "c"})
    ]


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_list_whose_pages_go_round_in_a_circle_is_an_error(tokens):
    following = iter(tokens)
    with pytest.raises(MalformedAnswer, match=f"the list {PATH} does not end"):
        list(Client(Answering(lambda _path: page(0, next(following)))).pages(PODS, "shop"))


def test_a_list_without_an_end_is_an_error():
    numbers = count(1)
    connection = Answering(lambda _path: page(0, f"t{next(numbers)}"))
    with pytest.raises(MalformedAnswer, match=f"the list {PATH} does not end: {MOST_PAGES} pages were read"):
        for _page in Client(connection).pages(PODS, "shop"):
            pass
    assert len(connection.sent) == MOST_PAGES


SIZES = [
    ("small ones", [10_000] * 1200, [500, 500, 500]),
    ("large ones", [1_000_000] * 20, [500, 50, 5, 5, 5, 5]),
    ("large ones first", [1_000_000] * 20 + [50_000] * 80, [500, 50, 5, 5, 5, 5, 5, 10, 20, 40, 80]),
    ("large ones last", [2_000] * 500 + [1_000_000] * 17, [500, 500, 50, 5, 5, 5, 5]),
    ("one that is larger than a page", [16_700_000, 100_000, 1000], [500, 50, 5, 1, 1, 2]),
]


@pytest.mark.parametrize(("sizes", "asked"), [row[1:] for row in SIZES], ids=[row[0] for row in SIZES])
def test_a_page_has_as_many_objects_as_fit_8_mib(sizes: list[int], asked: list[int]) -> None:
    """The bytes of each object, and how many objects are asked for, request by request."""
    listing = Listing(sizes)
    assert list(Client(listing).pages(PODS, "shop"))
    assert listing.asked == asked


class Listing:
    """A connection to a list of objects of these sizes."""

    verifies_tls = True

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes
        self.asked: list[int] = []

    def send(self, _method: str, path: str, _body: Any = None, **how: Any) -> Answer:
        start, limit = int(query(path).get("continue", 0)), int(query(path)["limit"])
        self.asked.append(limit)
        size = sum(self._sizes[start : start + limit])
        if size > how["largest"]:
            raise AnswerTooLarge("too large")
        following = None if start + limit >= len(self._sizes) else str(start + limit)
        return answer_of({**page(0, following), "of": "x" * size}, how)


def test_an_object_that_is_too_large_by_itself_is_an_error():
    def too_large(_path: str) -> Body:
        raise AnswerTooLarge("too large")

    connection = Answering(too_large)
    with pytest.raises(AnswerTooLarge):
        list(Client(connection).pages(PODS, "shop"))
    assert [query(path)["limit"] for _method, path in connection.sent] == ["500", "50", "5", "1"]


NO_LISTS = [
    {},
    [],
    "items",
    7,
    None,
    {"items": {}},
    {"items": "x"},
    {"items": [7]},
    {"items": [[]]},
    {"items": [None]},
    {"items": [{}]},
    {"items": [{"metadata": []}]},
    {"items": [{"metadata": {}}]},
    {"items": [item(name="")]},
    {"items": [item(name=7)]},
    {"items": [item(namespace=["b"])]},
    {"items": [item(namespace=[])]},
    {"items": [item(), item(name=["b"])]},
    {"items": [item(uid=None)]},
    {"items": [item(uid=7)]},
    {"items": [item(resourceVersion="")]},
    {"items": [item(resourceVersion=7)]},
    {"items": [], "metadata": {"continue": ["a"]}},
    {"items": [], "metadata": {"continue": {"a": 1}}},
    {"items": [], "metadata": {"continue": 7}},
    {"items": [], "metadata": {"continue": "\ud800"}},
    {"items": [], "metadata": {"continue": "a" * 10_000}},
    {"kind": "Status", "status": "Success"},
]


@pytest.mark.parametrize("body", NO_LISTS, ids=lambda body: ascii(body)[:60])
def test_what_is_no_list_of_objects_is_an_error_and_never_an_empty_list(body):
    with pytest.raises(MalformedAnswer, match=PATH):
        list(answered(body).pages(PODS, "shop"))


@pytest.mark.parametrize(
    "body", [{"items": []}, {"items": None}, {"items": [], "metadata": None}, {"items": [], "metadata": 7}]
)
def test_an_empty_list_is_one(body):
    assert list(answered(body).pages(PODS, "shop")) == [[]]


# One object


def changed(**metadata: Any) -> Body:
    return {**POD, "metadata": {**POD["metadata"], **metadata}}


NO_POD = [
    {},
    [],
    "x",
    None,
    {"kind": "Pod"},
    {"kind": "Pod", "metadata": []},
    {"kind": ["Pod"], "metadata": POD["metadata"]},
    {**POD, "kind": "PodList"},
    {**POD, "kind": "Secret"},
    {"kind": "Status", "status": "Failure"},
    {"kind": "Status"},
    changed(name=""),
    changed(name=None),
    changed(name=["web"]),
    changed(name="other"),
    changed(namespace="other"),
    changed(namespace=None),
    changed(namespace=["shop"]),
    changed(namespace={}),
]


@pytest.mark.parametrize("body", NO_POD, ids=lambda body: str(body)[:70])
@pytest.mark.parametrize("verb", ["get", "create", "patch", "delete"])
def test_an_answer_that_is_not_the_object_in_question_is_not_believed(verb, body):
    client = answered(body)
    requests = {
        "get": lambda: client.get(PODS, "shop", "web"),
        "create": lambda: client.create(PODS, "shop", POD),
        "patch": lambda: client.patch(PODS, "shop", "web", {}),
        "delete": lambda: client.delete(PODS, "shop", "web", "1"),
    }
    with pytest.raises(MalformedAnswer):
        requests[verb]()


@pytest.mark.parametrize("value", ["", None, 7, ["1"]], ids=str)
@pytest.mark.parametrize("field", ["uid", "resourceVersion"])
def test_an_object_is_believed_only_with_what_the_next_write_stands_on(field, value):
    client = answered(changed(**{field: value}))
    for request in (
        lambda: client.get(PODS, "shop", "web"),
        lambda: client.create(PODS, "shop", POD),
        lambda: client.patch(PODS, "shop", "web", {}),
    ):
        with pytest.raises(MalformedAnswer, match="has no"):
            request()


def test_what_a_dry_run_would_create_has_no_version_and_is_believed():
    admitted = {**POD, "metadata": {name: value for name, value in METADATA.items() if name != "resourceVersion"}}
    assert answered(admitted).create(PODS, "shop", POD, dry_run=True) == admitted


def test_the_object_itself_is_believed():
    client = answered(POD)
    assert client.get(PODS, "shop", "web") == POD
    assert client.create(PODS, "shop", POD) == POD
    assert client.patch(PODS, "shop", "web", {}) == POD
    assert client.delete(PODS, "shop", "web", "1") == POD
    generated = {"kind": "Pod", "metadata": {"generateName": "we", "namespace": "shop"}}
    assert client.create(PODS, "shop", generated, dry_run=True) == POD


def test_a_deletion_that_leaves_nothing_is_told_by_a_status():
    gone = {"kind": "Status", "status": "Success"}
    assert answered(gone).delete(PODS, "shop", "web", "1") == gone


# Fields that the target does not know

UNKNOWN = '299 - "unknown field \\"spec.containers[3].colour\\""'


@pytest.mark.parametrize(
    ("warning", "fields"),
    [
        (UNKNOWN, {"spec.containers[].colour"}),
        (f"{UNKNOWN}, {UNKNOWN.replace('colour', 'size')}", {"spec.containers[].colour", "spec.containers[].size"}),
        ('299 - "unknown field \\"a\\\\\\" 299 - \\"unknown field \\"hunter2\\""', set()),
        ('299 - "the webhook says: unknown field \\"hunter2\\""', set()),
        ('299 - "unknown field \\"hunter2\\" is too weak"', set()),
        ('299 - "unknown field \\"the password hunter2\\""', set()),
        ("", set()),
    ],
)
def test_only_the_api_servers_own_warnings_name_fields_that_were_dropped(warning, fields):
    client = Client(Answering(lambda _path: POD, warning))
    client.patch(PODS, "shop", "web", {})
    assert client.dropped_fields.get("pods", set()) == fields


# Answers that say that something is gone


class AnsweringOnce:
    """A connection with one answer to everything."""

    verifies_tls = True

    def __init__(self, status: int, body: Any) -> None:
        self._status, self._body = status, body

    def send(self, _method: str, _path: str, _body: Any = None, **how: Any) -> Answer:
        if self._status >= 400:
            raise error_of(self._status, self._body)
        return answer_of(self._body, how, status=self._status)


REQUESTS = {
    "get": lambda client: client.get(PODS, "shop", "web"),
    "patch": lambda client: client.patch(PODS, "shop", "web", {}),
    "patch of its status": lambda client: client.patch(PODS, "shop", "web", {}, subresource="/status"),
    "delete": lambda client: client.delete(PODS, "shop", "web", "u1"),
}
CREATE = {"create": lambda client: client.create(PODS, "shop", {"metadata": {"name": "web"}})}


def status_of(kind: str, name: str) -> bytes:
    return json.dumps({"kind": "Status", "reason": "NotFound", "details": {"kind": kind, "name": name}}).encode()


@pytest.mark.parametrize("request_of", REQUESTS)
def test_an_object_is_gone_only_when_the_answer_names_it(request_of):
    with pytest.raises(NotFound):
        REQUESTS[request_of](Client(AnsweringOnce(404, status_of("pods", "web"))))


@pytest.mark.parametrize("request_of", [*REQUESTS, *CREATE])
def test_of_a_namespace_that_is_gone_nothing_is_left(request_of):
    with pytest.raises(NotFound):
        {**REQUESTS, **CREATE}[request_of](Client(AnsweringOnce(404, status_of("namespaces", "shop"))))


@pytest.mark.parametrize("request_of", [*REQUESTS, *CREATE])
@pytest.mark.parametrize("body", [b"default backend - 404", status_of("pods", "other")])
def test_a_404_that_names_nothing_or_another_proves_nothing(request_of, body):
    with pytest.raises(AbsenceUnproven, match="that does not name this object"):
        {**REQUESTS, **CREATE}[request_of](Client(AnsweringOnce(404, body)))
