# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One DownloadRequest on the cluster where Velero runs: created, answered by Velero with a signed URL, and removed.

Velero 1.18, pkg/controller/download_request_controller.go. It is the one thing that reading a backup writes anywhere.
The URL stays good for ten minutes without the request; a request that could not be removed is removed by Velero then.
"""

from __future__ import annotations

import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, NotFound, SourceError
from .._values import Body, Resource
from .places import LocationPlace

DOWNLOAD_REQUESTS = Resource("velero.io", "v1", "downloadrequests", "DownloadRequest", True)
FIRST_LOOK = 0.1
LONGEST_LOOK = 2.0
_LONGEST_NAME = 200


class Velero:
    """Whoever answers DownloadRequests in one namespace."""

    def __init__(self, client: Client, place: LocationPlace, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._place = place
        self._sleep = sleep
        self.warnings: list[str] = []

    def signed_url(self, backup: str, kind: str) -> str:
        """Of one file of a backup; a SourceError that names the time when nobody answers.

        Raises a ClusterError when the request cannot be made: Invalid for a kind that this Velero does not know.
        """
        name = f"{backup[:_LONGEST_NAME].rstrip('-.')}-{uuid.uuid4()}"
        with _until_removed(), self._requested(name, backup, kind):
            return self._answer(name)

    @contextmanager
    def _requested(self, name: str, backup: str, kind: str) -> Iterator[None]:
        body: Body = {
            "apiVersion": "velero.io/v1",
            "kind": DOWNLOAD_REQUESTS.kind,
            "metadata": {"name": name, "namespace": self._place.namespace},
            "spec": {"target": {"kind": kind, "name": backup}},
        }
        with suppress(AlreadyExists):  # nobody else makes that name: an answer was lost
            self._client.create(DOWNLOAD_REQUESTS, self._place.namespace, body)
        try:
            yield
        finally:
            self._remove(name)

    def _answer(self, name: str) -> str:
        pause, waited = FIRST_LOOK, 0.0
        while waited < self._place.timeout:
            self._sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, LONGEST_LOOK)
            url = _url_in(self._read(name))
            if url:
                return url
        raise SourceError(
            f"{self._place.where}: Velero has not answered DownloadRequest {self._place.namespace}/{name} within"
            f" {self._place.timeout} s; is Velero running there, and is the location available to it? timeout of"
            " backup_location lets it have longer"
        )

    def _read(self, name: str) -> Body:
        try:
            return self._client.get(DOWNLOAD_REQUESTS, self._place.namespace, name)
        except NotFound as error:
            raise SourceError(
                f"{self._place.where}: somebody removed DownloadRequest {self._place.namespace}/{name} before it was"
                " answered; run again"
            ) from error

    def _remove(self, name: str) -> None:
        namespace = self._place.namespace
        try:
            uid = str((self._client.get(DOWNLOAD_REQUESTS, namespace, name).get("metadata") or {}).get("uid") or "")
            self._client.delete(DOWNLOAD_REQUESTS, namespace, name, uid)
        except NotFound:
            return
        except ClusterError as error:
            self.warnings.append(
                f"DownloadRequest {namespace}/{name} could not be removed ({error}); Velero does so in some minutes"
            )


def _url_in(request: Body) -> str:
    status = request.get("status")
    url = status.get("downloadURL") if isinstance(status, dict) else None
    return url if isinstance(url, str) else ""


@contextmanager
def _until_removed() -> Iterator[None]:
    """SIGTERM ends the run through what removes the request, not past it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(number: int, _frame: Any) -> None:
    raise SystemExit(128 + number)
