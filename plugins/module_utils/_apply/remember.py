# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the target owes, read from it and written to it: a whole state before and after, whatever ends a run between."""

from __future__ import annotations

from contextlib import suppress

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Conflict, Forbidden, NotFound, Unreachable
from .._state.codec import HEAD, Encoded, decode, encode, writes
from .._state.packed import SELECTOR
from .._values import Body, ObjectKey, State
from .keeping import SECRETS

_RIGHTS = "a run needs get, list, create, patch and delete on secrets there; docs/rights.md has a Role"


class Memory:
    """The Secrets of the state, as this run last saw or wrote them."""

    def __init__(self, client: Client, namespace: str) -> None:
        self.state: State = ()
        self.forgotten: tuple[ObjectKey, ...] = ()
        """Objects that the state has no room for; they are never pruned."""
        self._client = client
        self._namespace = namespace
        self._head: Body | None = None
        self._shards: dict[str, Body] = {}

    def recall(self) -> None:
        """Reads the state. A StateError when it is damaged, a ClusterError when it may not be read."""
        try:
            self._head = self._client.get(SECRETS, self._namespace, HEAD)
        except NotFound:
            return
        except Forbidden as error:
            raise Forbidden(f"the state in namespace {self._namespace} cannot be read: {error}; {_RIGHTS}") from error
        for page in self._client.pages(SECRETS, self._namespace, SELECTOR):
            self._shards.update((secret["metadata"]["name"], secret) for secret in page)
        self._shards.pop(HEAD, None)
        self.state = decode(self._head, self._shards)

    def remember(self, state: State) -> None:
        """Writes what differs: shards first, then the head that names them, and drops what no head names any more."""
        if state == self.state and self._head is not None:
            return
        encoded = encode(state)
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
        self.state = state

    def _put(self, encoded: Encoded, name: str, there: Body | None) -> Body:
        """Creates a Secret, or replaces the data of the one that was read and of no other."""
        secret = encoded.secret(name, self._namespace)
        try:
            if there is None:
                return self._client.create(SECRETS, self._namespace, secret)
            patch = {"metadata": {"resourceVersion": there["metadata"]["resourceVersion"]}, "data": secret["data"]}
            return self._client.patch(SECRETS, self._namespace, name, patch)
        except (AlreadyExists, Conflict):
            stored = self._client.get(SECRETS, self._namespace, name)
            if stored.get("data") == secret["data"]:  # the answer to a first attempt got lost
                return stored
            raise

    def _drop(self, name: str) -> None:
        with suppress(NotFound):
            self._client.delete(SECRETS, self._namespace, name, self._shards[name]["metadata"]["uid"])
        del self._shards[name]
