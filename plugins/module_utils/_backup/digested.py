# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file that is read once, from start to end, with a digest of all its bytes at the end.

The digest is no checksum that others publish: stores list those to whoever may not read the file, and from this one a
key is made.
"""

from __future__ import annotations

import io
from hashlib import blake2b
from typing import Any

_PURPOSE = b"standby.velero"
_CHUNK = 256 << 10


class Digested(io.RawIOBase):
    """The bytes of an unbuffered file; it cannot go back."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file
        self._read = 0
        self._digest = blake2b(digest_size=32, person=_PURPOSE)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._read

    def readinto(self, buffer: Any) -> int | None:
        count = self._file.readinto(buffer)
        if count:
            self._digest.update(memoryview(buffer)[:count])
            self._read += count
        return count

    def whole(self) -> bytes:
        """Of the file up to its end, whatever its reader has left of it."""
        buffer = bytearray(_CHUNK)
        while self.readinto(buffer):
            pass
        return self._digest.digest()
