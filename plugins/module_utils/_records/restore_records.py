# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Restore objects by which Velero's command line shows our runs. What fails here is a warning, and no more.

A Restore without its phase is taken up by a Velero server and run. So none is sent where its type has a status
subresource (the API server would drop the status), nor before a dry run has kept the phase; one that comes out without
it all the same is deleted at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from .._cluster.client import METADATA_TYPE, Client
from .._errors import AlreadyExists, ClusterError, Forbidden, NotFound
from .._unstructured import as_text, labels_of, nested
from .._values import RECORD_LABELS, Body, Resource

RESTORES = "restores.velero.io"
VERSION = "v1"

_SELECTOR = ",".join(f"{name}={value}" for name, value in sorted(RECORD_LABELS.items()))
_TRIES = 5
"""Names: two runs of one restore may begin in the same second."""
_RIGHTS = "it takes create, get, list and delete on restores.velero.io there; docs/rights.md has a Role"
_OFF = "record_restore: false switches it off"


class _PhaseLost(ClusterError):
    """The server did not keep the phase."""


class RestoreRecords:
    """Those in one namespace."""

    def __init__(self, client: Client, resource: Resource, namespace: str) -> None:
        self.warnings: tuple[str, ...] = ()
        self._client = client
        self._resource = resource
        self._namespace = namespace

    def save(self, record: Body, keep: int) -> str:
        """Stores the record and drops those beyond the newest `keep`; its place, empty when it is not stored."""
        try:
            self._refuse_subresource()
            name = self._created(record)
        except ClusterError as error:
            self._warn(f"the run is not recorded as a Restore of Velero's in namespace {self._namespace}", error)
            return ""
        try:
            self._drop_old(name, keep)
        except ClusterError as error:
            self._warn(f"not all earlier records of runs could be removed from namespace {self._namespace}", error)
        return f"{self._namespace}/{name}"

    def _refuse_subresource(self) -> None:
        if self._resource.has_status:
            raise _PhaseLost(
                f"{RESTORES} has a status subresource on the target, so that no Restore can be created complete, and"
                " Velero would run one that is not"
            )

    def _created(self, record: Body) -> str:
        """The name that was free; an AlreadyExists when none was."""
        for name in _names(record):
            named = {**record, "metadata": {**record["metadata"], "name": name}}
            try:
                self._refuse_unless_kept(named, self._create(named, dry_run=True))
                self._drop_unless_kept(named, self._create(named))
            except AlreadyExists:
                continue
            return name
        raise AlreadyExists(f"{record['metadata']['name']} exists, and so do {_TRIES - 1} names after it")

    def _create(self, record: Body, dry_run: bool = False) -> Body:
        """A record whose first answer was lost is read instead."""
        try:
            return self._client.create(self._resource, self._namespace, record, dry_run=dry_run)
        except AlreadyExists as error:
            if dry_run or not error.repeated:
                raise
            return self._client.get(self._resource, self._namespace, record["metadata"]["name"])

    def _refuse_unless_kept(self, record: Body, admitted: Body) -> None:
        if _phase(admitted) != _phase(record):
            raise _PhaseLost("the target does not keep the phase of a new Restore, and Velero would run it")

    def _drop_unless_kept(self, record: Body, stored: Body) -> None:
        """Whatever changed it on the way: it must not stay."""
        if _phase(stored) == _phase(record):
            return
        name = record["metadata"]["name"]
        try:
            self._client.delete(self._resource, self._namespace, name, stored["metadata"]["uid"])
        except NotFound:
            pass
        except ClusterError as error:
            raise _PhaseLost(
                f"Restore {name} was stored without its phase and could not be deleted ({error}): delete it by hand,"
                " before Velero runs it"
            ) from error
        raise _PhaseLost(f"Restore {name} was stored without its phase, and deleted at once: Velero would run it")

    def _drop_old(self, newest: str, keep: int) -> None:
        """All but the one that was just stored and those that come next to it."""
        others = [metadata for metadata in self._ours() if metadata["name"] != newest]
        for metadata in others[keep - 1 :]:
            try:
                self._client.delete(self._resource, self._namespace, metadata["name"], metadata["uid"])
            except NotFound:
                continue

    def _ours(self) -> list[Body]:
        """Metadata of our records, the newest first, whatever else the answer holds; those being deleted apart."""
        pages = self._client.pages(self._resource, self._namespace, _SELECTOR, METADATA_TYPE)
        found = [body["metadata"] for page in pages for body in page if _is_ours(body)]
        return sorted(found, key=_age, reverse=True)

    def _warn(self, what: str, error: ClusterError) -> None:
        rights = f"; {_RIGHTS}" if isinstance(error, Forbidden) and not error.by_admission else ""
        self.warnings = (*self.warnings, f"{what}: {error}{rights}; {_OFF}")


def _names(record: Body) -> Iterator[str]:
    name = record["metadata"]["name"]
    yield name
    yield from (f"{name}-{number}" for number in range(2, _TRIES + 1))


def _phase(body: Body) -> str:
    return as_text(nested(body, "status", "phase"))


def _is_ours(body: Body) -> bool:
    going = nested(body, "metadata", "deletionTimestamp")
    return not going and RECORD_LABELS.items() <= labels_of(body).items()


def _age(metadata: Body) -> tuple[str, str]:
    """By the server's clock, to the second; the names of one restore sort as its runs do."""
    return as_text(metadata.get("creationTimestamp")), metadata["name"]
