# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module as a process of its own: what it returns, what it leaves when it is ended, how much memory it takes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from controlplane import wait_for
from stores import ACCESS_KEY, S3, SECRET_KEY, Proxy, files_of, option, refused, stalled, write_store

MODULE = "ansible_collections.standby.velero.plugins.modules.velero_backup_info"
ROOM = "ansible_collections.standby.velero.plugins.module_utils._source"
CODE = f"import runpy, sys; sys.argv = ['x', sys.argv[1]]; runpy.run_module('{MODULE}', run_name='__main__')"
GIB, MIB = 1 << 30, 1 << 20


def started(tmpdir: Path, **options: Any) -> subprocess.Popen[str]:
    args = json.dumps({"ANSIBLE_MODULE_ARGS": {**options, "_ansible_remote_tmp": str(tmpdir)}})
    return subprocess.Popen([sys.executable, "-c", CODE, args], text=True, **_piped())


def _piped() -> dict[str, Any]:
    path = ":".join(sys.path)
    return {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": {**os.environ, "PYTHONPATH": path}}


def returned(tmpdir: Path, **options: Any) -> tuple[dict[str, Any], str]:
    """The result, and all that the process said."""
    said, errors = started(tmpdir, **options).communicate(timeout=60)
    return json.loads(said), said + errors


def test_a_folder_needs_no_package_and_no_cluster(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "store", files_of("hourly-1", 1), files_of("hourly-2", 2))
    result, _said = returned(tmp_path, backup_store=folder, schedule_name="hourly", contents=True)
    assert [backup["name"] for backup in result["backups"]] == ["hourly-2", "hourly-1"]
    assert (result["changed"], result["contents"]["types"]) == (False, {"ConfigMap": 1})


def test_check_mode_returns_the_same(tmp_path: Path) -> None:
    folder = write_store(tmp_path / "store", files_of("hourly-1", 1))
    options = {"backup_store": folder, "max_age": "100000h"}
    result, checked = (returned(tmp_path, **options, _ansible_check_mode=mode)[0] for mode in (False, True))
    ages = [found["backups"][0].pop("age") for found in (result, checked)]
    assert result == checked
    assert 0 <= ages[1] - ages[0] < 60


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch", "InvalidAccessKeyId"])
def test_keys_are_seen_nowhere_and_the_rest_of_the_option_is(tmp_path: Path, code: str) -> None:
    with S3() as s3, Proxy(s3.url, lambda _path, _times: refused(403, code)) as proxy:
        result, said = returned(tmp_path, backup_store=option(proxy.url, session_token="canary-token"))
    assert result["msg"].startswith("s3://velero/cluster-1/backups: ")
    assert result["invocation"]["module_args"]["backup_store"]["url"] == "s3://velero/cluster-1"
    assert result["invocation"]["module_args"]["backup_store"]["endpoint"] == proxy.url
    for secret in (ACCESS_KEY, SECRET_KEY, "canary-token"):
        assert secret not in said


def test_options_that_cannot_be_meant_are_told(tmp_path: Path) -> None:
    result, _said = returned(tmp_path, backup_store="file:///b", backup_file="/b", limit=0)
    assert result["failed"] is True
    said = "backup_file and backup_store say both where the backup is; give one of them"
    assert result["msg"] == f"{said}; limit: 0 is not between 1 and 1000"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_while_it_loads_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    tmpdir = tmp_path / "tmp"
    tmpdir.mkdir()
    large = os.urandom(3 * MIB)
    with S3() as s3:
        s3.put(files_of("hourly-1", 1, large))
        half = stalled(2 * MIB, 30)
        with Proxy(s3.url, lambda path, _times: half if path.endswith(".tar.gz") else None) as proxy:
            options = {"backup_store": option(proxy.url), "backup_name": "hourly-1", "contents": True}
            child = started(tmpdir, **options)
            wait_for("the download", lambda: child.poll() is not None or _holds(child.pid, tmpdir), seconds=60)
            child.send_signal(number)
            child.communicate(timeout=10)
    assert child.returncode != 0
    assert [path for path in tmpdir.rglob("*") if path.is_file()] == []


def _holds(pid: int, tmpdir: Path) -> bool:
    """Whether the process has a file below the folder that has got some bytes."""
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if os.readlink(link).startswith(str(tmpdir)) and os.stat(link).st_size > 0:
                return True
        except OSError:  # it was closed meanwhile
            continue
    return False


# Memory


LOADS = {
    "by obstore": f"""
from {ROOM}.places import StorePlace
from {ROOM}.store import BucketStore
from {ROOM}.stored import StoredFile
store = BucketStore(StorePlace("s3", "b", endpoint=url, access_key="a", secret_key="s"))
loaded = store.fetched(StoredFile("x", size, 0.0), tmpdir, lambda *_: None)
""",
    "by a signed URL": f"""
from {ROOM}.spool import spooled
from {ROOM}.signed import SignedFile
from {ROOM}.download import download
from contextlib import contextmanager
@contextmanager
def fetched():
    with spooled(tmpdir) as (file, path):
        download(SignedFile(lambda: url + "/x", "x"), file)
        yield path, "x"
loaded = fetched()
""",
}
MEASURE = """
import os, resource, sys
url, size, tmpdir = sys.argv[1], int(sys.argv[2]), sys.argv[3]
{load}
with loaded as (path, where):
    with open(path, "rb") as file:
        assert os.fstat(file.fileno()).st_size == size
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


@contextmanager
def endless() -> Iterator[Any]:
    """A store whose every file has as many bytes as its server was told."""

    class Handler(BaseHTTPRequestHandler):
        """Zeros."""

        def do_GET(self) -> None:
            """As many as there are."""
            self.send_response(200)
            self.send_header("Content-Length", str(sizes[0]))
            self.send_header("ETag", '"x"')
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 03:00:00 GMT")
            self.end_headers()
            for _chunk in range(sizes[0] // MIB):
                self.wfile.write(chunk)

        def log_message(self, *_words: object) -> None:
            """Nothing."""

    sizes, chunk = [0], bytes(MIB)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.sizes = sizes  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("how", LOADS)
def test_memory_does_not_grow_with_a_content_of_a_gigabyte(tmp_path: Path, how: str) -> None:
    with endless() as server:
        small, large = (_peak(server, how, size, tmp_path) for size in (4 * MIB, GIB))
    assert large - small < 32 * MIB


def _peak(server: Any, how: str, size: int, tmpdir: Path) -> int:
    server.sizes[0] = size
    command = [sys.executable, "-c", MEASURE.format(load=LOADS[how])]
    url = f"http://127.0.0.1:{server.server_port}"
    done = subprocess.run([*command, url, str(size), str(tmpdir)], text=True, check=True, timeout=120, **_piped())
    return int(done.stdout)
