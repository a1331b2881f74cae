# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyed digests (HMAC-SHA256): only who has a key can have made one, so they prove what others may write.

Each is made for a purpose, a word of ours that says what the digest means: none can stand where another is asked for.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

LEAST = 32
"""Characters of a key: what is signed lies beside its digest, so that a short key could be found by trying."""


class Keys:
    """The first one signs, each of them verifies: so a key is changed for another, the old one second for a while."""

    __slots__ = ("_keys",)

    def __init__(self, *keys: str) -> None:
        self._keys = tuple(key.encode("utf-8", "surrogatepass") for key in keys)

    def __bool__(self) -> bool:
        return bool(self._keys)

    def __repr__(self) -> str:
        """Settings are shown where something goes wrong; a key is not."""
        return f"Keys({len(self._keys)})"

    def each(self) -> Iterator[Keys]:
        """Each key by itself."""
        for key in self._keys:
            yield Keys(key.decode("utf-8", "surrogatepass"))

    def digest(self, purpose: str, *parts: bytes) -> str:
        """Of these parts, each told from the next by its length; to ask it without a key is a fault."""
        return _digest(self._keys[0], purpose, parts)

    def verify(self, digest: str, purpose: str, *parts: bytes) -> bool:
        """Whether one of the keys made the digest, of these very parts and for this purpose."""
        given = digest.encode("utf-8", "replace")
        return any(hmac.compare_digest(given, _digest(key, purpose, parts).encode()) for key in self._keys)


NO_KEYS = Keys()


def _digest(key: bytes, purpose: str, parts: tuple[bytes, ...]) -> str:
    made = hmac.new(key, digestmod="sha256")
    for part in (purpose.encode(), *parts):
        made.update(len(part).to_bytes(8, "big"))
        made.update(part)
    return made.hexdigest()
