# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON goes into a Secret and comes out again, or is refused as damaged."""

from __future__ import annotations

import gzip
from base64 import b64decode, b64encode

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.packed import TYPE, secret_of, text_of

TEXT = b'{"a":1}'
SECRET = secret_of("state", TEXT, "standby-velero")
PACKED = b64decode(SECRET["data"]["state"])


def holding(packed):
    return {**SECRET, "data": {"state": b64encode(packed).decode()}}


def test_a_secret_is_labelled_typed_and_holds_gzipped_text():
    assert SECRET["metadata"] == {
        "name": "state",
        "namespace": "standby-velero",
        "labels": {"app.kubernetes.io/managed-by": "standby.velero", "standby.velero/holds": "state"},
    }
    assert SECRET["type"] == TYPE == "standby.velero/state"
    assert gzip.decompress(PACKED) == TEXT
    assert text_of(SECRET, len(TEXT)) == TEXT


def test_the_same_text_gives_the_same_bytes():
    assert secret_of("state", TEXT, "standby-velero") == SECRET


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {**SECRET, "type": "Opaque"},
        {**SECRET, "data": None},
        {**SECRET, "data": []},
        {**SECRET, "data": {}},
        {**SECRET, "data": {"state": 7}},
        {**SECRET, "data": {"state": "*"}},
        {**SECRET, "data": {"state": "é"}},
        holding(b""),
        holding(TEXT),
        holding(PACKED[:-1]),
        holding(PACKED[:-8] + bytes(8)),
        holding(PACKED + b"x"),
        holding(PACKED + PACKED),
    ],
)
def test_what_is_not_as_it_was_written_is_refused(secret):
    with pytest.raises(ValueError, match="is "):
        text_of(secret, 100)


def test_a_bomb_is_not_unzipped_beyond_the_bound():
    bomb = holding(gzip.compress(bytes(50_000_000)))
    with pytest.raises(ValueError, match="unzips to more than 1000 bytes"):
        text_of(bomb, 1000)
