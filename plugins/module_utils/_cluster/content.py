# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer holds: read up to a bound of bytes, of time and of memory, whatever its head says of its length.

The time is that of the whole answer, its head included: the timeout of a socket starts anew with each byte, so that a
server that sends one a second would be listened to for weeks.
"""

from __future__ import annotations

import http.client
import io
import time
from typing import Any

from .._errors import AnswerTooLarge, Unreachable
from .._memory import LARGEST_BODY, is_heavier

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes of what tells the types."""
LARGEST_OBJECT = 16 * 1024 * 1024
"""Bytes of one object, of which each worker may hold one. The API server takes none of more than 3 MiB, etcd of 2."""
HEAVIEST = 256 * 1024 * 1024
"""Bytes of memory that what is larger may take as Python objects; an object as many as in a backup."""
LONGEST_ANSWER = 300.0
"""Seconds from the first byte of its head to its end. An API server ends a request of its own after 60 s; a line of
2 Mbit/s brings the largest answer in this time."""
_PIECE = 64 * 1024
"""A gzip of this size, which nobody asks for, is no more than 64 MiB either."""


def content_of(response: Any, largest: int) -> bytes:
    """All that the response holds. Raises AnswerTooLarge, or Unreachable when it does not come to an end in time.

    The response must not have been read. Its connection is kept for the next request, or closed when this one raises.
    """
    pieces: list[bytes] = []
    size = 0
    for piece in response.stream(_PIECE):
        size += len(piece)
        if size > largest:
            response.close()
            raise AnswerTooLarge(
                f"the API server's answer is larger than {largest >> 20} MiB and was not read", status=response.status
            )
        pieces.append(piece)
    if response.length_remaining:  # urllib3 before 2 does not look
        response.close()
        raise Unreachable("the API server's answer ended before its end", reason="network")
    data = b"".join(pieces)
    heaviest = LARGEST_BODY if largest <= LARGEST_OBJECT else HEAVIEST
    if is_heavier(data, heaviest):
        raise AnswerTooLarge(
            f"the API server's answer would take more than {heaviest >> 20} MiB of memory and was not parsed",
            status=response.status,
        )
    return data


def limited(manager: Any) -> Any:
    """A pool manager of urllib3's, of which each answer has to come to its end in time."""
    manager.pool_classes_by_scheme = {
        scheme: _limited_pool(pool) for scheme, pool in manager.pool_classes_by_scheme.items()
    }
    return manager


def _limited_pool(pool: Any) -> Any:
    connection = type("LimitedConnection", (pool.ConnectionCls,), {"response_class": _Response})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class _Response(http.client.HTTPResponse):
    """The standard library's, which reads head and body through a clock."""

    def __init__(self, sock: Any, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp = io.BufferedReader(_Clocked(self.fp.detach()))


class _Clocked(io.RawIOBase):
    """What comes from a socket within LONGEST_ANSWER; a read that waits longer than the socket allows ends before."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._end = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = self._raw.readinto(buffer)
        self._end = self._end or time.monotonic() + LONGEST_ANSWER
        if time.monotonic() > self._end:
            raise Unreachable(
                f"the API server's answer did not come to its end within {LONGEST_ANSWER:.0f} s", reason="timeout"
            )
        return int(size)

    def close(self) -> None:
        super().close()
        self._raw.close()
