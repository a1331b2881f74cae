# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of an APIService that is not on a sleeping standby, as a Secret: from it an activation creates just that.

An APIService of which nobody answers makes its whole API group fail, and discovery with it, so it cannot sleep as a
webhook does. What stands in the state is not trusted: only the very object after which the Secret is called is made of
it, with its labels, annotations and spec, and with `state_key` only what a run has signed.
"""

from __future__ import annotations

import gzip
import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from .._errors import StateError
from .._kinds import API_SERVICE
from .._unstructured import annotations_of, as_map, as_text, is_deeper, labels_of, nested, service_asked, without_named
from .._values import BACKUP_LABEL, RESTORE_LABEL, Body, Change, ObjectKey
from .entries import Labels
from .seal import UNSIGNED, Seal
from .secret import own_secret, selector_of, type_of

COPIED = '{"copied":true}'
"""In place of what production has in the inventory's row of one: the row's UID is that of the Secret, or of the object
that an activation created from it."""

_HOLDS = "copy"
_BODY = "body"
TYPE = type_of(_HOLDS)
SELECTOR = selector_of(_HOLDS)

MOST = 256 << 10
"""Bytes of a body as JSON: it has a name, a certificate authority and a Service."""
_DEEPEST = 64
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class KeptCopy:
    """What an activation creates, and where it is kept."""

    body: Body = field(repr=False)
    secret: str
    uid: str
    """Of the Secret."""
    version: str
    is_current: bool = True
    """Whether the Secret is as it would be written now: signed with the newest key."""

    @property
    def key(self) -> ObjectKey:
        return key_of(self.body)

    @property
    def labels(self) -> Labels:
        """Of the restore that wrote it."""
        labels = labels_of(self.body)
        return as_text(labels.get(BACKUP_LABEL)), as_text(labels.get(RESTORE_LABEL))

    def holds(self, body: Body) -> bool:
        """Whether it is what the backup has, whichever restore wrote it."""
        return _unlabelled(self.body) == _unlabelled(body)

    def made(self, live: Body) -> bool:
        """Whether a live object is what an activation made of it: it bears the labels of the restore that kept it."""
        spec, there = as_map(self.body.get("spec")), as_map(live.get("spec"))
        return all(self.labels) and labels_of(live) == labels_of(self.body) and {**there, **spec} == there


class ApiService(NamedTuple):
    """What is to be done with one, and what of it is created, or kept as a copy when it goes."""

    change: Change
    copy: KeptCopy | None = None
    live: Body | None = None

    @property
    def service(self) -> tuple[str, str] | None:
        """Who answers for it."""
        return service_asked(self.copy.body if self.copy else self.live, "spec")


def key_of(body: Body) -> ObjectKey:
    return ObjectKey(API_SERVICE.group, API_SERVICE.kind, "", as_text(nested(body, "metadata", "name")))


def bare(body: Body) -> Body:
    """All that is ever created of it."""
    named = {"labels": labels_of(body), "annotations": annotations_of(body)}
    said = {part: values for part, values in named.items() if values}
    metadata = {"name": as_text(nested(body, "metadata", "name")), **said}
    kind = {"apiVersion": API_SERVICE.api_version, "kind": API_SERVICE.kind}
    return {**kind, "metadata": metadata, "spec": as_map(body.get("spec"))}


def _unlabelled(body: Body) -> Body:
    return bare(without_named(body, (("labels", BACKUP_LABEL), ("labels", RESTORE_LABEL))))


def secret_name(key: ObjectKey) -> str:
    """One for each object."""
    return f"copy-{key.kind.lower()}-{sha256(str(key).encode()).hexdigest()[:16]}"


def secret_of(body: Body, namespace: str, seal: Seal = UNSIGNED) -> Body:
    """The Secret that keeps the body; a StateError when it is larger than any such object has to be."""
    text = json.dumps(bare(body), sort_keys=True, separators=(",", ":")).encode()
    if len(text) > MOST:
        raise StateError(f"its body takes {len(text)} bytes, at most {MOST} are kept")
    name = secret_name(key_of(body))
    packed = b64encode(gzip.compress(text, mtime=0)).decode("ascii")
    return own_secret(name, namespace, _HOLDS, {_BODY: packed, **seal.field(_HOLDS, name, packed.encode())})


def kept_copy(secret: Body, seal: Seal = UNSIGNED) -> KeptCopy:
    """What the Secret keeps; a StateError that says why nothing is ever created from it."""
    metadata = as_map(secret.get("metadata"))
    name, packed = as_text(metadata.get("name")), as_text(nested(secret, "data", _BODY))
    if secret.get("type") != TYPE:
        raise StateError(f"is not of type {TYPE}")
    if seal and not seal.proves(secret, _HOLDS, name, packed.encode("utf-8", "replace")):
        raise StateError("is not signed with any state_key that is given")
    body = _body_of(packed)
    if (body.get("apiVersion"), body.get("kind")) != (API_SERVICE.api_version, API_SERVICE.kind):
        raise StateError("holds something else than an APIService")
    if secret_name(key_of(body)) != name:
        raise StateError("holds another APIService than the one that it is called after")
    is_current = seal.is_current(secret, _HOLDS, name, packed.encode())
    uid, version = (as_text(metadata.get(part)) for part in ("uid", "resourceVersion"))
    return KeptCopy(bare(body), name, uid, version, is_current)


def _body_of(packed: str) -> Body:
    try:
        body = json.loads(_unzipped(packed))
        json.dumps(body, ensure_ascii=False).encode()  # a lone surrogate, which JSON can spell, has no bytes
    except (ValueError, RecursionError, zlib.error) as error:
        raise StateError("is damaged") from error
    name = as_text(nested(body, "metadata", "name"))
    if not isinstance(body, dict) or is_deeper(body, _DEEPEST) or not name.isprintable() or len(name) > _LONGEST_NAME:
        raise StateError("is damaged")
    return body


def _unzipped(packed: str) -> bytes:
    """A ValueError beyond the bound: nothing is unzipped that no run has kept."""
    if len(packed) > 2 * MOST:
        raise ValueError("too long")
    text = zlib.decompressobj(wbits=31).decompress(b64decode(packed, validate=True), MOST + 1)
    if len(text) > MOST:
        raise ValueError("too long")
    return text
