# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gzip streams, whole and not."""

from __future__ import annotations

import gzip
import io
import os

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.unzip import Limits, Unzipped
from ansible_collections.standby.velero.plugins.module_utils._errors import BackupError

TEXT = os.urandom(300_000)
ZIPPED = gzip.compress(TEXT)


def unzip(data: bytes, limits: Limits) -> bytes:
    return io.BufferedReader(Unzipped(io.BufferedReader(io.BytesIO(data)), "b.tar.gz", limits)).read()


@pytest.mark.parametrize("data", [ZIPPED, gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]), ZIPPED + bytes(512)])
def test_a_whole_stream_is_read_also_in_parts_and_padded(data: bytes) -> None:
    assert unzip(data, Limits()) == TEXT


def test_the_last_bytes_are_kept() -> None:
    unzipped = Unzipped(io.BufferedReader(io.BytesIO(ZIPPED)), "b.tar.gz", Limits())
    while unzipped.read(700):
        pass
    assert unzipped.tail == TEXT[-1024:]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is not a gzip file"),
        (b"\x1f", "is not a gzip file"),
        (b"PK\x03\x04" + ZIPPED, "is not a gzip file"),
        (ZIPPED[:2], "is truncated"),
        (ZIPPED[:-1], "is truncated"),
        (ZIPPED[:-8], "is truncated"),
        (ZIPPED[:5000], "is truncated"),
        (ZIPPED[:-1] + bytes([ZIPPED[-1] ^ 1]), "is damaged"),
        (ZIPPED[:-8] + bytes([ZIPPED[-8] ^ 1]) + ZIPPED[-7:], "is damaged"),
        (ZIPPED[:10] + b"\xff" * 100 + ZIPPED[110:], "is damaged"),
        (ZIPPED + b"more", "is damaged"),
    ],
)
def test_anything_else_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(BackupError, match=f"^b.tar.gz: {problem}"):
        unzip(data, Limits())


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        (Limits(total=9_999_999), "holds more than 9999999 bytes"),
        (Limits(free=1 << 20), "is compressed more than 400 times"),
    ],
)
def test_a_bomb_is_refused_while_it_is_read(limits: Limits, problem: str) -> None:
    with pytest.raises(BackupError, match=problem):
        unzip(gzip.compress(bytes(10_000_000)), limits)


@pytest.mark.parametrize(
    "limits", [Limits(total=10_000_000), Limits(free=10_000_000), Limits(free=1 << 20, ratio=1100)]
)
def test_what_stays_within_the_limits_is_read(limits: Limits) -> None:
    assert len(unzip(gzip.compress(bytes(10_000_000)), limits)) == 10_000_000
