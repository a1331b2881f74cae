# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures of what is kept on the target, with the user's keys: proof that a run wrote it, there and as that.

A signature is over the UID of the target's Namespace kube-system, what the Secret is and is called, and what it holds.
So nothing that was signed for another cluster, namespace or purpose passes. What was signed earlier for this very place
does: against that helps a number that grows, see `_records/counter.py`.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from .._errors import StateError
from .._keyed_digest import NO_KEYS, Keys
from .._unstructured import nested
from .._values import Body

FIELD = "signature"
"""Of a Secret's data."""
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs and verifies for one namespace of one target; without a key it does neither."""

    keys: Keys = NO_KEYS
    target: str = ""
    """UID of the target's Namespace kube-system."""
    namespace: str = ""

    def __bool__(self) -> bool:
        return bool(self.keys)

    def field(self, holds: str, name: str, *parts: bytes) -> dict[str, str]:
        """What is to be added to a Secret's data."""
        if not self.keys:
            return {}
        digest = self.keys.digest(_purpose(holds), *self._place(name), *parts)
        return {FIELD: b64encode(digest.encode()).decode("ascii")}

    def proves(self, secret: Body, holds: str, name: str, *parts: bytes) -> bool:
        """Whether one of the keys has signed these parts of this very Secret."""
        digest = signature_of(secret)
        return digest is not None and self.keys.verify(digest, _purpose(holds), *self._place(name), *parts)

    def is_current(self, secret: Body | None, holds: str, name: str, *parts: bytes) -> bool:
        """Whether the key that signs now has signed it; without a key nothing is to be signed."""
        return not self.keys or nested(secret, "data", FIELD) == self.field(holds, name, *parts)[FIELD]

    def check(self, secret: Body, holds: str, name: str, text: bytes, adopt: bool) -> None:
        """A StateError for what is not signed although there is a key, unless it is to be adopted, and the reverse."""
        signature = signature_of(secret)
        if not self.keys and signature is not None:
            raise StateError(
                f"Secret {name} is signed, and no state_key is given; give the key that it was signed with"
            )
        if not self.keys or (signature is None and adopt):
            return
        if signature is None:
            raise StateError(
                f"Secret {name} is not signed: whoever may write Secrets there may have written it. Where the key is"
                " given for the first time, look at what check mode with state_adopt lists, and let one run with that"
                " option sign it; where it was signed before, somebody has replaced it"
            )
        if not self.proves(secret, holds, name, text):
            raise StateError(
                f"Secret {name} is not signed with any state_key that is given: it was signed with another one, or for"
                " another cluster or namespace, or was changed since. Give the key that it was signed with as a further"
                " one; without it, it cannot be trusted"
            )

    def _place(self, name: str) -> tuple[bytes, bytes]:
        return self.target.encode(), f"{self.namespace}/{name}".encode()


UNSIGNED = Seal()


def _purpose(holds: str) -> str:
    return f"standby.velero/{holds}"


def signature_of(secret: Body) -> str | None:
    """As it stands there, whatever it is; None when there is none."""
    value: Any = nested(secret, "data", FIELD)
    if value is None:
        return None
    try:
        return b64decode(value[:_LONGEST], validate=True).decode("ascii")
    except (ValueError, TypeError):
        return ""
