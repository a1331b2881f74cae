# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory, read from the target and written to it: whole before and after, whatever ends a run in between."""

from __future__ import annotations

from contextlib import suppress

from .._cluster.client import Client
from .._errors import AbsenceUnproven, AlreadyExists, ClusterError, Conflict, Forbidden, NotFound, Unreachable
from .._inventory.codec import HEAD, Encoded, decode, encode, writes
from .._inventory.entries import Inventory
from .._inventory.packed import SELECTOR
from .._kinds import SECRET
from .._values import Body, ObjectKey

_RIGHTS = "a run needs get, list, create, patch and delete on secrets there; docs/rights.md has a Role"


class InventoryStore:
    """The Secrets of the inventory, as this run last saw or wrote them."""

    def __init__(self, client: Client, namespace: str) -> None:
        self._inventory: Inventory = ()
        self.forgotten: tuple[ObjectKey, ...] = ()
        """Objects that the inventory has no room for; they are never pruned."""
        self._client = client
        self._namespace = namespace
        self._head: Body | None = None
        self._shards: dict[str, Body] = {}

    @property
    def warnings(self) -> tuple[str, ...]:
        if not self.forgotten:
            return ()
        return (f"{len(self.forgotten)} objects cannot be kept in the inventory of the target: they are never pruned",)

    def load(self) -> Inventory:
        """Reads the inventory. A StateError when it is damaged, a ClusterError when it may not be read.

        That there is none, so that the guards have nothing to hold a backup against, only the API server may say.
        """
        try:
            self._head = self._client.get(SECRET, self._namespace, HEAD)
        except NotFound:
            return ()
        except (AbsenceUnproven, Forbidden) as error:
            rights = f"; {_RIGHTS}" if isinstance(error, Forbidden) else ""
            raise type(error)(f"the state in namespace {self._namespace} cannot be read: {error}{rights}") from error
        for page in self._client.pages(SECRET, self._namespace, SELECTOR):
            self._shards.update((secret["metadata"]["name"], secret) for secret in page)
        self._shards.pop(HEAD, None)
        self._inventory = decode(self._head, self._shards)
        return self._inventory

    def save(self, inventory: Inventory) -> None:
        """Writes what differs: shards first, then the head that names them, and drops what no head names any more."""
        if inventory == self._inventory and self._head is not None:
            return
        encoded = encode(inventory)
        self.forgotten = encoded.forgotten
        due = writes(encoded, self._head, self._shards)
        try:
            for name in due.shards:
                self._shards[name] = self._put(encoded, name, self._shards.get(name))
            if due.head:
                self._head = self._put(encoded, HEAD, self._head)
            for name in due.obsolete:
                self._drop(name)
        except Unreachable:
            raise
        except ClusterError as error:
            rights = f"; {_RIGHTS}" if isinstance(error, Forbidden) else ""
            raise ClusterError(
                f"the state in namespace {self._namespace} cannot be written: {error}{rights}", status=error.status
            ) from error
        self._inventory = inventory

    def _put(self, encoded: Encoded, name: str, there: Body | None) -> Body:
        """Creates a Secret, or replaces the data of the one that was read and of no other."""
        secret = encoded.secret(name, self._namespace)
        try:
            if there is None:
                return self._client.create(SECRET, self._namespace, secret)
            patch = {"metadata": {"resourceVersion": there["metadata"]["resourceVersion"]}, "data": secret["data"]}
            return self._client.patch(SECRET, self._namespace, name, patch)
        except (AlreadyExists, Conflict):
            stored = self._client.get(SECRET, self._namespace, name)
            if stored.get("data") == secret["data"]:  # the answer to a first attempt got lost
                return stored
            raise

    def _drop(self, name: str) -> None:
        """Whoever says that it is not there: one that is left all the same is nobody's, and the next run drops it."""
        with suppress(AbsenceUnproven, NotFound):
            self._client.delete(SECRET, self._namespace, name, self._shards[name]["metadata"]["uid"])
        del self._shards[name]
