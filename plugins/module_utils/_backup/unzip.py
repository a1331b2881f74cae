# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gzip file as a stream of bytes that stops at a bomb.

Refused as BackupError: what does not start as gzip does, is cut off, or fails its checksum or length; more bytes, or a
better compression, than the Limits allow. Both are counted while reading: nothing is believed that a header says.
"""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from typing import Any

from .._errors import BackupError

_MAGIC = b"\x1f\x8b"
_MIB = 1 << 20

MAX_MEMBERS = 1_000_000
"""Five times what 100,000 objects come to, which Velero writes twice; also bounds the catalogue's memory."""

MAX_BYTES = 16 << 30
"""Five times 100,000 objects of 16 KiB, twice: the spool has to fit on a disk."""

MAX_MEMBER_BYTES = 16 * _MIB
"""An API server takes requests of 3 MiB, etcd by default values of 1.5 MiB: room for both to have been raised."""

MAX_NAME_BYTES = 256 * _MIB
"""Of all names in an archive, which the catalogue keeps; 100,000 objects have 25 MB."""

FREE_BYTES = 256 * _MIB
"""Up to here the ratio is not asked for: few real backups are larger, and this much does no harm."""

MAX_RATIO = 400
"""Backups of like objects shrink 10 to 100 times, the most that deflate can do is 1,030."""

CHUNK = 256 << 10

END_BYTES = 1024
"""A tar archive ends in two blocks of zeros."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read of one archive, before it is refused."""

    members: int = MAX_MEMBERS
    total: int = MAX_BYTES
    member: int = MAX_MEMBER_BYTES
    names: int = MAX_NAME_BYTES
    free: int = FREE_BYTES
    ratio: int = MAX_RATIO


DEFAULT_LIMITS = Limits()


class Unzipped(io.RawIOBase):
    """The uncompressed bytes; `where` names the file in errors."""

    def __init__(self, file: io.BufferedReader, where: str, limits: Limits) -> None:
        self._file = file
        self._where = where
        self._limits = limits
        self._total = 0
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")
        self.tail = b""
        """The last bytes that were read, END_BYTES at most."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        self._total += len(data)
        self.tail = (self.tail + data[-END_BYTES:])[-END_BYTES:]
        self._check()
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            if not self._total and not self._file.tell() and self._file.peek(2)[:2] != _MAGIC:
                raise BackupError(f"{self._where}: is not a gzip file")
            return self._gzip.read(size)
        except EOFError as error:
            raise BackupError(f"{self._where}: is truncated: the gzip data ends too early") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BackupError(f"{self._where}: is damaged: the gzip data is corrupt") from error
        except OSError as error:
            raise BackupError(f"{self._where}: cannot be read: {error.strerror or error}") from error

    def _check(self) -> None:
        if self._total > self._limits.total:
            raise BackupError(f"{self._where}: holds more than {self._limits.total} bytes, which no backup should")
        if self._total > self._limits.free and self._total > self._limits.ratio * self._file.tell():
            raise BackupError(f"{self._where}: is compressed more than {self._limits.ratio} times, as no backup is")
