# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
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
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Answer, Connection
from ansible_collections.standby.velero.plugins.module_utils._errors import LockLost
from kubernetes.client import Configuration

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
