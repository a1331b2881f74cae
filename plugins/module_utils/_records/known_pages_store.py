# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Secret with the pages that a run knows again: a memory, without which everything is compared."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Conflict, NotFound, Unauthorized, Unreachable
from .._inventory.known_pages import HOLDS, NOTHING_KNOWN, KnownPages, known_in, known_secret, name_of
from .._inventory.secret import selector_of
from .._keyed_digest import Keys
from .._kinds import SECRET
from .._values import Body

KEPT = 7 * 24 * 3600
"""Seconds since a run last compared everything, after which nobody is taken to use its selection any more."""


class KnownPagesStore:
    """For one run, which holds the lock."""

    def __init__(self, client: Client, namespace: str, selection: str, keys: Keys) -> None:
        self._client = client
        self._name = name_of(selection)
        self._namespace = namespace
        self._keys = keys
        self._there: Body | None = None

    def load(self) -> KnownPages:
        """Nothing where there is none, and where it cannot be read."""
        try:
            self._there = self._client.get(SECRET, self._namespace, self._name)
        except (Unreachable, Unauthorized):
            raise
        except ClusterError:
            return NOTHING_KNOWN
        return known_in(self._there, self._keys, self._namespace)

    def save(self, known: KnownPages) -> None:
        """Writes what differs from what was read; a ClusterError when it may not be written."""
        secret = known_secret(self._name, known, self._keys, self._namespace)
        if self._there is not None and self._there.get("data") == secret["data"]:
            return
        if self._there is None:
            self._create(secret)
            return
        patch = {"metadata": {"resourceVersion": self._there["metadata"]["resourceVersion"]}, "data": secret["data"]}
        try:
            self._client.patch(SECRET, self._namespace, self._name, patch)
        except NotFound:
            self._create(secret)

    def forget_others(self, now: float) -> None:
        """Removes what was kept for selections that no job has had for a week; a ClusterError when it may not be."""
        for secret in list(self._others(now)):
            metadata = secret["metadata"]
            uid, version = metadata["uid"], metadata["resourceVersion"]
            with suppress(NotFound, Conflict):  # a run with that selection came in between
                self._client.delete(SECRET, self._namespace, metadata["name"], uid, version)

    def _others(self, now: float) -> Iterator[Body]:
        """Those that can be read: of what is not signed with one of our keys nobody knows how old it is."""
        for page in self._client.pages(SECRET, self._namespace, selector_of(HOLDS)):
            for secret in page:
                full = known_in(secret, self._keys, self._namespace).full
                if full and now - full > KEPT and secret["metadata"]["name"] != self._name:
                    yield secret

    def _create(self, secret: Body) -> None:
        """One that is there after all was made by a first attempt whose answer got lost, or cannot be read."""
        try:
            self._client.create(SECRET, self._namespace, secret)
        except AlreadyExists:
            return
