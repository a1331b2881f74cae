# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is signed passes in its own place and nowhere else."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.standby.velero.plugins.module_utils._errors import StateError
from ansible_collections.standby.velero.plugins.module_utils._inventory.seal import UNSIGNED, Seal, signature_of
from ansible_collections.standby.velero.plugins.module_utils._keyed_digest import Keys

OLD, NEW = "o" * 32, "n" * 32
SEAL = Seal(Keys(NEW), "cluster", "standby-velero")
ROTATED = replace(SEAL, keys=Keys(NEW, OLD))
BEFORE = replace(SEAL, keys=Keys(OLD))


def secret(seal: Seal = SEAL, **data: Any) -> dict[str, Any]:
    return {"data": {**seal.field("state", "state", b"text"), **data}}


@pytest.mark.parametrize("seal", [SEAL, ROTATED])
def test_what_a_key_signed_is_proven(seal: Seal) -> None:
    assert seal.proves(secret(), "state", "state", b"text")
    seal.check(secret(), "state", "state", b"text", adopt=False)


@pytest.mark.parametrize(
    ("seal", "holds", "name", "text"),
    [
        (replace(SEAL, target="another cluster"), "state", "state", b"text"),
        (replace(SEAL, namespace="another"), "state", "state", b"text"),
        (replace(SEAL, keys=Keys("x" * 32)), "state", "state", b"text"),
        (SEAL, "body", "state", b"text"),
        (SEAL, "state", "another", b"text"),
        (SEAL, "state", "state", b"text of another"),
    ],
    ids=["cluster", "namespace", "key", "purpose", "name", "text"],
)
def test_elsewhere_and_otherwise_it_is_not(seal: Seal, holds: str, name: str, text: bytes) -> None:
    assert not seal.proves(secret(), holds, name, text)
    with pytest.raises(StateError, match=f"^Secret {name} is not signed with any state_key that is given"):
        seal.check(secret(), holds, name, text, adopt=True)


@pytest.mark.parametrize("value", ["", "%%%", 7, [], {}, "é", b64encode(b"\xff").decode(), "A" * 100_000])
def test_a_signature_that_is_none_proves_nothing(value: Any) -> None:
    assert not SEAL.proves({"data": {"signature": value}}, "state", "state", b"text")
    assert signature_of({"data": {"signature": value}}) is not None


@pytest.mark.parametrize("found", [{}, {"data": None}, {"data": []}, {"data": {}}])
def test_what_is_not_signed_is_refused_and_says_how_it_is_adopted(found: dict[str, Any]) -> None:
    assert signature_of(found) is None
    with pytest.raises(StateError, match=r"^Secret state is not signed: .* state_adopt .* somebody has replaced it$"):
        SEAL.check(found, "state", "state", b"text", adopt=False)
    SEAL.check(found, "state", "state", b"text", adopt=True)


def test_without_a_key_what_is_signed_is_refused_and_what_is_not_passes() -> None:
    with pytest.raises(StateError, match="is signed, and no state_key is given"):
        UNSIGNED.check(secret(), "state", "state", b"text", adopt=False)
    UNSIGNED.check({"data": {}}, "state", "state", b"text", adopt=False)
    assert UNSIGNED.field("state", "state", b"text") == {}
    assert not UNSIGNED


def test_what_an_older_key_signed_passes_and_is_to_be_signed_anew() -> None:
    ROTATED.check(secret(BEFORE), "state", "state", b"text", adopt=False)
    assert not ROTATED.is_current(secret(BEFORE), "state", "state", b"text")
    assert ROTATED.is_current(secret(), "state", "state", b"text")
    assert UNSIGNED.is_current(secret(), "state", "state", b"text")


def test_a_seal_shows_no_key() -> None:
    assert NEW not in repr(SEAL)
