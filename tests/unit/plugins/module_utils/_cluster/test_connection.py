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
from ansible_collections.standby.velero.plugins.module_utils._cluster import connection
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import Connection
from kubernetes.client import Configuration


class Echo(BaseHTTPRequestHandler):
    """Answers with what came."""

    def do_GET(self) -> None:
        data = json.dumps({"path": self.path, "headers": self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

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
    return [value for answer in answers for name, value in answer["headers"] if name.lower() == "authorization"]


def test_credentials_are_not_renewed_at_every_request(echo: str) -> None:
    assert authorizations(Connection(with_new_token_each_time(echo), {}, 1), 3) == ["Bearer token-1"] * 3


def test_credentials_are_renewed_once_they_are_old(echo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "RENEW_SECONDS", 0.0)
    tokens = ["Bearer token-1", "Bearer token-2", "Bearer token-3"]
    assert authorizations(Connection(with_new_token_each_time(echo), {}, 1), 3) == tokens


def test_a_user_name_is_sent_as_basic_authentication(echo: str) -> None:
    sender = Connection(configured(echo, username="me", password="secret"), {}, 1)
    assert authorizations(sender, 1) == ["Basic bWU6c2VjcmV0"]


def test_every_impersonated_group_is_sent_at_every_request(echo: str) -> None:
    sender = Connection(configured(echo), {"Impersonate-User": "jane", "Impersonate-Group": ["one", "two"]}, 1)
    for _time in range(2):
        sent = [pair for pair in sender.send("GET", "/version")["headers"] if pair[0].startswith("Impersonate")]
        assert sorted(map(tuple, sent)) == [
            ("Impersonate-Group", "one"),
            ("Impersonate-Group", "two"),
            ("Impersonate-User", "jane"),
        ]


@pytest.mark.parametrize("prefix", ["", "/k8s/clusters/c-1", "/k8s/clusters/c-1/"])
def test_the_paths_begin_below_that_of_the_host(echo: str, prefix: str) -> None:
    answer = Connection(configured(echo + prefix), {}, 1).send("GET", "/api/v1/secrets?limit=5")
    assert answer["path"] == f"{prefix.rstrip('/')}/api/v1/secrets?limit=5"


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
