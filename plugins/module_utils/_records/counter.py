# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a signed inventory was written, kept where whoever may only write Secrets cannot reach it: in a Lease.

A signature proves that a run wrote an inventory, not that it is the last one: an older one, put back, is signed too. So
each has a number, and the Lease remembers the highest. It is written after the inventory: a run that is killed in
between leaves a Lease that is behind, never one that is ahead. Who may write Leases there can set it back.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Conflict, Forbidden, NotFound, StateError
from .._inventory.secret import HOLDS
from .._kinds import LEASE
from .._unstructured import annotations_of
from .._values import MANAGED_BY, Body

NAME = "state"
ANNOTATION = "standby.velero/written"
_MOST_DIGITS = 15


class Counter:
    """The number of the newest signed inventory that is known."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.value = 0
        """0 when there is no Lease: nothing was ever signed there, as far as can be known."""
        self.problem = ""
        """Why it could not be read or written; for a warning."""
        self._client = client
        self._namespace = namespace
        self._there = False

    def read(self) -> int:
        """A StateError for a Lease that says what no run wrote; where it may not be read, that is told."""
        try:
            lease = self._client.get(LEASE, self._namespace, NAME)
        except NotFound:
            return 0
        except Forbidden as error:
            self.problem = (
                f"whether the inventory in namespace {self._namespace} is the last one that was signed cannot be known:"
                f" Lease {NAME} cannot be read: {error}"
            )
            return 0
        self._there = True
        self.value = self._number(annotations_of(lease).get(ANNOTATION))
        return self.value

    def write(self, value: int) -> None:
        """After the inventory with this number was written; a failure is told and does no harm but that."""
        if value <= self.value:
            return
        metadata: Body = {"annotations": {ANNOTATION: str(value)}}
        try:
            self._put(metadata)
        except ClusterError as error:
            self.problem = (
                f"Lease {self._namespace}/{NAME}, which tells the last signed inventory, was not written: {error}"
            )
            return
        self.value = value

    def _put(self, metadata: Body) -> None:
        if self._there:
            with suppress(NotFound):
                self._client.patch(LEASE, self._namespace, NAME, {"metadata": metadata})
                return
        labels = {**MANAGED_BY, HOLDS: NAME}
        about = {"name": NAME, "namespace": self._namespace, "labels": labels, **metadata}
        body = {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": about, "spec": {}}
        try:
            self._client.create(LEASE, self._namespace, body)
        except (AlreadyExists, Conflict):
            self._client.patch(LEASE, self._namespace, NAME, {"metadata": metadata})
        self._there = True

    def _number(self, text: Any) -> int:
        if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
            return int(text)
        raise StateError(
            f"Lease {self._namespace}/{NAME} does not say in its annotation {ANNOTATION} how often a signed inventory"
            f" was written. Clear it with: kubectl --namespace {self._namespace} delete lease {NAME}; then nothing"
            " tells any more whether the inventory is the last one that was signed"
        )
