# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The narrow client: list, get, create, patch, delete. Every answer is JSON as it came, or a ClusterError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

from .._errors import AbsenceUnproven, ClusterError
from .._unstructured import as_list, nested
from .._values import Body, Resource
from .answers import as_absence
from .connection import JSON_TYPE, Connection

PAGE = 500
"""Objects a list request asks for, as kubectl does: a page of large objects still fits memory on both sides."""

_UNKNOWN_FIELD = re.compile(r'unknown field \\?"([A-Za-z0-9_.$/\[\]-]{1,200})\\?"')
_INDEX = re.compile(r"\[\d+\]")  # one report for the same field of every element

METADATA_TYPE = f"{JSON_TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON_TYPE}"
"""Accept of a list of which the metadata are enough."""
MERGE_PATCH = "application/merge-patch+json"

_Place = tuple[Resource, str, str]
"""Type, namespace and name of the object that a request is about; a create names none."""


class Client:
    """One target. Safe to use from as many threads as its connection has room for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dropped_fields: dict[str, set[str]] = {}
        """By resource name: fields of what was written that the target does not know, and so did not store."""

    @property
    def verifies_tls(self) -> bool:
        return self._connection.verifies_tls

    def under(self, may_write: Callable[[], bool]) -> Client:
        """The same client, whose writes are not sent any more (LockLost) once `may_write` says no."""
        return Client(self._connection.guarded(may_write))

    def get_json(self, path: str, accept: str = JSON_TYPE) -> Body:
        """A GET of anything that answers with a JSON object (discovery documents)."""
        return _object(self._connection.send("GET", path, accept=accept).body, path)

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of the answer to a GET of what is no JSON (/readyz), an error too."""
        return self._connection.probe(path)

    def pages(
        self, resource: Resource, namespace: str = "", selector: str = "", accept: str = JSON_TYPE
    ) -> Iterator[list[Body]]:
        """The objects of a type, page by page; of all namespaces unless one is named, of all labels unless selected."""
        path = path_of(resource, namespace)
        query = {"limit": str(PAGE), **({"labelSelector": selector} if selector else {})}
        while True:
            page = self.get_json(f"{path}?{urlencode(query)}", accept)
            if "items" not in page:
                raise ClusterError(f"{path} did not answer with a list")
            yield as_list(page["items"])
            rest = nested(page, "metadata", "continue")
            if not rest:
                return
            query["continue"] = rest

    def get(self, resource: Resource, namespace: str, name: str) -> Body:
        """NotFound only when the API server itself says so of this object; any other 404 is AbsenceUnproven."""
        try:
            return self.get_json(path_of(resource, namespace, name))
        except AbsenceUnproven as error:
            raise as_absence(error, resource, namespace, name) from error

    def create(self, resource: Resource, namespace: str, body: Body, dry_run: bool = False) -> Body:
        path = path_of(resource, namespace) + ("?dryRun=All" if dry_run else "")
        return self._write("POST", path, body, (resource, namespace, ""))

    def patch(
        self, resource: Resource, namespace: str, name: str, patch: Body, dry_run: bool = False, subresource: str = ""
    ) -> Body:
        """A JSON merge patch; `metadata.resourceVersion` in it is the precondition (409 Conflict when it is stale)."""
        path = path_of(resource, namespace, name) + subresource + ("?dryRun=All" if dry_run else "")
        return self._write("PATCH", path, patch, (resource, namespace, name), MERGE_PATCH)

    def delete(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        uid: str,
        version: str = "",
        propagation: str = "",
        dry_run: bool = False,
    ) -> Body:
        """Deletes that very object: another UID (or resourceVersion, when given) is a Conflict. Answers at once.

        `propagation` is `Background`, `Foreground` or `Orphan`; the type's own default when it is empty.
        """
        preconditions = {"uid": uid, **({"resourceVersion": version} if version else {})}
        options: Body = {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": preconditions}
        if propagation:
            options["propagationPolicy"] = propagation
        if dry_run:  # in the query it is not looked at when there is a body: the object would be deleted (seen on 1.36)
            options["dryRun"] = ["All"]
        return self._write("DELETE", path_of(resource, namespace, name), options, (resource, namespace, name))

    def _write(self, method: str, path: str, body: Body, of: _Place, content_type: str = JSON_TYPE) -> Body:
        try:
            answer = self._connection.send(method, path, body, content_type=content_type)
        except AbsenceUnproven as error:
            raise as_absence(error, *of) from error
        self._note_dropped(of[0], answer.warnings)
        return _object(answer.body, path)

    def server_time(self) -> float:
        """Seconds since 1970 by the API server's clock, to the second."""
        date = self._connection.send("GET", "/version").date
        if date is None:
            raise ClusterError("the API server's answers have no date; does a proxy take it away?")
        return date

    def _note_dropped(self, resource: Resource, warnings: tuple[str, ...]) -> None:
        """Notes the unknown fields that a write's warnings name (field validation is Warn unless asked otherwise)."""
        for warning in warnings:
            fields = _UNKNOWN_FIELD.findall(warning)
            if fields:
                self.dropped_fields.setdefault(resource.name, set()).update(_INDEX.sub("[]", field) for field in fields)


def path_of(resource: Resource, namespace: str = "", name: str = "") -> str:
    """The URL path; names are quoted, as they come out of a backup."""
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
    if namespace and resource.namespaced:
        root = f"{root}/namespaces/{quote(namespace, safe='')}"
    path = f"{root}/{resource.plural}"
    return f"{path}/{quote(name, safe='')}" if name else path


def _object(answer: object, path: str) -> Body:
    if not isinstance(answer, dict):
        raise ClusterError(f"{path.partition('?')[0]} did not answer with an object")
    return answer
