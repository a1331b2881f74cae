# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one translator from API answers to this collection's errors.

The API server quotes values of the object in its messages ("Invalid value: …", a diff of the whole Pod spec, what an
admission policy's messageExpression puts together), and for a Secret these are the secret. An admission webhook that
says no even writes the whole Status, its reason and field paths too. So nothing is passed on: a message is built anew
from the API's own words for reasons and causes, from what looks like a field path, and from known sentences and
phrases.

A 404 alone proves nothing: load balancers have one too, and so have types that are not served for the moment. It says
that an object is gone only as a Status of reason NotFound whose details name this very object (`as_absence`).
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from .._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    ListExpired,
    NotFound,
    Throttled,
    Unauthorized,
)
from .._kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, NAMESPACES, PROJECTS, ROLE_BINDINGS, ROLES
from .._memory import is_heavier
from .._text import cut, shown
from .._unstructured import as_map, as_maps, as_text, nested
from .._values import Body, Resource
from .grammar import is_field
from .phrases import is_too_large, phrase_in
from .sentences import Known, recognised

_BY_STATUS: dict[int, type[ClusterError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: AbsenceUnproven,
    409: Conflict,
    410: ListExpired,
    422: Invalid,
    429: Throttled,
}

_REASONS = frozenset(
    (
        "AlreadyExists",
        "BadRequest",
        "Conflict",
        "Expired",
        "Forbidden",
        "Gone",
        "InternalError",
        "Invalid",
        "MethodNotAllowed",
        "NotAcceptable",
        "NotFound",
        "RequestEntityTooLarge",
        "ServerTimeout",
        "ServiceUnavailable",
        "StorageReadError",
        "Timeout",
        "TooManyRequests",
        "Unauthorized",
        "UnsupportedMediaType",
    )
)
"""metav1.StatusReason (apimachinery, pkg/apis/meta/v1/types.go); a webhook puts there whatever it likes."""

# metav1.CauseType, and how people say it
_CAUSES = {
    "FieldValueInvalid": "invalid value",
    "FieldValueForbidden": "forbidden",
    "FieldValueRequired": "required value",
    "FieldValueDuplicate": "duplicate value",
    "FieldValueNotSupported": "unsupported value",
    "FieldValueNotFound": "not found",
    "FieldValueTooLong": "too long",
    "FieldValueTooShort": "too short",
    "FieldValueTooMany": "too many",
    "FieldValueTooFew": "too few",
    "FieldValueTypeInvalid": "wrong type",
}
_TOLD_BY_THE_MESSAGE = "NamespaceTerminating"
"""A cause whose field is metadata.namespace, which would read as if the name were wrong."""

_ADMISSION = re.compile(r"denied request|denied the request|admission webhook|AdmissionPolicy '")
"""Anywhere in the message: what may be an admission policy's or webhook's word is never taken for the API's."""
_OF_SECRETS = re.compile(r"/api/v1/(?:namespaces/[^/]+/)?secrets(?:[/?]|$)")
_FIELDS_OF_SECRETS = frozenset(("data", "immutable", "metadata", "stringData", "type"))
_FIELDS_OF_OBJECTS = _FIELDS_OF_SECRETS | {"roleRef", "rules", "spec", "status", "subjects", "webhooks"}
_ROOT = re.compile(r"[.\[]")
_CREDENTIALS = (
    "Unauthorized: the API server does not take the credentials; check api_key, client_cert and client_key, or the"
    " kubeconfig's user: they may have expired"
)
_SERVED_TWICE = {
    "clusterrolebindings.authorization.openshift.io": CLUSTER_ROLE_BINDINGS,
    "clusterroles.authorization.openshift.io": CLUSTER_ROLES,
    "rolebindings.authorization.openshift.io": ROLE_BINDINGS,
    "roles.authorization.openshift.io": ROLES,
    PROJECTS: NAMESPACES,
}
"""What OpenShift's own API server only passes on, with the words of the one behind it (openshift-apiserver,
pkg/authorization/apiserver/registry and pkg/project/apiserver/registry)."""
_UNNAMED = "that does not name this object: of a load balancer, or of a type that is not served"
_FIELDS_SHOWN = 8
_CAUSES_READ = 100
_LONGEST = 300
_LONGEST_SENTENCE = 600  # with every check of Pod Security in it
_HEAVIEST_STATUS = 32 << 20
"""Bytes of memory: an API server quotes an object of 3 MiB in it at most, which is one string."""
_EXCERPT = 16 * 1024
"""Characters at either end of a message that are looked at: constant words stand there, a quoted object between."""


def error_of(status: int, body: bytes, path: str = "") -> ClusterError:
    """The error that an answer of `status` >= 400 to a request for `path` stands for.

    `body` is a metav1.Status, or anything that a proxy sends.
    """
    said = _status(body)
    reason = as_text(said.get("reason"))
    reason = reason if reason in _REASONS else ""
    raw = _excerpt(said.get("message"))
    known = recognised(raw)
    causes = _causes(said, known, path)
    kind = _class(status, reason, known)
    word = _CREDENTIALS if kind is Unauthorized else reason or f"HTTP {status}"
    fields = tuple(dict.fromkeys(cause.field for cause in causes if cause.field))
    error = kind(_message(word, raw, known, causes), status=status, reason=reason, fields=fields)
    error.by_admission = known.by_admission or _ADMISSION.search(raw) is not None
    error.lasting = known.is_lasting or is_too_large(raw)
    error.webhook = known.webhook
    error.bare = not said
    if isinstance(error, AbsenceUnproven) and reason == "NotFound":
        error.about = _about(as_map(said.get("details")))
    return error


def _about(details: Body) -> tuple[str, str, str]:
    """Whom a Status is said of: group, plural (which the API calls kind there) and name."""
    return as_text(details.get("group")), as_text(details.get("kind")), as_text(details.get("name"))


def as_absence(error: AbsenceUnproven, resource: Resource, namespace: str, name: str) -> ClusterError:
    """NotFound when the answer to a request for this object names it, or its namespace; else an error that says so."""
    group, plural, named = error.about
    said_of = f"{plural}.{group}" if group else plural
    is_itself = said_of in (resource.name, _SERVED_TWICE.get(resource.name)) and named == name
    if not is_itself and not (namespace and error.about == ("", NAMESPACES, namespace)):
        return _doubted(error)
    found = NotFound(str(error), status=error.status, reason=error.reason, fields=error.fields)
    found.repeated = error.repeated
    return found


def _doubted(error: AbsenceUnproven) -> AbsenceUnproven:
    doubted = AbsenceUnproven(f"{error} {_UNNAMED}", status=error.status, reason=error.reason, fields=error.fields)
    doubted.about, doubted.repeated = error.about, error.repeated
    return doubted


class _Cause(NamedTuple):
    """One of a Status' details.causes, as far as it may be shown."""

    field: str
    text: str
    is_told: bool = False
    """The message itself says it, and better."""

    @property
    def said(self) -> str:
        if self.is_told:
            return ""
        return f"{self.field} ({self.text})" if self.field and self.text else self.field or self.text


def _class(status: int, reason: str, known: Known) -> type[ClusterError]:
    if known.needs_dry_run:
        return DryRunUnsupported
    if known.by_admission:  # a webhook or policy chooses its status: its 404 does not say that anything is gone
        return Invalid if status == 422 else Forbidden
    if reason == "AlreadyExists":
        return AlreadyExists
    if status >= 500:
        return Throttled
    return _BY_STATUS.get(status, ClusterError)


def _status(body: bytes) -> Body:
    if is_heavier(body, _HEAVIEST_STATUS):
        return {}
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("kind") == "Status" else {}


def _excerpt(text: Any) -> str:
    text = as_text(text)
    return text if len(text) <= 2 * _EXCERPT else f"{text[:_EXCERPT]}\n{text[-_EXCERPT:]}"


def _causes(said: Body, known: Known, path: str) -> list[_Cause]:
    """In the API server's order; the first of them when there are very many."""
    return [_cause(cause, known, path) for cause in as_maps(nested(said, "details", "causes"))[:_CAUSES_READ]]


def _cause(cause: Body, known: Known, path: str) -> _Cause:
    field, reason = as_text(cause.get("field")), as_text(cause.get("reason"))
    field = field if is_field(field) else ""
    if known.by_webhook:
        field = _of_webhook(field, path)
    text = phrase_in(_excerpt(cause.get("message"))) or _CAUSES.get(reason, "")
    return _Cause(cut(field, _LONGEST), text, reason == _TOLD_BY_THE_MESSAGE)


def _of_webhook(field: str, path: str) -> str:
    """A field that a webhook names, which may put a value there: only below a field that objects have.

    Of a Secret it is that field alone.
    """
    root = _ROOT.split(field, maxsplit=1)[0]
    if _OF_SECRETS.match(path):
        return root if root in _FIELDS_OF_SECRETS else ""
    return field if root in _FIELDS_OF_OBJECTS else ""


def _message(word: str, raw: str, known: Known, causes: list[_Cause]) -> str:
    told = list(dict.fromkeys(cause.said for cause in causes[:_FIELDS_SHOWN] if cause.said))
    if len(causes) > _FIELDS_SHOWN:
        told.append(f"{len(causes) - _FIELDS_SHOWN}{'+' * (len(causes) == _CAUSES_READ)} more")
    head = shown(known.text, _LONGEST_SENTENCE) or ("" if told else phrase_in(raw))
    parts = [head, *(part for part in told if part != head)] if head else told
    return f"{word}: {', '.join(parts)}" if parts else word
