# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the target's lists on which a run found all equal, as they are kept on the target, and back.

A page is known by a keyed digest of its bytes, of the bytes of the bodies that the backup has for it, and of whatever
else the comparison stands on (see `_plan/known.py`). So what is kept is no claim that has to be believed: it is either
what the next run computes anew of what it sees, or worth nothing. All together are signed besides, for the time.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._keyed_digest import Keys
from .._values import Body
from .packed import packed, text_of
from .seal import FIELD, signature_of
from .secret import own_secret

HOLDS = "known"
_PURPOSE = "standby.velero/known-pages"
_FORMAT = 1
_MOST_BYTES = 16 << 20
MOST_SECRET = 900_000
"""Bytes of the data; etcd takes 1.5 MiB. Of more pages those that come last are not kept, and compared again."""
_DIGEST = re.compile(r"[0-9a-f]{32}")
_MOST_TIME = 1 << 40


class Start(NamedTuple):
    """Where a page begins."""

    resource: str
    """`<plural>.<group>`"""
    version: str
    scope: str
    """Namespace of the list; empty for one of all."""
    behind: str
    """`<namespace>/<name>` of the last object of the page before; empty for the first page."""


class KnownPage(NamedTuple):
    """A page that was known."""

    last: str
    """`<namespace>/<name>` of its last object; empty for the last page of its list."""
    digest: str


@dataclass(frozen=True)
class KnownPages:
    """All of a target, and when a run last compared everything."""

    full: float = 0.0
    """Seconds since 1970 by the API server's clock; 0 for never."""
    pages: tuple[tuple[Start, KnownPage], ...] = ()


NOTHING_KNOWN = KnownPages()


def name_of(selection: str) -> str:
    """Of the Secret: jobs with different selections remember different pages."""
    return f"known-pages-{selection[:12]}"


def known_secret(name: str, known: KnownPages, keys: Keys, namespace: str) -> Body:
    """The Secret; the same for the same pages."""
    text = _text(known, len(known.pages))
    size = len(packed(text))
    if size * 4 // 3 > MOST_SECRET:
        text = _text(known, len(known.pages) * MOST_SECRET // (size * 2))
    signature = keys.digest(_PURPOSE, namespace.encode(), name.encode(), text)
    data = {HOLDS: b64encode(packed(text)), FIELD: b64encode(signature.encode())}
    return own_secret(name, namespace, HOLDS, {field: value.decode("ascii") for field, value in data.items()})


def known_in(secret: Body, keys: Keys, namespace: str) -> KnownPages:
    """What the Secret holds; nothing when it is damaged or not signed with one of the keys: then all is compared."""
    try:
        text = text_of(secret, _MOST_BYTES, HOLDS)
        if not keys.verify(signature_of(secret) or "", _PURPOSE, *_place(namespace, secret), text):
            return NOTHING_KNOWN
        return _read(json.loads(text))
    except (ValueError, KeyError, TypeError, RecursionError):
        return NOTHING_KNOWN


def _text(known: KnownPages, most: int) -> bytes:
    pages = [[*start, *page] for start, page in known.pages[:most]]
    return json.dumps({"format": _FORMAT, "full": int(known.full), "pages": pages}, separators=(",", ":")).encode()


def _place(namespace: str, secret: Body) -> tuple[bytes, bytes]:
    return namespace.encode(), str(secret["metadata"]["name"]).encode()


def _read(said: Any) -> KnownPages:
    if said["format"] != _FORMAT or not 0 <= said["full"] < _MOST_TIME:
        raise ValueError("format")
    return KnownPages(float(said["full"]), tuple(map(_page, said["pages"])))


def _page(row: list[str]) -> tuple[Start, KnownPage]:
    *start, last, digest = row
    if not all(isinstance(text, str) for text in row) or not _DIGEST.fullmatch(digest):
        raise ValueError("page")
    return Start(*start), KnownPage(last, digest)
