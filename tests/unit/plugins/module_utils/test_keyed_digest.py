# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A digest is proof of a key, a purpose and its parts, each of them told apart."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys

OLD, NEW = "o" * 32, "n" * 32
DIGEST = Keys(NEW).digest("state", b"cluster", b"text")


def test_it_is_hmac_sha256_over_purpose_and_parts_each_behind_its_length() -> None:
    text = b"".join(len(part).to_bytes(8, "big") + part for part in (b"state", b"cluster", b"text"))
    assert hmac.new(NEW.encode(), text, hashlib.sha256).hexdigest() == DIGEST


@pytest.mark.parametrize("keys", [Keys(NEW), Keys(OLD, NEW), Keys(NEW, OLD)])
def test_any_of_the_keys_verifies_what_one_of_them_signed(keys: Keys) -> None:
    assert keys.verify(DIGEST, "state", b"cluster", b"text")


def test_the_first_key_signs() -> None:
    assert Keys(NEW, OLD).digest("state", b"cluster", b"text") == DIGEST
    assert Keys(OLD, NEW).digest("state", b"cluster", b"text") != DIGEST


@pytest.mark.parametrize(
    ("keys", "digest", "purpose", "parts"),
    [
        (Keys(OLD), DIGEST, "state", (b"cluster", b"text")),
        (Keys(), DIGEST, "state", (b"cluster", b"text")),
        (Keys(NEW), DIGEST, "copy", (b"cluster", b"text")),
        (Keys(NEW), DIGEST, "state", (b"cluster", b"text", b"")),
        (Keys(NEW), DIGEST, "state", (b"clustert", b"ext")),
        (Keys(NEW), DIGEST, "state", (b"text", b"cluster")),
        (Keys(NEW), DIGEST[:-1], "state", (b"cluster", b"text")),
        (Keys(NEW), "", "state", (b"cluster", b"text")),
        (Keys(NEW), "\ud800" * 64, "state", (b"cluster", b"text")),
        (Keys(NEW), DIGEST.upper(), "state", (b"cluster", b"text")),
    ],
)
def test_nothing_else_verifies(keys: Keys, digest: str, purpose: str, parts: tuple[bytes, ...]) -> None:
    assert not keys.verify(digest, purpose, *parts)


def test_each_key_stands_by_itself_too() -> None:
    keys = [*Keys("\ud800" * 32, OLD).each()]
    assert [one.digest("state") for one in keys] == [Keys("\ud800" * 32).digest("state"), Keys(OLD).digest("state")]


def test_keys_are_never_shown() -> None:
    assert repr(Keys(NEW, OLD)) == "Keys(2)"


def test_no_keys_are_false() -> None:
    assert Keys(NEW)
    assert not Keys()
