# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The key by which the digests of a target's plans are made, as a Secret on it, and back; state_key takes its place."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode

from .._errors import StateError
from .._values import Body
from .secret import own_secret, type_of

NAME = "plan-key"
"""Of the Secret; a run makes it once."""
_HOLDS = "key"
_KEY = re.compile(r"[0-9a-f]{64}")


def secret_of(key: str, namespace: str) -> Body:
    """`key` is 64 hexadecimal digits."""
    return own_secret(NAME, namespace, _HOLDS, {_HOLDS: b64encode(key.encode("ascii")).decode("ascii")})


def key_of(secret: Body) -> str:
    """The key in the Secret; a StateError when it is not as this collection writes it."""
    data = secret.get("data")
    text = data.get(_HOLDS) if isinstance(data, dict) else None
    if secret.get("type") != type_of(_HOLDS) or not isinstance(text, str):
        raise _damaged("is not of this collection")
    try:
        key = b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _damaged("is damaged") from error
    if not _KEY.fullmatch(key):
        raise _damaged("is damaged")
    return key


def _damaged(problem: str) -> StateError:
    return StateError(
        f"Secret {NAME} {problem}: it does not hold the key of the target's plans. Delete it, and the next run makes"
        " another; plans that were approved before have to be made anew"
    )
