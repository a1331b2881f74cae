# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file's digest while it is read: of all its bytes, however its reader takes them."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.digested import Digested

DATA = bytes(range(256)) * 4096


def digested(folder: Path, data: bytes = DATA) -> Digested:
    path = folder / "data"
    path.write_bytes(data)
    return Digested(path.open("rb", buffering=0))


@pytest.mark.parametrize("taken", [0, 1, 1000, len(DATA), len(DATA) + 1])
def test_it_is_of_all_bytes_whatever_its_reader_leaves(tmp_path: Path, taken: int) -> None:
    file = digested(tmp_path)
    reader = io.BufferedReader(file, 4096)
    assert reader.read(taken) == DATA[:taken]
    assert reader.tell() == min(taken, len(DATA))
    assert file.whole() == digested(tmp_path).whole()


@pytest.mark.parametrize("other", [b"", DATA[:-1], DATA + b"\0", DATA[::-1]])
def test_another_file_has_another(tmp_path: Path, other: bytes) -> None:
    assert digested(tmp_path).whole() != digested(tmp_path, other).whole()


def test_it_is_no_checksum_that_a_store_lists(tmp_path: Path) -> None:
    """Whoever may list a bucket and not read it sees those."""
    known = [hashlib.new(name, DATA).digest()[:32] for name in ("md5", "sha1", "sha256", "sha512", "blake2b")]
    assert digested(tmp_path).whole() not in [*known, hashlib.blake2b(DATA, digest_size=32).digest()]


def test_it_cannot_go_back(tmp_path: Path) -> None:
    with pytest.raises(io.UnsupportedOperation):
        digested(tmp_path).seek(0)
