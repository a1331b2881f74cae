# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that answers with whatever bytes a test gives it, well formed or not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

Answering = Callable[[str, str], Iterable[bytes]]
"""(method, path) -> the pieces of an answer, its head first; the connection stays open when they end well."""

CLOSE = b""
"""As the last piece: the connection is closed then."""


def answer(status: int, body: Any, *headers: str) -> list[bytes]:
    """A whole answer; what is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return [head(status, f"Content-Length: {len(data)}", *headers) + data]


def head(status: int, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status} Said", "Content-Type: application/json", *headers, "", ""]).encode(
        "latin-1"
    )


def chunk(data: bytes) -> bytes:
    """A piece of an answer with `Transfer-Encoding: chunked`."""
    return b"%x\r\n%s\r\n" % (len(data), data)


class RawServer:
    """For a `with` statement."""

    def __init__(self, answering: Answering) -> None:
        self.requests: list[tuple[str, str]] = []
        self.connections = 0
        self.cut_off = threading.Event()
        """Set once a client has closed its connection while it was being answered."""
        self._answering = answering
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> RawServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        with suppress(OSError):  # wakes accept()
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError), connection.makefile("rb") as stream:
            while (line := stream.readline().decode("latin-1").split()) and self._answer(connection, stream, line):
                pass

    def _answer(self, connection: socket.socket, stream: Any, line: list[str]) -> bool:
        length = 0
        for header in iter(stream.readline, b"\r\n"):
            name, _colon, value = header.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)
        method, path = line[:2]
        self.requests.append((method, path))
        for piece in self._answering(method, path):
            if piece == CLOSE:
                return False
            self._send(connection, piece)
        return True

    def _send(self, connection: socket.socket, piece: bytes) -> None:
        try:
            connection.sendall(piece)
        except OSError:
            self.cut_off.set()
            raise
