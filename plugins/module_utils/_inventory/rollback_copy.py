# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of an object that is deleted in order to be recreated, as a Secret that outlives the run.

It is gzipped JSON, fit to be created again: by a later run, or by hand with
`kubectl get secret … -o jsonpath='{.data.body}' | base64 -d | gunzip | kubectl create -f -`.
"""

from __future__ import annotations

import binascii
import gzip
import io
import json
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .._errors import StateError
from .._kinds import CLAIMS, JOBS
from .._memory import LARGEST_BODY, is_heavier
from .._unstructured import SERVER_METADATA, as_text, is_deeper, nested, without
from .._values import Body, ObjectKey, ObjectRef, Path
from .seal import UNSIGNED, Seal
from .secret import own_secret, selector_of, type_of

_HOLDS = "body"
_REFUSED = "refused"
TYPE = type_of(_HOLDS)
SELECTOR = selector_of(_HOLDS)

MOST = 900_000
"""Bytes of a gzipped body: the API server takes a Secret of 1 MiB."""
_UNZIPPED = 8 << 20
"""More than any object of an API server's has, which takes requests of 3 MiB."""
_MOST_ABOUT = 64 << 10
"""Bytes of base64 that say whose body it is."""
_MOST_NAME = 4096
_DEEPEST = 200
"""Levels of a body: what is read of one, here and where it is sent, recurses."""

_BINDERS = ("pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller")
_JOB_METADATA: tuple[Path, ...] = (("metadata",), ("spec", "template", "metadata"))
_JOB_LABELS = ("controller-uid", "batch.kubernetes.io/controller-uid")


@dataclass(frozen=True, slots=True)
class RollbackCopy:
    """A Secret with the body of an object that a run began to recreate."""

    key: ObjectKey
    """Of the object."""
    uid: str
    """Of the object as it was."""
    secret: str
    secret_uid: str
    refused: str = ""
    """Stands for the new body that the target refused when the old one was deleted already; empty when none was."""


def secret_name(key: ObjectKey) -> str:
    """One for each object: as long as a body is kept, its object is not deleted once more."""
    return f"body-{key.kind.lower()[:60]}-{sha256(str(key).encode()).hexdigest()[:16]}"


def secret_of(
    ref: ObjectRef, live: Body, api_version: str, labels: dict[str, str], namespace: str, seal: Seal = UNSIGNED
) -> Body:
    """The Secret that keeps the live object; a StateError when it is too large for one."""
    body = creatable(ref.resource, {**live, "apiVersion": api_version, "kind": ref.key.kind})
    text = json.dumps(body, separators=(",", ":")).encode()
    packed = gzip.compress(text, mtime=0)
    if len(text) > _UNZIPPED:
        raise StateError(f"its body takes {len(text)} bytes, at most {_UNZIPPED} are kept")
    if len(packed) > MOST:
        raise StateError(f"its body takes {len(packed)} bytes gzipped, a Secret takes {MOST}")
    about = {**ref.key._asdict(), "uid": live["metadata"].get("uid") or "", "restore": labels}
    data = {"object": _encoded(json.dumps(about).encode()), "body": _encoded(packed)}
    secret = own_secret(secret_name(ref.key), namespace, _HOLDS, data)
    return {**secret, "data": {**data, **signature(secret, seal)}}


def signature(secret: Body, seal: Seal) -> dict[str, str]:
    """Of a Secret that keeps a body, as a field of its data; empty without a key."""
    return seal.field(_HOLDS, secret["metadata"]["name"], *_signed(secret))


def is_proven(secret: Body, seal: Seal) -> bool:
    """Whether one of the keys has signed it, for just this object; without a key nothing is asked for."""
    return not seal or seal.proves(secret, _HOLDS, secret["metadata"]["name"], *_signed(secret))


def _signed(secret: Body) -> tuple[bytes, bytes]:
    """What says whose body it is, with the UID that it had, and the body."""
    about, body = (as_text(nested(secret, "data", name)) for name in ("object", "body"))
    return about.encode("utf-8", "replace"), body.encode("utf-8", "replace")


def creatable(resource: str, live: Body) -> Body:
    """The object as the API server takes it for a new one, and otherwise as it was."""
    body = without(live, ("metadata",), SERVER_METADATA)
    if resource == CLAIMS:
        return without(body, ("metadata", "annotations"), _BINDERS)
    return _as_new_job(body) if resource == JOBS else body


def _as_new_job(job: Body) -> Body:
    """A Job's generated selector names the UID that it had."""
    if nested(job, "spec", "manualSelector") is True:
        return job
    job = without(job, ("spec",), ("selector",))
    for path in _JOB_METADATA:
        job = without(job, (*path, "labels"), _JOB_LABELS)
    return job


def rollback_copy(secret: Body) -> RollbackCopy | None:
    """What a Secret of ours keeps; None for one that is not as this collection writes them."""
    metadata = secret.get("metadata") or {}
    try:
        about = json.loads(_decoded(secret, "object", _MOST_ABOUT))
        key = ObjectKey(*(_name(about[field]) for field in ObjectKey._fields))
        refused = _name(_decoded(secret, _REFUSED, _MOST_ABOUT).decode()) if _REFUSED in secret["data"] else ""
        found = RollbackCopy(key, _name(about["uid"]), metadata["name"], metadata["uid"], refused)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if secret.get("type") == TYPE and found.secret == secret_name(key) else None


def _name(value: Any) -> str:
    """A ValueError for what no API server calls anything: it would steer a terminal, or have no bytes."""
    if not isinstance(value, str) or len(value) > _MOST_NAME or not value.isprintable():
        raise ValueError("no name")
    return value


def refused_mark(digest: str) -> Body:
    """What marks a copy with the new body that was refused: as secret as the old one, since it is derived from it."""
    return {"data": {_REFUSED: _encoded(digest.encode())}}


def body_of(secret: Body) -> Body:
    """The object that the Secret keeps, as it may be created; a StateError when it is damaged."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(_decoded(secret, "body"))) as unzipped:
            text = unzipped.read(_UNZIPPED + 1)
        body = json.loads(text) if len(text) <= _UNZIPPED and not is_heavier(text, LARGEST_BODY) else None
        json.dumps(body, ensure_ascii=False).encode()  # a lone surrogate, which JSON can spell, has no bytes
    except (ValueError, KeyError, TypeError, OSError, EOFError, RecursionError, zlib.error):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict) or is_deeper(body, _DEEPEST):
        raise StateError("the body that is kept is damaged")
    return body


def body_for(key: ObjectKey, secret: Body) -> Body:
    """The same, when it is the body of this very object; a StateError for any other, which nobody of ours has kept."""
    body = body_of(secret)
    group = as_text(body.get("apiVersion")).rpartition("/")[0]
    metadata = body["metadata"]
    if (group, body.get("kind"), metadata.get("namespace") or "", metadata.get("name")) != key:
        raise StateError("the body that is kept is another object's: somebody has put it there")
    return body


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _decoded(secret: Body, name: str, most: int = MOST * 2) -> bytes:
    data: Any = secret["data"][name]
    if len(data) > most:
        raise ValueError(name)
    try:
        return b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(name) from error
