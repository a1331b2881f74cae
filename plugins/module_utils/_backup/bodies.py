# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of a backup, in one unlinked temporary file that nobody else can open.

Where each lies and its digest are columns of numbers: there may be a hundred thousand, of which each object of Python's
would take several times the bytes that are in it.
"""

from __future__ import annotations

import os
from array import array
from hashlib import blake2b
from typing import IO

_DIGEST = 20
"""Bytes; one is kept of every body."""


class Bodies:
    """Written one after the other, then read from any thread."""

    def __init__(self, spool: IO[bytes]) -> None:
        self._spool = spool
        self._ends = array("Q", [0])
        self._digests = bytearray()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def add(self, data: bytes) -> None:
        """Its number is how many were there before."""
        self._spool.write(data)
        self._ends.append(self._ends[-1] + len(data))
        self._digests += blake2b(data, digest_size=_DIGEST).digest()

    def end(self) -> None:
        """Before the first one is read."""
        self._spool.flush()

    def read(self, number: int) -> bytes:
        start, end = self._ends[number : number + 2]
        return os.pread(self._spool.fileno(), end - start, start)

    def digest(self, number: int) -> bytes:
        """Of its bytes."""
        return bytes(self._digests[number * _DIGEST : (number + 1) * _DIGEST])

    def close(self) -> None:
        self._spool.close()
