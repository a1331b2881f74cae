# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stores in Velero's layout: a folder, and a bucket of moto's S3 on loopback with a proxy before it that does harm.

Every request counts; what the proxy does to one is what a test says of its path and of how often it came before.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import urllib3
from backups import Backup
from moto.server import ThreadedMotoServer

BUCKET, PREFIX = "velero", "cluster-1"
ACCESS_KEY, SECRET_KEY = "AKIDCANARYKEY", "canary-secret-key"
FIRST_HOUR = datetime(2026, 11, 24, tzinfo=timezone.utc)


# Backups


def metadata(name: str, hour: float = 0, *, schedule: str = "hourly", phase: str = "Completed", **status: Any) -> bytes:
    """velero-backup.json of a backup that began at that hour."""
    labels = {"velero.io/schedule-name": schedule} if schedule else {}
    began = FIRST_HOUR + timedelta(hours=hour)
    body = {
        "apiVersion": "velero.io/v1",
        "kind": "Backup",
        "metadata": {
            "name": name,
            "namespace": "velero",
            "labels": {"velero.io/storage-location": "default", **labels},
            "annotations": {"velero.io/source-cluster-k8s-gitversion": "v1.36.3"},
        },
        "spec": {"storageLocation": "default", "includedNamespaces": ["*"]},
        "status": {"phase": phase, **_times(began, phase), "expiration": _text(began + timedelta(days=30)), **status},
    }
    return json.dumps(body).encode()


def _times(began: datetime, phase: str) -> dict[str, str]:
    if phase == "New":
        return {}
    times = {"startTimestamp": _text(began)}
    return times if phase == "InProgress" else {**times, "completionTimestamp": _text(began + timedelta(seconds=41))}


def _text(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def content(*names: str) -> bytes:
    """<name>.tar.gz with a ConfigMap for each name."""
    backup = Backup()
    for name in names or ("app",):
        backup.add("configmaps", "shop", name)
    return backup.bytes()


def files_of(name: str, hour: float = 0, data: bytes | None = None, **said: Any) -> dict[str, bytes]:
    """Key below the prefix -> bytes, of a whole backup; with `data` b"" it has no content."""
    found = {f"backups/{name}/velero-backup.json": metadata(name, hour, **said)}
    data = content() if data is None else data
    return found | ({f"backups/{name}/{name}.tar.gz": data} if data else {})


def write_store(root: Path, *backups: dict[str, bytes]) -> str:
    """A folder with these files; its URL."""
    for files in backups:
        for key, data in files.items():
            path = root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return f"file://{root}"


# The proxy


@dataclass(frozen=True)
class Reply:
    """What the store answered, or what is said in its place."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop_after: int = -1
    """Bytes of the body after which the connection is dropped; -1 for never."""
    hold: float = 0.0
    """Seconds to wait there, or before the body."""


Fault = Callable[[Reply], Reply]


def refused(status: int, code: str = "", **headers: str) -> Fault:
    """An answer with an error of S3's, which quotes the key and what was signed, as S3 does."""
    said = f"<Error><Code>{code}</Code><AWSAccessKeyId>{ACCESS_KEY}</AWSAccessKeyId><X>{SECRET_KEY}</X></Error>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _reply: Reply(status, named, said.encode())


def cut(after: int) -> Fault:
    """The connection breaks after so many bytes of the body."""
    return lambda reply: replace(reply, drop_after=after)


def dropped(_reply: Reply) -> Reply:
    """No answer at all."""
    return Reply(0, drop_after=0)


def stalled(after: int, seconds: float) -> Fault:
    """Nothing more comes for a while, then the connection breaks."""
    return lambda reply: replace(reply, drop_after=after, hold=seconds)


def slow(reply: Reply) -> Reply:
    """It all comes, late."""
    return replace(reply, hold=0.2)


def shortened(reply: Reply) -> Reply:
    """A body that is whole by its own account, and half as long."""
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def tagged(tag: str) -> Fault:
    """As if the object were another one meanwhile."""
    return lambda reply: replace(reply, headers={**reply.headers, "ETag": tag})


def without_ranges(reply: Reply) -> Reply:
    """A store that does not know of ranges: the request is passed on without one."""
    return reply


class Proxy:
    """Between a client and a store, for a `with` statement. `fault` is asked of each request: its path, how often."""

    def __init__(self, target: str, fault: Callable[[str, int], Fault | None] = lambda _path, _times: None) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.proxy = self  # type: ignore[attr-defined]
        self.target = target
        self.fault = fault
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.pool = urllib3.PoolManager(retries=False, maxsize=16)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Proxy:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.pool.clear()

    def asked_for(self, ending: str) -> list[dict[str, str]]:
        """The headers of each request whose path, without its query, ends so."""
        return [headers for path, headers in self.requests if path.partition("?")[0].endswith(ending)]

    def reply(self, method: str, path: str, headers: dict[str, str]) -> Reply:
        """What is to be answered."""
        times = sum(seen == path for seen, _headers in self.requests)
        self.requests.append((path, headers))
        fault = self.fault(path.partition("?")[0], times)
        unknown = {"range", "if-match"} if fault is without_ranges else set()
        told = {name: value for name, value in headers.items() if name.lower() not in _HOP | unknown}
        answer = self.pool.request(method, self.target + path, headers=told, redirect=False)
        kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        reply = Reply(answer.status, kept, answer.data)
        return fault(reply) if fault else reply


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        server: Any = self.server
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        reply = server.proxy.reply(self.command, self.path, dict(self.headers.items()))
        if not reply.status:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        at = max(reply.drop_after, 0)
        self.wfile.write(reply.body[:at])
        self.wfile.flush()
        time.sleep(reply.hold)
        if reply.drop_after < 0:
            self.wfile.write(reply.body)
        self.close_connection = self.close_connection or reply.drop_after >= 0

    do_GET = do_HEAD = do_PUT = _serve  # noqa: N815 - names that http.server looks for

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


_HOP = frozenset(("content-length", "connection", "transfer-encoding", "date", "server", "host", "accept-encoding"))


# S3


class S3:
    """moto's S3 with one bucket, for a `with` statement."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)

    def __enter__(self) -> S3:
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        self._forget()
        self.client = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        self.client.create_bucket(Bucket=BUCKET)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._forget()
        self._server.stop()

    def _forget(self) -> None:
        """moto keeps what it has as long as the process lives, whoever serves it."""
        urllib3.request("POST", f"{self.url}/moto-api/reset")

    def put(self, *backups: dict[str, bytes], prefix: str = PREFIX) -> None:
        """Stores these files."""
        for files in backups:
            for key, data in files.items():
                self.client.put_object(Bucket=BUCKET, Key=f"{prefix}/{key}", Body=data)


def option(endpoint: str, **more: Any) -> dict[str, Any]:
    """The value of backup_store for the bucket at that endpoint."""
    return {
        "url": f"s3://{BUCKET}/{PREFIX}",
        "endpoint": endpoint,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
        **more,
    }
