# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Known pages on the target: what comes back is what was written, by whom and where, or nothing."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from copy import deepcopy
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._inventory.known_pages import (
    HOLDS,
    MOST_SECRET,
    NOTHING_KNOWN,
    KnownPage,
    KnownPages,
    Start,
    known_in,
    known_secret,
    name_of,
)
from ansible_collections.standby.velero.plugins.module_utils._inventory.packed import packed
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys

KEYS = Keys("k" * 32)
NAME = name_of("0123456789abcdef")
KNOWN = KnownPages(
    1_795_900_000.0,
    (
        (Start("secrets", "v1", "", ""), KnownPage("shop/a", "0" * 32)),
        (Start("secrets", "v1", "", "shop/a"), KnownPage("", "f" * 32)),
    ),
)


def written(known: KnownPages = KNOWN, keys: Keys = KEYS) -> Any:
    return known_secret(NAME, known, keys, "standby-velero")


def test_what_was_written_comes_back() -> None:
    assert known_in(written(), KEYS, "standby-velero") == KNOWN


def test_the_same_pages_are_the_same_bytes() -> None:
    assert written() == written()


def test_an_older_key_proves_it_still() -> None:
    assert known_in(written(), Keys("n" * 32, "k" * 32), "standby-velero") == KNOWN


def changed(**data: str | None) -> Any:
    secret = deepcopy(written())
    secret["data"].update(data)
    return secret


def packed_as(said: Any) -> str:
    return b64encode(packed(json.dumps(said).encode())).decode()


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"data": None, "metadata": {"name": NAME}},
        changed(signature=None),
        changed(signature="!"),
        changed(signature=b64encode(b"0" * 64).decode()),
        changed(**{HOLDS: None}),
        changed(**{HOLDS: "!"}),
        changed(**{HOLDS: b64encode(b"no gzip").decode()}),
        changed(**{HOLDS: packed_as({"format": 1, "full": 0, "pages": []})}),
        {**written(), "type": "Opaque"},
        {**written(), "metadata": {"name": "known-pages-other"}},
        written(keys=Keys("o" * 32)),
    ],
)
def test_what_is_damaged_forged_or_of_another_place_is_nothing(secret: Any) -> None:
    assert known_in(secret, KEYS, "standby-velero") == NOTHING_KNOWN


def test_what_was_signed_in_another_namespace_is_nothing() -> None:
    assert known_in(written(), KEYS, "other") == NOTHING_KNOWN


@pytest.mark.parametrize(
    "said",
    [
        7,
        {"format": 2, "full": 0, "pages": []},
        {"format": 1, "full": -1, "pages": []},
        {"format": 1, "full": 1e300, "pages": []},
        {"format": 1, "full": 0, "pages": [[]]},
        {"format": 1, "full": 0, "pages": [["secrets", "v1", "", "", "", "short"]]},
        {"format": 1, "full": 0, "pages": [["secrets", "v1", "", "", 7, "0" * 32]]},
        {"format": 1, "full": 0, "pages": [["secrets", "v1", "", "", "", "more", "0" * 32]]},
    ],
)
def test_what_was_signed_and_is_of_another_shape_is_nothing(said: Any) -> None:
    text = json.dumps(said).encode()
    signature = KEYS.digest("standby.velero/known-pages", b"standby-velero", NAME.encode(), text)
    secret = changed(**{HOLDS: packed_as(said), "signature": b64encode(signature.encode()).decode()})
    assert known_in(secret, KEYS, "standby-velero") == NOTHING_KNOWN


def test_more_pages_than_a_secret_takes_are_kept_in_part() -> None:
    names = [f"{KEYS.digest('name', str(number).encode())}" for number in range(40_000)]
    many = KnownPages(1.0, tuple((Start("secrets", "v1", "", one), KnownPage(one, one[:32])) for one in names))
    secret = written(many)
    assert len(b64decode(secret["data"][HOLDS])) < MOST_SECRET
    found = known_in(secret, KEYS, "standby-velero").pages
    assert 0 < len(found) < len(many.pages)
    assert found == many.pages[: len(found)]
