# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A reverse proxy on loopback before the real API server, which loses and refuses what a test tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3
from controlplane import ControlPlane

Fault = tuple[str, int, dict[str, Any]]
"""(how, status, headers); how: `pass`, `answer` instead of the server, `alter` what it says, `drop` before it, `lose`
after it."""

PASS: Fault = ("pass", 0, {})
DROP: Fault = ("drop", 0, {})
LOSE: Fault = ("lose", 0, {})


def answer(status: int, words: bytes = b"the proxy's own words", **headers: str) -> Fault:
    """An answer of the proxy's own; the server hears nothing of the request."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return ("answer", status, {**told, "words": words})


def altered(change: Callable[[Any], Any]) -> Fault:
    """The server's own answer, its JSON changed on the way."""
    return ("alter", 0, {"change": change})


class FaultyProxy:
    """For a `with` statement. `fault` is asked of each request: method, path, how often it came before."""

    def __init__(self, target: ControlPlane, fault: Callable[[str, str, int], Fault]) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.fault = fault  # type: ignore[attr-defined]
        self._server.target = target.url  # type: ignore[attr-defined]
        self._server.seen = {}  # type: ignore[attr-defined]
        self._server.pool = urllib3.PoolManager(  # type: ignore[attr-defined]
            ca_certs=str(target.ca), retries=False, timeout=30, maxsize=32
        )
        self.options = {"host": f"http://127.0.0.1:{self._server.server_port}", "api_key": target.token}
        """The module's connection options to get here."""

    def __enter__(self) -> FaultyProxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._server.pool.clear()  # type: ignore[attr-defined]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        times = server.seen.get((self.command, self.path), 0)
        server.seen[self.command, self.path] = times + 1
        how, status, headers = server.fault(self.command, self.path, times)
        if how == "drop":
            self.close_connection = True
        elif how == "answer":
            self._reply(status, {name: value for name, value in headers.items() if name != "words"}, headers["words"])
        else:
            told = {name: value for name, value in self.headers.items() if name.lower() in _PASSED_ON}
            said = server.pool.request(self.command, server.target + self.path, body=body or None, headers=told)
            data = json.dumps(headers["change"](json.loads(said.data))).encode() if how == "alter" else said.data
            if how == "lose":
                self.close_connection = True
            else:
                self._reply(said.status, {"Content-Type": said.headers.get("Content-Type", "")}, data)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names that http.server looks for

    def _reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


_PASSED_ON = frozenset(("authorization", "accept", "content-type", "user-agent"))
