# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backups of a BackupStorageLocation, by Velero's own objects and its help: no credentials of the store are needed.

The metadata are the Backup object itself; content, volume information and resource list come by a DownloadRequest
each. Refused as SourceError: a location or backup that is not there, or is of another location.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

from .._cluster.client import Client
from .._errors import (
    AbsenceUnproven,
    BackupError,
    ClusterError,
    Forbidden,
    Invalid,
    NotFound,
    SourceError,
    SourceNotFound,
)
from .._values import Body, Resource
from .backup_object import SCHEDULE_LABEL, part_of
from .download import Tell, download, quietly
from .download_request import Velero
from .files import BackupFiles, SourceFile
from .index import BackupEntry, Listed, entry_of, moment
from .places import LocationPlace
from .signed import SignedFile
from .spool import check_space, spooled

BACKUPS = Resource("velero.io", "v1", "backups", "Backup", True)
LOCATIONS = Resource("velero.io", "v1", "backupstoragelocations", "BackupStorageLocation", True)
SECRETS = Resource("", "v1", "secrets", "Secret", True)

_BESIDE = {"volume_info": "BackupVolumeInfos", "resource_list": "BackupResourceList"}
"""From a field of BackupFiles to what Velero calls the file."""
_CONTENT = "BackupContents"


class LocationBackups:
    """The backups of one location."""

    def __init__(self, place: LocationPlace, client: Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self.where = place.where
        self._place = place
        self._client = client
        self._sleep = sleep
        self._velero = Velero(client, place, sleep)
        self._known: dict[str, BackupEntry] = {}
        self._by_plain_http = False

    @property
    def warnings(self) -> tuple[str, ...]:
        return (*self._velero.warnings, *self._unsafe_ways())

    def listed(self, schedule: str = "") -> Iterator[Listed]:
        """All of them, or those of the schedule; their metadata come along."""
        self._location()
        selector = f"{SCHEDULE_LABEL}={schedule}" if schedule else ""
        try:
            for page in self._client.pages(BACKUPS, self._place.namespace, selector):
                for body in filter(self._is_here, page):
                    yield self._note(body)
        except ClusterError as error:
            raise self._refused("list Backups", error) from error

    def one(self, name: str) -> Listed:
        """The Backup of that name."""
        self._location()
        return self._note(self._backup(name))

    def entry(self, listed: Listed) -> BackupEntry:
        """As it was listed."""
        return self._known[listed.name]

    @contextmanager
    def fetched(self, name: str, tmpdir: str, tell: Tell) -> Iterator[BackupFiles]:
        """All of its files that are of use; the small ones first, so that a content is not loaded in vain."""
        with ExitStack() as stack:
            ca_path = stack.enter_context(self._trusted(tmpdir))
            metadata = stack.enter_context(_kept(self._backup(name), tmpdir, self._named(name, "metadata")))
            beside = {
                field: stack.enter_context(self._beside(name, kind, tmpdir, ca_path)) for field, kind in _BESIDE.items()
            }
            content = stack.enter_context(self._fetched(name, _CONTENT, tmpdir, ca_path, tell))
            yield BackupFiles(name, content, metadata, warnings=self.warnings, **beside)

    @contextmanager
    def resource_list(self, name: str, tmpdir: str) -> Iterator[SourceFile | None]:
        """The list of what is in it, without its content; None where the store has none."""
        with ExitStack() as stack:
            ca_path = stack.enter_context(self._trusted(tmpdir))
            yield stack.enter_context(self._beside(name, _BESIDE["resource_list"], tmpdir, ca_path))

    @contextmanager
    def _beside(self, name: str, kind: str, tmpdir: str, ca_path: str) -> Iterator[SourceFile | None]:
        """None for what the store does not have, or what this Velero does not know yet."""
        with ExitStack() as stack:
            try:
                found = stack.enter_context(self._fetched(name, kind, tmpdir, ca_path, quietly))
            except (SourceNotFound, Invalid):
                found = None
            yield found

    @contextmanager
    def _fetched(self, name: str, kind: str, tmpdir: str, ca_path: str, tell: Tell) -> Iterator[SourceFile]:
        remote = SignedFile(lambda: self._signed_url(name, kind), self._named(name, kind), ca_path)
        with spooled(tmpdir) as (file, path):
            download(remote, file, check=partial(check_space, tmpdir, where=remote.where), tell=tell, sleep=self._sleep)
            self._by_plain_http = self._by_plain_http or remote.is_plain
            yield SourceFile(path, remote.where)

    def _signed_url(self, name: str, kind: str) -> str:
        try:
            return self._velero.signed_url(name, kind)
        except Invalid:
            raise
        except ClusterError as error:
            raise self._refused("create, get and delete DownloadRequests", error) from error

    def _named(self, name: str, kind: str) -> str:
        return f"{self.where}: backup {name}, {kind}"

    def _unsafe_ways(self) -> Iterator[str]:
        if self._place.connection and not self._client.verifies_tls:
            yield f"{self.where}: the TLS certificate of the cluster where Velero runs is not verified"
        if self._by_plain_http:
            yield f"{self.where}: Velero's store is read by plain HTTP: whoever is between can change a backup"

    # Velero's objects

    def _backup(self, name: str) -> Body:
        try:
            body = self._client.get(BACKUPS, self._place.namespace, name)
        except NotFound as error:
            raise SourceError(
                f"{self.where}: has no backup {name}; velero_backup_info lists those that it has"
            ) from error
        except ClusterError as error:
            raise self._refused("get Backups", error) from error
        if not self._is_here(body):
            raise SourceError(f"{self.where}: backup {name} is in another location")
        return body

    def _is_here(self, body: Body) -> bool:
        return _at(body, "spec").get("storageLocation") == self._place.name

    def _note(self, body: Body) -> Listed:
        """One that is being deleted has the phase Deleting, whatever it says itself."""
        metadata = _at(body, "metadata")
        name = str(metadata.get("name") or "")
        listed = Listed(name, 0.0)
        try:
            if metadata.get("deletionTimestamp"):
                body = {**body, "status": {**part_of(body, "status", name), "phase": "Deleting"}}
            entry = entry_of(body, listed, f"{self.where}: backup {name}")
        except BackupError as error:
            entry = BackupEntry(name, problem=str(error))
        self._known[name] = entry
        return listed._replace(modified=moment(entry.started) if entry.started else 0.0)

    def _location(self) -> Body:
        namespace, name = self._place.namespace, self._place.name
        try:
            return self._client.get(LOCATIONS, namespace, name)
        except NotFound as error:
            raise SourceError(f"{self.where} is not there") from error
        except AbsenceUnproven as error:
            raise SourceError(
                f"{self.where} is of a type that the cluster does not know: does Velero run there?"
            ) from error
        except ClusterError as error:
            raise self._refused("get BackupStorageLocations", error) from error

    def _refused(self, rights: str, error: ClusterError) -> SourceError:
        hint = f"; it takes the right to {rights}, see docs/rights.md" if isinstance(error, Forbidden) else ""
        return SourceError(f"{self.where}: {error}{hint}")

    # the store's authority

    @contextmanager
    def _trusted(self, tmpdir: str) -> Iterator[str]:
        """The path of the authorities to verify the store by; empty for the system's own."""
        certificate = self._certificate(_at(_at(self._location(), "spec"), "objectStorage"))
        if not certificate:
            yield ""
            return
        with spooled(tmpdir) as (file, path):
            file.write(certificate + b"\n" + _system_authorities())
            file.flush()
            yield path

    def _certificate(self, storage: Body) -> bytes:
        """As `caCert` or the Secret of `caCertRef` has it."""
        encoded, reference = storage.get("caCert"), storage.get("caCertRef")
        if not encoded and isinstance(reference, dict):
            encoded = self._secret(str(reference.get("name") or "")).get(str(reference.get("key") or ""))
        try:
            return base64.b64decode(str(encoded or ""), validate=True)
        except (binascii.Error, ValueError):
            raise SourceError(f"{self.where}: its caCert is damaged") from None

    def _secret(self, name: str) -> Body:
        try:
            return _at(self._client.get(SECRETS, self._place.namespace, name), "data")
        except ClusterError as error:
            raise self._refused(f"get Secret {name}, which its caCertRef names", error) from error


@contextmanager
def _kept(body: Body, tmpdir: str, where: str) -> Iterator[SourceFile]:
    with spooled(tmpdir) as (file, path):
        file.write(json.dumps(body).encode())
        file.flush()
        yield SourceFile(path, where)


def _at(body: Body, field: str) -> dict[str, Any]:
    value = body.get(field)
    return value if isinstance(value, dict) else {}


def _system_authorities() -> bytes:
    path = ssl.get_default_verify_paths().cafile
    if not path:
        return b""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
