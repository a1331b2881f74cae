# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where requests go and which credentials they carry; how answers are taken is shown on a real API server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import urllib3
from ansible_collections.standby.velero.plugins.module_utils._cluster import connection, credentials
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import (
    Answer,
    Connection,
    without_userinfo,
)
from ansible_collections.standby.velero.plugins.module_utils._cluster.retries import ATTEMPTS, LONGEST_PAUSE
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    ClusterError,
    LockLost,
    Throttled,
    Unreachable,
)
from kubernetes.client import Configuration
from raw_server import RawServer, answer

NOW = 1795489200
WARNINGS = ('299 - "unknown field \\"spec.a\\""', '299 - "unknown field \\"spec.b\\""')


class Echo(BaseHTTPRequestHandler):
    """Answers with what came; below /busy always with 503, below /told with two warnings."""

    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        data = json.dumps({"path": self.path, "headers": self.headers.items()}).encode()
        self.send_response(503 if self.path == "/busy" else 200)
        self.send_header("Content-Length", str(len(data)))
        for text in WARNINGS if self.path == "/told" else ():
            self.send_header("Warning", text)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _serve  # noqa: N815 - names that http.server looks for

    def date_time_string(self, _timestamp: float | None = None) -> str:
        return "no date" if self.path == "/dateless" else super().date_time_string(NOW)

    def log_message(self, *_arguments: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture(scope="module")
def echo() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def configured(host: str, **options: Any) -> Configuration:
    configuration = Configuration(host=host, **options)
    configuration.proxy = None
    return configuration


def with_new_token_each_time(host: str) -> Configuration:
    configuration = configured(host, api_key={"authorization": "token-0"}, api_key_prefix={"authorization": "Bearer"})
    renewed = iter(range(1, 100))

    def renew(one: Configuration) -> None:
        one.api_key["authorization"] = f"token-{next(renewed)}"

    configuration.refresh_api_key_hook = renew
    return configuration


def authorizations(sender: Connection, requests: int) -> list[str]:
    answers = [sender.send("GET", "/version") for _one in range(requests)]
    return [value for answer in answers for name, value in answer.body["headers"] if name.lower() == "authorization"]


def test_credentials_are_not_renewed_at_every_request(echo: str) -> None:
    assert authorizations(Connection(with_new_token_each_time(echo), {}, 1), 3) == ["Bearer token-1"] * 3


def test_credentials_are_renewed_once_they_are_old(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "RENEW_SECONDS", 0.0)
    tokens = ["Bearer token-1", "Bearer token-2", "Bearer token-3"]
    assert authorizations(Connection(with_new_token_each_time(echo), {}, 1), 3) == tokens


def test_a_user_name_is_sent_as_basic_authentication(echo: str) -> None:
    sender = Connection(configured(echo, username="me", password="secret"), {}, 1)
    assert authorizations(sender, 1) == ["Basic bWU6c2VjcmV0"]


def test_every_impersonated_group_is_sent_at_every_request(echo: str) -> None:
    sender = Connection(configured(echo), {"Impersonate-User": "jane", "Impersonate-Group": ["one", "two"]}, 1)
    for _time in range(2):
        sent = [pair for pair in sender.send("GET", "/version").body["headers"] if pair[0].startswith("Impersonate")]
        assert sorted(map(tuple, sent)) == [
            ("Impersonate-Group", "one"),
            ("Impersonate-Group", "two"),
            ("Impersonate-User", "jane"),
        ]


def test_an_answer_tells_status_body_warnings_and_date_in_one_value(echo: str) -> None:
    sender = Connection(configured(echo), {}, 1)
    answer = sender.send("GET", "/told")
    assert answer == Answer(200, {"path": "/told", "headers": answer.body["headers"]}, WARNINGS, float(NOW))
    assert sender.send("GET", "/version").warnings == ()


def test_an_answer_without_a_date_that_can_be_read_has_none(echo: str) -> None:
    assert Connection(configured(echo), {}, 1).send("GET", "/dateless").date is None


class Gate:
    """Lets the first writes through, and counts the pauses between them."""

    def __init__(self, writes: int) -> None:
        self.left = writes
        self.pauses = 0

    def may_send(self) -> bool:
        self.left -= 1
        return self.left >= 0

    def sleep(self, _seconds: float) -> None:
        self.pauses += 1


@pytest.mark.parametrize("writes", [0, 1, 3])
def test_each_attempt_of_a_guarded_write_asks_whether_it_may_still_be_sent(echo: str, writes: int) -> None:
    gate = Gate(writes)
    sender = Connection(configured(echo), {}, 1, gate.sleep).guarded(gate.may_send)
    with pytest.raises(LockLost):
        sender.send("POST", "/busy", {})
    assert gate.pauses == writes


def test_a_guarded_connection_reads_whatever_the_guard_says(echo: str) -> None:
    sender = Connection(configured(echo), {}, 1).guarded(lambda: False)
    assert sender.send("GET", "/version").status == 200


def test_a_guarded_view_leaves_the_connection_itself_unguarded_and_shares_its_credentials(echo: str) -> None:
    sender = Connection(with_new_token_each_time(echo), {}, 1)
    view = sender.guarded(lambda: False)
    assert authorizations(view, 1) == authorizations(sender, 1) == ["Bearer token-1"]
    assert sender.send("POST", "/version", {}).status == 200


@pytest.mark.parametrize("prefix", ["", "/k8s/clusters/c-1", "/k8s/clusters/c-1/"])
def test_the_paths_begin_below_that_of_the_host(echo: str, prefix: str) -> None:
    answer = Connection(configured(echo + prefix), {}, 1).send("GET", "/api/v1/secrets?limit=5")
    assert answer.body["path"] == f"{prefix.rstrip('/')}/api/v1/secrets?limit=5"


@pytest.mark.parametrize(
    ("manager", "host", "pooled", "root"),
    [
        (urllib3.PoolManager(), "https://api.example:6443", True, ""),
        (urllib3.PoolManager(), "https://rancher.example/k8s/clusters/c-1", True, "/k8s/clusters/c-1"),
        (urllib3.PoolManager(), "http://127.0.0.1:8001", False, "http://127.0.0.1:8001"),
        (
            urllib3.ProxyManager("http://proxy.example:3128"),
            "https://api.example:6443",
            False,
            "https://api.example:6443",
        ),
    ],
)
def test_one_pool_is_used_unless_the_form_of_the_url_depends_on_the_way(
    manager: urllib3.PoolManager, host: str, pooled: bool, root: str
) -> None:
    sender, found = connection._pool(manager, host)
    assert (isinstance(sender, urllib3.HTTPSConnectionPool), found) == (pooled, root)


# How often a request is sent

DEAD = 'Internal error occurred: failed calling webhook "dead.example.org": connection refused'


def said(message: str) -> dict[str, Any]:
    return {"kind": "Status", "reason": "InternalError", "message": message}


@pytest.mark.parametrize(
    ("status", "body", "requests"),
    [
        (500, said("etcdserver: leader changed"), ATTEMPTS),
        (502, b"<html>", ATTEMPTS),
        (503, said("apiserver not ready"), ATTEMPTS),
        (504, said("Timeout: request did not complete within requested timeout"), ATTEMPTS),
        (429, said("Too many requests"), ATTEMPTS),
        (500, said(DEAD), 2),
        (500, said("conversion webhook for example.org/v1, Kind=Widget failed: EOF"), 2),
        (500, said("etcdserver: request is too large"), 2),
        (503, said('admission webhook "a.example.org" denied the request: come back later'), 2),
        (429, said('admission webhook "a.example.org" denied the request: come back later'), 2),
        (403, said("no"), 1),
        (404, said("no"), 1),
        (409, said("no"), 1),
        (413, said("Request entity too large: limit is 3145728"), 1),
        (422, said(DEAD), 1),
        (302, b"", 1),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_request_is_sent_again_as_long_as_that_may_help(
    status: int, body: dict[str, Any] | bytes, requests: int, method: str
) -> None:
    with RawServer(lambda _method, _path: answer(status, body)) as server:
        pauses: list[float] = []
        with pytest.raises(ClusterError) as caught:
            Connection(configured(server.host), {}, 1, pauses.append).send(method, "/version", {})
    assert caught.value.status == status
    assert (len(server.requests), len(pauses)) == (requests, requests - 1)


def test_a_webhook_that_comes_back_at_once_is_no_failure() -> None:
    answers = iter([answer(500, said(DEAD)), answer(201, {"a": 1})])
    with RawServer(lambda _method, _path: next(answers)) as server:
        sent = Connection(configured(server.host), {}, 1, [].append).send("POST", "/version", {})
    assert (sent.status, sent.body) == (201, {"a": 1})


def test_a_webhook_that_becomes_another_failure_is_told_as_that_one() -> None:
    answers = iter([answer(500, said(DEAD)), answer(409, {"kind": "Status", "reason": "AlreadyExists"})])
    with RawServer(lambda _method, _path: next(answers)) as server, pytest.raises(ClusterError) as caught:
        Connection(configured(server.host), {}, 1, [].append).send("POST", "/version", {})
    assert (caught.value.reason, caught.value.repeated, caught.value.webhook) == ("AlreadyExists", True, "")


@pytest.mark.parametrize(
    "said_by_server",
    ["9" * 5000, "\u00b2", "-1", "1e9", "inf", "nan", "0x10", "", "Sat, 28 Nov 2026 21:18:29 GMT", "7.5", "30000"],
    ids=lambda text: text[:20],
)
def test_no_retry_after_makes_a_pause_without_bounds(said_by_server: str) -> None:
    pauses: list[float] = []
    refusal = answer(503, b"", f"Retry-After: {said_by_server}")
    with RawServer(lambda _method, _path: refusal) as server, pytest.raises(Throttled):
        Connection(configured(server.host), {}, 1, pauses.append).send("GET", "/version")
    assert all(0 < pause <= 1.5 * LONGEST_PAUSE for pause in pauses)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "now",
        "Sat, 28 Nov 99999 21:18:29 GMT",
        "Fri, 31 Dec 9999 23:59:59 +9999",
        "Sat, 99 Nov 2026 99:99:99 GMT",
        "-",
    ],
)
def test_a_date_that_cannot_be_read_is_none(date: str) -> None:
    with RawServer(lambda _method, _path: answer(200, {}, f"Date: {date}")) as server:
        assert Connection(configured(server.host), {}, 1).send("GET", "/version").date is None


# A password in the address

PASSWORD = "hunter2"
ADDRESSES = [
    ("https://api.example.org:6443", "https://api.example.org:6443"),
    (f"https://user:{PASSWORD}@api.example.org:6443", "https://api.example.org:6443"),
    (f"https://user:{PASSWORD}@api.example.org/k8s/c-1", "https://api.example.org/k8s/c-1"),
    (f"https://user:{PASSWORD}/@#?@api.example.org", "https://api.example.org"),
    (f"https://user:a@{PASSWORD}@api.example.org", "https://api.example.org"),
    (f"user:{PASSWORD}@api.example.org", "api.example.org"),
    (f"https://user:{PASSWORD}\n@[::1", "https://[::1"),
    (f"https://{PASSWORD}@api.example.org", "https://api.example.org"),
]


@pytest.mark.parametrize(("address", "shown"), ADDRESSES, ids=[shown for _address, shown in ADDRESSES])
def test_an_address_is_shown_without_what_stands_before_its_host(address: str, shown: str) -> None:
    assert without_userinfo(address) == shown


def refused() -> list[bytes]:
    return [b""]


@pytest.mark.parametrize("answering", [lambda: answer(200, b"<html>"), refused], ids=["no JSON", "no answer"])
def test_no_error_shows_the_password_in_the_servers_address(answering: Any) -> None:
    with RawServer(lambda _method, _path: answering()) as server:
        host = server.host.replace("http://", f"http://user:{PASSWORD}@")
        with pytest.raises(ClusterError) as caught:
            Connection(configured(host), {}, 1, [].append).send("GET", "/version")
    assert str(caught.value).startswith(server.host)
    assert PASSWORD not in f"{caught.value}{caught.value.__dict__}"


def test_a_server_that_cannot_be_reached_is_named_without_the_password() -> None:
    with RawServer(lambda _method, _path: ()) as server:
        host = server.host
    sender = Connection(configured(host.replace("http://", f"http://user:{PASSWORD}@")), {}, 1, [].append)
    with pytest.raises(Unreachable) as caught:
        sender.send("GET", "/version")
    assert str(caught.value) == f"{host} cannot be reached (NewConnectionError); check host, proxy and network"
