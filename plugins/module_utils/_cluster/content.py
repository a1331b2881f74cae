# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an answer holds: read in pieces up to a bound of bytes and of time, whatever its head says of its length."""

from __future__ import annotations

import time
from typing import Any

from .._errors import AnswerTooLarge, Unreachable

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. The API server takes no object of more than 3 MiB and etcd stores none of 2; a page of a list has 500 of them
at most, 20 kB each as a rule, and one that is larger is asked for again with fewer objects (see Client.pages)."""
LONGEST_ANSWER = 300.0
"""Seconds from its head to its end. An API server ends a request of its own after 60 s; a line of 2 Mbit/s brings the
largest answer in this time."""
_PIECE = 64 * 1024
"""A gzip of this size, which nobody asks for, is no more than 64 MiB either."""


def content_of(response: Any) -> bytes:
    """All that the response holds. Raises AnswerTooLarge, or Unreachable when it does not come to an end in time.

    The response must not have been read. Its connection is kept for the next request, or closed when this one raises.
    """
    pieces: list[bytes] = []
    size, end = 0, time.monotonic() + LONGEST_ANSWER
    for piece in response.stream(_PIECE):
        size += len(piece)
        if size > LARGEST_ANSWER:
            response.close()
            raise AnswerTooLarge(
                f"the API server's answer is larger than {LARGEST_ANSWER >> 20} MiB and was not read",
                status=response.status,
            )
        if time.monotonic() > end:
            response.close()
            raise Unreachable(
                f"the API server's answer did not come to its end within {LONGEST_ANSWER:.0f} s", reason="timeout"
            )
        pieces.append(piece)
    return b"".join(pieces)
