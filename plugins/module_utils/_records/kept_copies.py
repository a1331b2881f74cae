# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of APIServices that a sleeping standby does not have, kept on the target until an activation creates them."""

from __future__ import annotations

from contextlib import suppress

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, NotFound, StateError
from .._inventory.kept_copy import SELECTOR, KeptCopy, kept_copy, secret_of
from .._inventory.seal import UNSIGNED, Seal
from .._kinds import SECRET
from .._text import shown
from .._unstructured import as_text, nested
from .._values import Body, ObjectKey


class KeptCopies:
    """The copies on one target. A dry run reads them and writes none."""

    def __init__(self, client: Client, namespace: str, dry_run: bool = False, seal: Seal = UNSIGNED) -> None:
        self.known: dict[ObjectKey, KeptCopy] = {}
        """What an activation may create, once it is read."""
        self.refused: dict[str, str] = {}
        """Secrets that say that they are copies, and why nothing is created from them."""
        self._client = client
        self._namespace = namespace
        self._dry_run = dry_run
        self._seal = seal

    def read(self) -> None:
        """A ClusterError where the Secrets may not be read: nobody knows then what an activation would lack."""
        for page in self._client.pages(SECRET, self._namespace, SELECTOR):
            for secret in page:
                self._take(secret)

    def _take(self, secret: Body) -> None:
        try:
            copy = kept_copy(secret, self._seal)
        except StateError as error:
            self.refused[as_text(nested(secret, "metadata", "name"))] = str(error)
        else:
            self.known[copy.key] = copy

    @property
    def told(self) -> tuple[str, ...]:
        """A sentence for each Secret that is passed over; one that the backup has is written anew instead."""
        return tuple(
            f"{self.place(name)} says that it is the copy of an APIService, but it {why}: nothing is created from it"
            for name, why in sorted(self.refused.items())
        )

    def place(self, name: str) -> str:
        """Where a person finds it."""
        return f"Secret {self._namespace}/{shown(name)}"

    def save(self, body: Body) -> str:
        """Keeps the body, and says under which UID; a ClusterError or StateError when that cannot be."""
        secret = secret_of(body, self._namespace, self._seal)
        if self._dry_run:
            return ""
        stored = self._put(secret)
        copy = kept_copy(stored, self._seal)
        self.known[copy.key] = copy
        self.refused.pop(copy.secret, None)
        return copy.uid

    def _put(self, secret: Body) -> Body:
        name = secret["metadata"]["name"]
        try:
            return self._client.create(SECRET, self._namespace, secret)
        except AlreadyExists:
            there = self._client.get(SECRET, self._namespace, name)
        if there.get("type") != secret["type"]:
            raise ClusterError(f"{self.place(name)} is somebody else's")
        patch = {"metadata": {"resourceVersion": there["metadata"]["resourceVersion"]}, "data": secret["data"]}
        return self._client.patch(SECRET, self._namespace, name, patch)

    def drop(self, key: ObjectKey) -> None:
        """Removes the copy of an object; nothing where there is none."""
        copy = self.known.get(key)
        if copy is None or self._dry_run:
            return
        with suppress(NotFound):
            self._client.delete(SECRET, self._namespace, copy.secret, copy.uid)
        self.known.pop(key)
