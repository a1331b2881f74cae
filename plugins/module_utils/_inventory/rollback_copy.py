# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
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
from .._unstructured import SERVER_METADATA, nested, without
from .._values import Body, ObjectKey, ObjectRef, Path
from .secret import own_secret, selector_of

_HOLDS = "body"
_REFUSED = "refused"
SELECTOR = selector_of(_HOLDS)

MOST = 900_000
"""Bytes of a gzipped body: the API server takes a Secret of 1 MiB."""
_UNZIPPED = 16 << 20
"""More than any object of an API server's has."""

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


def secret_of(ref: ObjectRef, live: Body, api_version: str, labels: dict[str, str], namespace: str) -> Body:
    """The Secret that keeps the live object; a StateError when it is too large for one."""
    body = creatable(ref.resource, {**live, "apiVersion": api_version, "kind": ref.key.kind})
    packed = gzip.compress(json.dumps(body, separators=(",", ":")).encode(), mtime=0)
    if len(packed) > MOST:
        raise StateError(f"its body takes {len(packed)} bytes gzipped, a Secret takes {MOST}")
    about = {**ref.key._asdict(), "uid": live["metadata"].get("uid") or "", "restore": labels}
    data = {"object": _encoded(json.dumps(about).encode()), "body": _encoded(packed)}
    return own_secret(secret_name(ref.key), namespace, _HOLDS, data)


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
        about = json.loads(_decoded(secret, "object"))
        key = ObjectKey(*(about[field] for field in ObjectKey._fields))
        refused = _decoded(secret, _REFUSED).decode() if _REFUSED in secret["data"] else ""
        found = RollbackCopy(key, about["uid"], metadata["name"], metadata["uid"], refused)
    except (ValueError, KeyError, TypeError):
        return None
    texts = (*found.key, found.uid, found.secret, found.secret_uid)
    return found if all(isinstance(text, str) for text in texts) and found.secret == secret_name(key) else None


def refused_mark(digest: str) -> Body:
    """What marks a copy with the new body that was refused: as secret as the old one, since it is derived from it."""
    return {"data": {_REFUSED: _encoded(digest.encode())}}


def body_of(secret: Body) -> Body:
    """The object that the Secret keeps, as it may be created; a StateError when it is damaged."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(_decoded(secret, "body"))) as unzipped:
            text = unzipped.read(_UNZIPPED + 1)
        body = json.loads(text) if len(text) <= _UNZIPPED else None
    except (ValueError, KeyError, TypeError, OSError, EOFError, zlib.error):
        body = None
    if not isinstance(body, dict) or not isinstance(body.get("metadata"), dict):
        raise StateError("the body that is kept is damaged")
    return body


def _encoded(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def _decoded(secret: Body, name: str) -> bytes:
    data: Any = secret["data"][name]
    try:
        return b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(name) from error
