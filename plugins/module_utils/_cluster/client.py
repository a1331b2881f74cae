# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The narrow client: list, get, create, patch, delete. Every answer is JSON as it came, or a ClusterError."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, urlencode

from .._errors import AbsenceUnproven, AnswerTooLarge, ClusterError, MalformedAnswer, UnsafeName
from .._stopping import Stopping
from .._text import shown
from .._unstructured import as_text, nested
from .._values import Body, Resource
from .ahead import ahead
from .answers import as_absence
from .connection import JSON_TYPE, Connection
from .content import LARGEST_ANSWER, LARGEST_OBJECT
from .page import Page
from .shapes import admitted_object, deletion_of, object_of

PAGE = 500
"""Objects a list request asks for, as kubectl does: a page of large objects still fits memory on both sides."""

MOST_PAGES = 4000
"""Pages of one list: two million objects, more than an etcd of 8 GiB holds. A server that has still more is broken."""
LARGEST_PAGE = 8 * 1024 * 1024
"""Bytes of a page of several objects. In memory it is three times that, and the first pages of four lists may be there
at a time."""
_SMALLER = 10
"""A page that is too large to be read is asked for again with so many times fewer objects; after small ones each has
twice as many as the one before."""

_WARNING = re.compile(r'299 \S{1,100} "((?:[^"\\]|\\.){0,1000})"')
_UNKNOWN_FIELD = re.compile(r'unknown field \\"([A-Za-z0-9_.$/\[\]-]{1,200})\\"')
"""The whole of a warning, as the API server words it: a webhook's warnings come in the same way."""
_INDEX = re.compile(r"\[\d+\]")  # one report for the same field of every element

METADATA_TYPE = f"{JSON_TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,{JSON_TYPE}"
"""Accept of a list of which the metadata are enough."""
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

_Place = tuple[Resource, str, str]
"""Type, namespace and name of the object that a request is about; a create names none."""


class Client:
    """One target. Safe to use from as many threads as its connection has room for."""

    def __init__(self, connection: Connection, context: str = "") -> None:
        self._connection = connection
        self.context = context
        """Of the kubeconfig, where one was named: for reports."""
        self.dropped_fields: dict[str, set[str]] = {}
        """By resource name: fields of what was written that the target does not know, and so did not store."""

    @property
    def verifies_tls(self) -> bool:
        return self._connection.verifies_tls

    def under(self, may_write: Callable[[], bool]) -> Client:
        """The same client, whose writes are not sent any more (LockLost) once `may_write` says no."""
        return Client(self._connection.guarded(may_write), self.context)

    @property
    def server(self) -> str:
        """The API server's address, without credentials: for reports."""
        return self._connection.server

    def until(self, stopping: Stopping, settles: bool = False) -> Client:
        """The same client for a run that may have to end; `settles` is for what is written all the same then."""
        return Client(self._connection.until(stopping, settles), self.context)

    def once(self) -> Client:
        """The same client, which does not repeat what time does not mend (see ClusterError.lasting)."""
        client = Client(self._connection.once(), self.context)
        client.dropped_fields = self.dropped_fields
        return client

    def get_json(self, path: str, accept: str = JSON_TYPE, largest: int = LARGEST_ANSWER) -> Body:
        """A GET of anything that answers with a JSON object (discovery documents)."""
        return _object(self._connection.send("GET", path, accept=accept, largest=largest).body, path)

    def get_bytes(self, path: str, accept: str, largest: int) -> bytes:
        """The same, not parsed."""
        data: bytes = self._connection.send("GET", path, accept=accept, largest=largest, raw=True).body
        return data

    def probe(self, path: str) -> tuple[int, str]:
        """Status and text of the answer to a GET of what is no JSON (/readyz), an error too."""
        return self._connection.probe(path)

    def pages(
        self, resource: Resource, namespace: str = "", selector: str = "", accept: str = JSON_TYPE
    ) -> Iterator[list[Body]]:
        """The objects of a type, page by page; of all namespaces unless one is named, of all labels unless selected."""
        for page in self.raw_pages(resource, namespace, selector, accept):
            yield page.items

    def raw_pages(
        self, resource: Resource, namespace: str = "", selector: str = "", accept: str = JSON_TYPE
    ) -> Iterator[Page]:
        """The same, each page as it came; the next one is on its way meanwhile, unless this one is large."""
        return ahead(self._pages(resource, namespace, selector, accept), lambda page: page.is_light and bool(page.rest))

    def _pages(self, resource: Resource, namespace: str, selector: str, accept: str) -> Iterator[Page]:
        path = path_of(resource, namespace)
        query = {"limit": str(PAGE), **({"labelSelector": selector} if selector else {})}
        seen = {""}
        while len(seen) <= MOST_PAGES:
            page = self._page(path, query, accept)
            yield page
            rest = page.rest
            if not rest:
                return
            if rest in seen:
                raise MalformedAnswer(f"the list {path} does not end: a page names one that was read as the next")
            seen.add(rest)
            query["continue"] = rest
        raise MalformedAnswer(f"the list {path} does not end: {MOST_PAGES} pages were read")

    def _page(self, path: str, query: dict[str, str], accept: str) -> Page:
        """The next page, and in `query` how many objects the pages after it may have."""
        while True:
            limit = int(query["limit"])
            largest = LARGEST_PAGE if limit > 1 else LARGEST_OBJECT
            try:
                page = Page(self.get_bytes(f"{path}?{urlencode(query)}", accept, largest), path)
            except AnswerTooLarge:
                if limit == 1:
                    raise
                query["limit"] = str(max(1, limit // _SMALLER))
                continue
            if page.size <= LARGEST_PAGE // 4:
                query["limit"] = str(min(PAGE, limit * 2))
            return page

    def get(self, resource: Resource, namespace: str, name: str) -> Body:
        """NotFound only when the API server itself says so of this object; any other 404 is AbsenceUnproven."""
        path = object_path(resource, namespace, name)
        try:
            return object_of(self.get_json(path, largest=LARGEST_OBJECT), resource, namespace, name)
        except AbsenceUnproven as error:
            raise as_absence(error, resource, namespace, name) from error

    def create(self, resource: Resource, namespace: str, body: Body, dry_run: bool = False) -> Body:
        path = path_of(resource, namespace) + ("?dryRun=All" if dry_run else "")
        made = self._write("POST", path, body, (resource, namespace, ""))
        believed = admitted_object if dry_run else object_of  # what is not stored has no version
        return believed(made, resource, namespace, as_text(nested(body, "metadata", "name")))

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        patch: Body,
        dry_run: bool = False,
        subresource: str = "",
        uid: str = "",
    ) -> Body:
        """A JSON merge patch; `metadata.resourceVersion` in it is the precondition (409 Conflict when it is stale).

        With `uid` an answer of another object of the name is not believed.
        """
        path = object_path(resource, namespace, name) + subresource + ("?dryRun=All" if dry_run else "")
        patched = self._write("PATCH", path, patch, (resource, namespace, name), MERGE_PATCH)
        return object_of(patched, resource, namespace, name, uid)

    def patch_exactly(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        operations: list[Body],
        dry_run: bool = False,
        uid: str = "",
    ) -> Body:
        """A JSON Patch (RFC 6902); a test in it that fails is answered 422, as an object that breaks a rule is."""
        path = object_path(resource, namespace, name) + ("?dryRun=All" if dry_run else "")
        patched = self._write("PATCH", path, operations, (resource, namespace, name), JSON_PATCH)
        return object_of(patched, resource, namespace, name, uid)

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
        path = object_path(resource, namespace, name)
        deleted = self._write("DELETE", path, options, (resource, namespace, name))
        return deletion_of(deleted, resource, namespace, name, uid)

    def _write(
        self, method: str, path: str, body: Body | list[Body], of: _Place, content_type: str = JSON_TYPE
    ) -> Body:
        try:
            answer = self._connection.send(method, path, body, content_type=content_type, largest=LARGEST_OBJECT)
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
        for text in _WARNING.findall(", ".join(warnings)):
            found = _UNKNOWN_FIELD.fullmatch(text)
            if found:
                self.dropped_fields.setdefault(resource.name, set()).add(_INDEX.sub("[]", found[1]))


def path_of(resource: Resource, namespace: str = "", name: str = "") -> str:
    """The URL path; names are quoted, as they come out of a backup. Raises UnsafeName for one that leads elsewhere."""
    root = f"/apis/{resource.api_version}" if resource.group else f"/api/{resource.version}"
    if namespace and resource.namespaced:
        root = f"{root}/namespaces/{_part(namespace)}"
    path = f"{root}/{resource.plural}"
    return f"{path}/{_part(name)}" if name else path


def object_path(resource: Resource, namespace: str, name: str) -> str:
    """The URL path of one object. Raises UnsafeName for a place that would be that of a whole list."""
    if not name or (resource.namespaced and not namespace):
        what = "no name" if not name else "no namespace"
        raise UnsafeName(f"an object of {resource.name} with {what} cannot be asked for")
    return path_of(resource, namespace, name)


def _part(name: str) -> str:
    """Of a URL path. The API server decodes a path before it takes it apart, so that quoting alone is no help.

    Source: apimachinery, pkg/api/validation/path/name.go (IsValidPathSegmentName).
    """
    if leads_elsewhere(name):
        raise unsafe(name)
    return quote(name, safe="")


def leads_elsewhere(name: str) -> bool:
    """Whether a name cannot stand in a URL path; see _part."""
    return name in (".", "..") or "/" in name or "%" in name or not _is_encodable(name)


def unsafe(name: str) -> UnsafeName:
    return UnsafeName(f"no object can be called {shown(name)!r}: in a URL that leads to another one")


def _is_encodable(name: str) -> bool:
    """A lone surrogate, which JSON can spell, is no letter."""
    return name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)


def _object(answer: object, path: str) -> Body:
    if not isinstance(answer, dict):
        raise MalformedAnswer(f"{path.partition('?')[0]} did not answer with an object")
    return answer
