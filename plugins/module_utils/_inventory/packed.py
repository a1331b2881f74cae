# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gzipped JSON in a Secret of this collection, and back; what comes back is not trusted.

Nothing is unzipped beyond its bound, and all damage is a ValueError.
"""

from __future__ import annotations

import gzip
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping

from .._values import Body
from .secret import own_secret, selector_of, type_of

HOLDS = "state"
TYPE = type_of(HOLDS)
SELECTOR = selector_of(HOLDS)
"""Finds every Secret of the state."""

_LEVEL = 1
"""The fastest: most of a state are UIDs, which no level makes much smaller."""


def packed(text: bytes) -> bytes:
    """The same bytes for the same text, whenever it is."""
    return gzip.compress(text, _LEVEL, mtime=0)


def secret_of(name: str, text: bytes, namespace: str, more: Mapping[str, str] | None = None) -> Body:
    """`more` is base64 that goes beside it."""
    return own_secret(name, namespace, HOLDS, {HOLDS: b64encode(packed(text)).decode("ascii"), **(more or {})})


def text_of(secret: Body, most: int, holds: str = HOLDS) -> bytes:
    """The JSON in a Secret, unless it is longer than `most` bytes."""
    data = secret.get("data")
    if secret.get("type") != type_of(holds) or not isinstance(data, dict) or not isinstance(data.get(holds), str):
        raise ValueError(f"is not a Secret of this collection's {holds}")
    unzipping = zlib.decompressobj(wbits=31)
    try:
        text = unzipping.decompress(b64decode(data[holds], validate=True), most + 1)
    except (ValueError, zlib.error) as error:
        raise ValueError("is damaged: it holds no gzip data") from error
    if len(text) > most:
        raise ValueError(f"is damaged: it unzips to more than {most} bytes")
    if not unzipping.eof or unzipping.unused_data:
        raise ValueError("is damaged: its gzip data do not end where they should")
    return text
