# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory, read from the target and written to it: whole before and after, whatever ends a run in between."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from .._cluster.client import Client
from .._errors import (
    AbsenceUnproven,
    AlreadyExists,
    ClusterError,
    Conflict,
    Forbidden,
    MalformedAnswer,
    NotFound,
    StateError,
    Unreachable,
)
from .._inventory.codec import DamagedState, Encoded, decode_head, encode, inventory_of, is_signed_now, writes
from .._inventory.entries import Inventory
from .._inventory.head import HEAD, Head
from .._inventory.merge import with_keys
from .._inventory.packed import SELECTOR
from .._inventory.seal import UNSIGNED, Seal, signature_of
from .._kinds import SECRET
from .._values import Body, ObjectKey
from .counter import NAME, Counter

_RIGHTS = "a run needs get, list, create, patch and delete on secrets there; docs/rights.md has a Role"
_MOST_LEFT = 32
"""Secrets that no head names and that are kept whole: what a run that was killed had written is not written again."""


class InventoryStore:
    """The Secrets of the inventory, as this run last saw or wrote them."""

    def __init__(
        self, client: Client, namespace: str, seal: Seal = UNSIGNED, adopt: bool = False, rebuild: bool = False
    ) -> None:
        self.forgotten: tuple[ObjectKey, ...] = ()
        """Objects that the inventory has no room for; they are never pruned."""
        self.adopted = False
        """Whether it was not signed, and is to be by the user's word."""
        self._inventory: Inventory = ()
        self._client = client
        self._namespace = namespace
        self._seal = seal
        self._adopt = adopt
        self._rebuild = rebuild
        self._number = Counter(client, namespace)
        self._head: Body | None = None
        self._shards: dict[str, Body] = {}
        self._counter = 0
        self._due = False
        """Whether it is to be written for its signature alone."""

    @property
    def warnings(self) -> tuple[str, ...]:
        said = [self._number.problem] if self._number.problem else []
        if self.forgotten:
            said.append(
                f"{len(self.forgotten)} objects cannot be kept in the inventory of the target: they are never pruned"
            )
        return tuple(said)

    @property
    def exists(self) -> bool:
        """Whether the target has an inventory, be it an empty one."""
        return self._head is not None

    def load(self, keys: Iterable[ObjectKey] = ()) -> Inventory:
        """Reads the inventory, its keys those of `keys` where they are equal.

        A StateError when it is damaged or not proven, a ClusterError when it may not be read.
        That there is none, so that the guards have nothing to hold a backup against, only the API server may say.
        """
        known = self._number.read() if self._seal else 0
        try:
            self._head = self._client.get(SECRET, self._namespace, HEAD)
        except NotFound:
            self._refuse_lost(known)
            return ()
        except (AbsenceUnproven, Forbidden) as error:
            rights = f"; {_RIGHTS}" if isinstance(error, Forbidden) else ""
            raise type(error)(f"the state in namespace {self._namespace} cannot be read: {error}{rights}") from error
        try:
            self._inventory = with_keys(self._decoded(known), keys)
        except DamagedState as error:
            raise StateError(f"{error}. {self._way_out}") from error
        return self._inventory

    def _decoded(self, known: int) -> Inventory:
        head = decode_head(self._head, self._seal, self._adopt and not known)
        if head is None:
            return ()
        self._refuse_older(head, known)
        self._counter = max(head.counter, known)
        self._due = not is_signed_now(self._head, self._seal)
        self.adopted = bool(self._seal) and signature_of(self._head or {}) is None
        for page in self._client.pages(SECRET, self._namespace, SELECTOR):
            for secret in page:
                self._keep(secret, head)
        self._shards.pop(HEAD, None)
        return inventory_of(head, self._shards)

    def _keep(self, secret: Body, head: Head) -> None:
        """Of many that no head names, whoever planted them, only name, UID and version are kept."""
        name = secret["metadata"]["name"]
        whole = name in head.shards or len(self._shards) < len(head.shards) + _MOST_LEFT
        self._shards[name] = secret if whole else {"metadata": secret["metadata"]}

    def _refuse_lost(self, known: int) -> None:
        """What was written must be there: without it no guard has anything to hold a backup against."""
        self._counter = known
        if known and not self._rebuild:
            raise StateError(
                f"Secret {HEAD} in namespace {self._namespace} is missing, and Lease {self._namespace}/{NAME} says that"
                f" a signed inventory was written there {known} times: somebody has deleted it. state_rebuild makes one"
                f" anew from labels on the target; to start without one: {self._clearing}"
            )

    def _refuse_older(self, head: Head, known: int) -> None:
        if head.counter < known:
            raise StateError(
                f"Secret {HEAD} in namespace {self._namespace} is an older inventory, number {head.counter}, than the"
                f" last that was signed, number {known} by Lease {self._namespace}/{NAME}: somebody has put it"
                f" back. Put the last one in its place, or start anew with: {self._clearing}"
            )

    def save(self, inventory: Inventory) -> None:
        """Writes what differs: shards first, then the head that names them, and drops what no head names any more."""
        if inventory == self._inventory and self._head is not None and not self._due:
            return
        encoded = encode(inventory)
        self.forgotten = encoded.forgotten
        due = writes(encoded, self._head, self._shards, self._seal, self._counter)
        try:
            for name in due.shards:
                self._shards[name] = self._put(encoded.secret(name, self._namespace), self._shards.get(name))
            if due.head:
                self._put_head(encoded)
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

    def _put_head(self, encoded: Encoded) -> None:
        counter = self._counter + 1
        self._head = self._put(encoded.secret(HEAD, self._namespace, self._seal, counter), self._head)
        self._counter, self._due = counter, False
        if self._seal:
            self._number.write(counter)

    def _put(self, secret: Body, there: Body | None) -> Body:
        """Creates a Secret, or replaces the data of the one that was read and of no other."""
        name = secret["metadata"]["name"]
        try:
            if there is None:
                return self._believed(self._client.create(SECRET, self._namespace, secret), secret, None)
            patch = {"metadata": {"resourceVersion": there["metadata"]["resourceVersion"]}, "data": secret["data"]}
            return self._believed(self._client.patch(SECRET, self._namespace, name, patch), secret, there)
        except (AlreadyExists, Conflict) as error:
            stored = self._client.get(SECRET, self._namespace, name)
            if stored.get("data") == secret["data"] and stored.get("type") == secret["type"]:
                return stored  # the answer to a first attempt got lost
            told = f"Secret {self._namespace}/{name} was written by somebody else: {error}"
            raise type(error)(told, status=error.status) from error

    def _believed(self, answer: Body, sent: Body, there: Body | None) -> Body:
        """The answer to a write, when that very Secret holds what was sent: no head may name a missing shard."""
        same = there is None or answer["metadata"]["uid"] == there["metadata"]["uid"]
        if not same or answer.get("data") != sent["data"]:
            name = sent["metadata"]["name"]
            raise MalformedAnswer(f"Secret {self._namespace}/{name} did not come out as it was sent")
        return answer

    def _drop(self, name: str) -> None:
        """Whoever says that it is not there: one that is left all the same is nobody's, and the next run drops it."""
        with suppress(AbsenceUnproven, NotFound):
            self._client.delete(SECRET, self._namespace, name, self._shards[name]["metadata"]["uid"])
        del self._shards[name]

    @property
    def _clearing(self) -> str:
        return f"kubectl --namespace {self._namespace} delete secrets,leases --selector {SELECTOR}"

    @property
    def _way_out(self) -> str:
        return (
            f"It is part of the inventory of namespace {self._namespace}. To start anew: {self._clearing}. Then nothing"
            " is known any more of what was restored from which backup: it is not pruned, and allow_older,"
            " allow_other_source and allow_shrunk have nothing to compare the next backup with. state_rebuild makes an"
            " inventory anew from labels on the target"
        )
