# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a gzipped tar, one after the other, without ever writing one to a path.

Reads what Go's archive/tar, GNU tar, bsdtar and Python write of plain files and directories: ustar headers, PAX and
GNU long names. Refused as BackupError, with the file and the member: truncated or damaged archives (also one that lacks
just its end), links, devices, fifos, sparse files, paths that lead astray, and whatever goes beyond the Limits.
The headers are read here because tarfile needs seven times as long for the many small files of a backup, reads long
names of any length, and takes an archive that was cut between two members for a whole one.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from .._errors import BackupError
from .._text import shown
from .layout import path_problem
from .unzip import CHUNK, END_BYTES, Limits, Unzipped

_BLOCK = 512
_ZEROS = bytes(_BLOCK)

_FILE = (b"0", b"\0")
_DIRECTORY = b"5"
_PAX = b"x"
_GNU_LONG_NAME = b"L"
_GNU_LONG_LINK = b"K"
_REFUSED = {
    b"1": "is a hard link",
    b"2": "is a symbolic link",
    b"3": "is a character device",
    b"4": "is a block device",
    b"6": "is a fifo",
    b"S": "is a sparse file",
}

_MAX_EXTENSION = 64 << 10
"""Bytes of a PAX header or long name: paths in a backup have less than 1,000, some tars add file attributes."""

_PAX_RECORD = re.compile(rb"([0-9]{1,6}) ([^=\n]+)=")
_SPARSE = b"GNU.sparse."

_LATEST = 253_402_300_799
"""The end of the year 9999, in seconds since 1970: a later time is taken for none."""


class Member(NamedTuple):
    """A file or directory of the archive."""

    path: str
    """Without a leading `./`; empty for the archive's root."""
    data: bytes | None
    """None for a directory."""
    modified: int = 0
    """Seconds since 1970; 0 where the header has no time of use. Nothing is refused for its time."""


def read_archive(file: io.BufferedReader, where: str, limits: Limits) -> Iterator[Member]:
    """The members in their order; the last one has come only when the archive has been checked to its end."""
    return _Tar(Unzipped(file, where, limits), where, limits).members()


class _Tar:
    def __init__(self, unzipped: Unzipped, where: str, limits: Limits) -> None:
        self._unzipped = unzipped
        self._stream = io.BufferedReader(unzipped, CHUNK)
        self._where = where
        self._limits = limits
        self._headers = 0
        self._named = 0
        self._last = "its start"
        """The member read last, to say where an archive is damaged."""

    def members(self) -> Iterator[Member]:
        while (header := self._header()) is not None:
            yield self._member(header)
        self._check_end()

    def _header(self) -> bytes | None:
        """The next header; None for the zeros that end the archive."""
        header = self._exactly(_BLOCK)
        if header == _ZEROS:
            return None
        self._headers += 1
        if self._headers > self._limits.members:
            raise BackupError(f"{self._where}: has more than {self._limits.members} members, which no backup should")
        if sum(header) - sum(header[148:156]) + 8 * ord(" ") != self._number(header[148:156]):
            raise self._damaged()
        return header

    def _member(self, header: bytes) -> Member:
        extended: dict[bytes, bytes] = {}
        while header[156:157] in (_PAX, _GNU_LONG_NAME, _GNU_LONG_LINK):
            extended.update(self._extension(header))
            header = self._header() or b""
        if not header:
            raise self._damaged()
        kind = header[156:157]
        path = self._path(extended.get(b"path") or _name(header), kind)
        self._named += len(path)
        size = self._number(extended[b"size"], 10) if b"size" in extended else self._number(header[124:136])
        self._refuse(path, kind, size, extended)
        self._last = shown(path)
        return Member(path, None if kind == _DIRECTORY else self._data(size), _modified(header, extended))

    def _refuse(self, path: str, kind: bytes, size: int, extended: dict[bytes, bytes]) -> None:
        problem = ""
        if kind not in _FILE and kind != _DIRECTORY:
            problem = _REFUSED.get(kind, "is neither a file nor a directory")
        elif any(key.startswith(_SPARSE) for key in extended):
            problem = _REFUSED[b"S"]
        elif kind == _DIRECTORY and size:
            problem = "is a directory with content"
        elif size > self._limits.member:
            problem = f"is larger than {self._limits.member} bytes, which no object should be"
        elif self._named > self._limits.names:
            problem = f"brings the names in it to more than {self._limits.names} bytes, which no backup should have"
        if problem:
            raise BackupError(f"{self._where}: member {shown(path)} {problem}")

    def _path(self, name: bytes, kind: bytes) -> str:
        path = name.decode("utf-8", "surrogateescape").removeprefix("./")
        if kind == _DIRECTORY:
            path = path.removesuffix("/") if path != "/" else path
            if path in ("", "."):
                return ""
        problem = path_problem(path)
        if problem:
            raise BackupError(f"{self._where}: member {shown(path)} {problem}")
        return path

    def _extension(self, header: bytes) -> dict[bytes, bytes]:
        """What a header that only extends the next one says: records by their PAX keyword."""
        size = self._number(header[124:136])
        if size > _MAX_EXTENSION:
            raise BackupError(f"{self._where}: the member after {self._last} has a name of absurd length")
        data = self._data(size)
        if header[156:157] != _PAX:
            return {b"path": _text(data)} if header[156:157] == _GNU_LONG_NAME else {}
        records: dict[bytes, bytes] = {}
        at = 0
        while at < size:
            found = _PAX_RECORD.match(data, at)
            end = at + int(found[1]) if found else 0
            if not found or not found.end() < end <= size or data[end - 1 : end] != b"\n":
                raise self._damaged()
            records[found[2]] = data[found.end() : end - 1]
            at = end
        return records

    def _data(self, size: int) -> bytes:
        data = self._exactly(size)
        self._exactly(-size % _BLOCK)
        return data

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise BackupError(f"{self._where}: is truncated: the tar archive stops after {self._last}")
        return data

    def _number(self, field: bytes, base: int = 8) -> int:
        digits = field.strip(b" \0") or b"0"
        try:
            if digits.isdigit():
                return int(digits, base)
        except ValueError:
            pass
        raise self._damaged()

    def _check_end(self) -> None:
        """Reads on to the checksum of the gzip stream; there is nothing but zeros after the end, and enough of them."""
        while chunk := self._stream.read(CHUNK):
            if chunk.count(0) != len(chunk):
                raise BackupError(f"{self._where}: is damaged: there is data after the end of the tar archive")
        if self._unzipped.tail != bytes(END_BYTES):
            raise BackupError(f"{self._where}: is truncated: the tar archive has no end after {self._last}")

    def _damaged(self) -> BackupError:
        return BackupError(f"{self._where}: is damaged: no tar header after {self._last}")


def _modified(header: bytes, extended: dict[bytes, bytes]) -> int:
    return _seconds(extended[b"mtime"], 10) if b"mtime" in extended else _seconds(header[136:148], 8)


@lru_cache(maxsize=16)
def _seconds(field: bytes, base: int) -> int:
    """Remembered, for Velero writes thousands of files in the same second."""
    digits = field.partition(b".")[0].strip(b" \0")
    try:
        time = int(digits, base) if digits.isdigit() and len(digits) < 20 else 0
    except ValueError:
        return 0
    return time if time <= _LATEST else 0


def _name(header: bytes) -> bytes:
    """The path in a header; ustar (not GNU tar, whose magic ends in blanks) may have split it in two."""
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else b""
    return prefix + b"/" + name if prefix else name


def _text(field: bytes) -> bytes:
    return field.partition(b"\0")[0]
