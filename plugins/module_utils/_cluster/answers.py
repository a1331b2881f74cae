# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one translator from API answers to this collection's errors.

The API server quotes values of the object in its messages ("Invalid value: …", a diff of the whole Pod spec, what an
admission policy's messageExpression puts together), and for a Secret these are the secret. So a message is never
passed on: it is built anew from the status reason, the field paths and kinds of `details.causes`, and a few fixed
phrases and names (policy, webhook, quota, user, verb) that are recognised in it.

A 404 alone proves nothing: load balancers have one too, and so have types that are not served for the moment. It says
that an object is gone only as a Status of reason NotFound whose details name this very object (`as_absence`).
"""

from __future__ import annotations

import json
import re
from typing import Any

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
from .._text import shown
from .._unstructured import as_map, as_maps, as_text, nested
from .._values import Resource

_BY_STATUS: dict[int, type[ClusterError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: AbsenceUnproven,
    409: Conflict,
    410: ListExpired,
    422: Invalid,
    429: Throttled,
}

# metav1.CauseType, and how people say it
_CAUSES = {
    "FieldValueInvalid": "invalid value",
    "FieldValueForbidden": "forbidden",
    "FieldValueRequired": "required value",
    "FieldValueDuplicate": "duplicate value",
    "FieldValueNotSupported": "unsupported value",
    "FieldValueNotFound": "not found",
    "FieldValueTooLong": "too long",
    "FieldValueTooMany": "too many",
    "FieldValueTypeInvalid": "wrong type",
}

# What the API server says in its own constant words; only these leave this file.
_PHRASES = (
    "field is immutable",
    "cannot change roleRef",
    "updates to statefulset spec for fields other than",
    "pod updates may not change fields other than",
    "may not change once set",
    "may not be changed",
    "spec is immutable after creation",
    "does not support dry run",
    "provided port is already allocated",
    "provided IP is already allocated",
    "because it is being terminated",
    "error looking up service account",
    "no PriorityClass with name",
    "attempting to grant RBAC permissions not currently held",
    "request is too large",
    "must be no more than",
    "unknown field",
    "strict decoding error",
)

_NAME = r"[A-Za-z0-9:.@/_-]{1,253}"
_SHAPES = (
    re.compile(
        rf'User "(?P<user>{_NAME})" cannot (?P<verb>[a-z]+) resource "(?P<resource>[a-z0-9./-]+)" in API group '
        rf'"(?P<group>[a-z0-9.-]*)"(?: in the namespace "(?P<namespace>[a-z0-9-]+)"| at the cluster scope)?'
    ),
    re.compile(rf'User "(?P<user>{_NAME})" cannot (?P<verb>[a-z]+) path "(?P<path>/[a-z0-9/.-]*)"'),
    re.compile(rf"ValidatingAdmissionPolicy '(?P<policy>{_NAME})' with binding '(?P<binding>{_NAME})' denied request"),
    re.compile(rf'admission webhook "(?P<webhook>{_NAME})" (?P<did>denied the request|does not support dry run)'),
    re.compile(rf'failed calling webhook "(?P<webhook>{_NAME})"'),
    re.compile(rf"exceeded quota: (?P<quota>{_NAME})"),
    re.compile(r'namespaces "(?P<namespace>[a-z0-9-]+)" not found'),
    re.compile(rf'serviceaccount "(?P<name>{_NAME})" not found'),
)
_ADMISSION = re.compile(r"denied request|denied the request|admission webhook|AdmissionPolicy '")
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
_LONGEST = 300


def error_of(status: int, body: bytes) -> ClusterError:
    """The error that an answer of `status` >= 400 stands for; `body` is a metav1.Status, or anything a proxy sends."""
    said = _status(body)
    reason = str(said.get("reason") or "")
    raw = str(said.get("message") or "")
    causes = _causes(said)
    kind = _class(status, reason, raw)
    fields = tuple(dict.fromkeys(field for field, _text in causes if field))
    word = reason if reason and reason != "Unknown" else f"HTTP {status}"
    if kind is Unauthorized:
        word = _CREDENTIALS
    error = kind(_message(word, raw, causes), status=status, reason=reason, fields=fields)
    error.by_admission = _ADMISSION.search(raw) is not None
    if isinstance(error, AbsenceUnproven) and reason == "NotFound":
        error.about = _about(as_map(said.get("details")))
    return error


def _about(details: dict[str, Any]) -> tuple[str, str, str]:
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


def _class(status: int, reason: str, raw: str) -> type[ClusterError]:
    if reason == "AlreadyExists":
        return AlreadyExists
    if "does not support dry run" in raw:
        return DryRunUnsupported
    if status >= 500:
        return Throttled
    return _BY_STATUS.get(status, ClusterError)


def _status(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) and said.get("kind") == "Status" else {}


def _causes(said: dict[str, Any]) -> list[tuple[str, str]]:
    """(field, what is wrong with it) of each cause, in the API server's order."""
    found = []
    for cause in as_maps(nested(said, "details", "causes")):
        text = _phrase(str(cause.get("message") or "")) or _CAUSES.get(str(cause.get("reason") or ""), "")
        found.append((shown(str(cause.get("field") or ""), _LONGEST), text))
    return found


def _message(word: str, raw: str, causes: list[tuple[str, str]]) -> str:
    parts = []
    for field, text in causes[:_FIELDS_SHOWN]:
        part = f"{field} ({text})" if field and text else field or text
        if part and part not in parts:
            parts.append(part)
    if len(causes) > _FIELDS_SHOWN:
        parts.append(f"{len(causes) - _FIELDS_SHOWN} more")
    known = _shape(raw) or ("" if parts else _phrase(raw))
    if known:
        parts.insert(0, known)
    return f"{word}: {', '.join(parts)}" if parts else word


def _shape(raw: str) -> str:
    for shape in _SHAPES:
        found = shape.search(raw)
        if found:
            return shown(found.group(0), _LONGEST)
    return ""


def _phrase(raw: str) -> str:
    return next((phrase for phrase in _PHRASES if phrase in raw), "")
