# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies in a file, by their numbers."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b

import pytest
from ansible_collections.standby.velero.plugins.module_utils._backup.bodies import Bodies

TEXTS = [b'{"a":1}', b"", '{"name":"Gr\u00fc\u00dfe"}'.encode(), b"x" * 200_000, b'{"a":1}']


@pytest.fixture
def bodies() -> Iterator[Bodies]:
    with tempfile.TemporaryFile() as spool:
        made = Bodies(spool)
        for text in TEXTS:
            made.add(text)
        made.end()
        yield made


def test_each_is_read_again_by_how_many_were_there_before(bodies: Bodies) -> None:
    assert len(bodies) == len(TEXTS)
    assert [bodies.read(number) for number in range(len(TEXTS))] == TEXTS


def test_the_digest_is_that_of_its_bytes(bodies: Bodies) -> None:
    assert [bodies.digest(number) for number in range(len(TEXTS))] == [
        blake2b(text, digest_size=20).digest() for text in TEXTS
    ]


def test_threads_do_not_disturb_one_another(bodies: Bodies) -> None:
    numbers = [0, 3, 2, 4, 1] * 200
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(bodies.read, numbers)) == [TEXTS[number] for number in numbers]
