# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An answer is read up to a bound, of bytes and of time, however its length is told; read from a real socket."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable, Iterator
from itertools import count, repeat
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._cluster import content
from ansible_collections.standby.velero.plugins.module_utils._cluster.connection import ATTEMPTS, Connection
from ansible_collections.standby.velero.plugins.module_utils._errors import (
    AnswerTooLarge,
    MalformedAnswer,
    Unreachable,
)
from kubernetes.client import Configuration
from raw_server import CLOSE, RawServer, answer, chunk, head

BOUND = 1024 * 1024
ENDLESS = repeat(b" " * 65536)


def connected(server: RawServer) -> Connection:
    configuration = Configuration(host=server.host)
    configuration.proxy = None
    return Connection(configuration, {}, 1, [].append)


def asked(pieces: Iterable[bytes]) -> tuple[RawServer, Any]:
    """The server, and what came of one request that it answers so."""
    with RawServer(lambda _method, _path: pieces) as server:
        try:
            return server, connected(server).send("GET", "/version", largest=BOUND).body
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            return server, error


def spaces(size: int) -> bytes:
    return b" " * (size - 2) + b"{}"


CHUNKED = head(200, "Transfer-Encoding: chunked")
GZIPPED = gzip.compress(spaces(64 * BOUND))


@pytest.mark.parametrize(
    "pieces",
    [
        answer(200, spaces(BOUND)),
        [CHUNKED, chunk(spaces(BOUND)), chunk(b"")],
        [CHUNKED, *map(chunk, [b" "] * 3000), chunk(b"{}"), chunk(b"")],
        [head(200), spaces(BOUND), CLOSE],
        answer(200, gzip.compress(spaces(BOUND)), "Content-Encoding: gzip"),
    ],
    ids=["with a length", "in one chunk", "in many chunks", "until it closes", "gzip"],
)
def test_an_answer_within_the_bound_is_read_whole(pieces: list[bytes]) -> None:
    assert asked(pieces)[1] == {}


@pytest.mark.parametrize(
    "pieces",
    [
        [head(200, f"Content-Length: {1 << 40}"), *repeat(spaces(65536), 64)],
        answer(200, spaces(BOUND + 1)),
        [CHUNKED, chunk(spaces(BOUND + 1)), chunk(b"")],
        [CHUNKED, *repeat(chunk(b" " * 512), 2 * BOUND // 512), chunk(b"")],
        [head(200), spaces(BOUND + 1), CLOSE],
        answer(200, GZIPPED, "Content-Encoding: gzip"),
        answer(422, spaces(BOUND + 1)),
    ],
    ids=["a length of a terabyte", "with a length", "in one chunk", "in many", "until it closes", "gzip", "an error"],
)
def test_a_larger_answer_is_an_error_of_its_own_and_is_not_asked_for_again(pieces: list[bytes]) -> None:
    server, error = asked(pieces)
    assert isinstance(error, AnswerTooLarge)
    assert str(error) == "the API server's answer is larger than 1 MiB and was not read"
    assert len(server.requests) == 1


@pytest.mark.parametrize("how", ["a body", "chunks"])
def test_an_endless_answer_is_cut_off(how: str) -> None:
    def endless(_method: str, _path: str) -> Iterator[bytes]:
        yield CHUNKED if how == "chunks" else head(200)
        yield from map(chunk, ENDLESS) if how == "chunks" else ENDLESS

    with RawServer(endless) as server:
        with pytest.raises(AnswerTooLarge):
            connected(server).send("GET", "/version", largest=BOUND)
        assert server.cut_off.wait(10)


def test_after_an_answer_that_is_too_large_the_next_request_is_answered() -> None:
    with RawServer(lambda _method, path: answer(200, spaces(8 * BOUND) if path == "/large" else {"a": 1})) as server:
        sender = connected(server)
        with pytest.raises(AnswerTooLarge):
            sender.send("GET", "/large", largest=BOUND)
        assert sender.send("GET", "/small").body == {"a": 1}
        assert server.connections == 2


def test_answers_that_are_read_whole_share_one_connection() -> None:
    pieces = {"/a": answer(200, {}), "/b": [CHUNKED, chunk(b"{}"), chunk(b"")], "/c": answer(404, {})}
    with RawServer(lambda _method, path: pieces[path]) as server:
        sender = connected(server)
        for path in ("/a", "/b", "/c") * 3:
            _sent(sender, path)
        assert (len(server.requests), server.connections) == (9, 1)


def _sent(sender: Connection, path: str) -> None:
    if path != "/c":
        sender.send("GET", path)
        return
    with pytest.raises(Exception, match="HTTP 404"):
        sender.send("GET", path)


def test_an_answer_that_does_not_come_to_its_end_in_time_is_given_up_after_two_attempts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content, "time", SimpleNamespace(monotonic=count(step=400).__next__))
    server, error = asked([CHUNKED, *map(chunk, [b" "] * 10)])
    assert isinstance(error, Unreachable)
    assert (str(error), error.reason) == ("the API server's answer did not come to its end within 300 s", "timeout")
    assert len(server.requests) == 2


def drip(data: bytes) -> Iterator[bytes]:
    """A byte at a time, each of them sent by itself."""
    return (bytes((byte,)) for byte in data)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n", *(b"X-%d: y\r\n" % number for number in range(90)), b"X: "],
        [b"HTTP/1.1 200 OK\r\nX: ", *drip(b"y" * 1000)],
        [*drip(b"HTTP/1.1 200 " + b"y" * 1000)],
        [CHUNKED, *map(chunk, drip(b" " * 1000))],
        [CHUNKED, b"3e8", *drip(b";" + b"y" * 1000)],
        [head(200, "Content-Length: 1000"), *drip(b" " * 999)],
    ],
    ids=["headers", "a header", "the status", "chunks", "the head of a chunk", "a body"],
)
def test_a_server_that_drips_has_no_more_time_than_any_other_whatever_it_drips(
    pieces: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte comes well within the time that a socket waits for the next one."""
    monkeypatch.setattr(content, "LONGEST_ANSWER", 0.05)

    def dripping(_method: str, _path: str) -> Iterator[bytes]:
        for piece in pieces:
            yield piece
            time.sleep(0.001)

    with RawServer(dripping) as server:
        with pytest.raises(Unreachable, match=r"^the API server's answer did not come to its end within 0 s$"):
            connected(server).send("GET", "/version")
        assert len(server.requests) == 2


def test_an_answer_that_would_take_too_much_memory_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "LARGEST_BODY", 1 << 20)
    heavy = b'{"a": [' + b"[]," * 50_000 + b"[]]}"
    _server, error = asked(answer(200, heavy))
    assert isinstance(error, AnswerTooLarge)
    assert str(error) == "the API server's answer would take more than 1 MiB of memory and was not parsed"
    assert asked(answer(200, b'{"a": "' + b"x" * 150_000 + b'"}'))[1] == {"a": "x" * 150_000}


@pytest.mark.parametrize(
    "pieces",
    [
        [head(200, "Content-Length: 100"), b"{}", CLOSE],
        [CHUNKED, chunk(b"{"), CLOSE],
        [CHUNKED, b"zz\r\n{}\r\n"],
        [CHUNKED, b"ffffffffffffffffffff\r\n{}", CLOSE],
        answer(200, b"no gzip", "Content-Encoding: gzip"),
        [b"HTTP/1.1 abc\r\n\r\n", CLOSE],
        [b"\x00\x01", CLOSE],
        [head(200, *(f"X-{number}: y" for number in range(200))), CLOSE],
        [head(200, "X: " + "y" * 70000), CLOSE],
        [CLOSE],
    ],
    ids=repr,
)
def test_an_answer_that_breaks_off_or_is_no_http_is_asked_for_again_and_is_no_fault_of_ours(
    pieces: list[bytes],
) -> None:
    server, error = asked(pieces)
    assert isinstance(error, Unreachable)
    assert len(server.requests) == ATTEMPTS


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{", b'{"a": 1}{', b"\xff\xfe{}", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000],
    ids=lambda body: repr(body[:20]),
)
def test_an_answer_that_is_no_json_is_an_error_that_names_the_place(body: bytes) -> None:
    server, error = asked(answer(200, body))
    assert isinstance(error, MalformedAnswer)
    assert str(error) == f"{server.host}/version did not answer with JSON: is this a Kubernetes API server?"
