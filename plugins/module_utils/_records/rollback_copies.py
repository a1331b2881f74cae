# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies of objects under recreation, kept on the target: whatever ends a run, none is lost with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Forbidden, NotFound, StateError
from .._inventory.entries import Inventory
from .._inventory.rollback_copy import (
    SELECTOR,
    RollbackCopy,
    body_for,
    is_proven,
    refused_mark,
    rollback_copy,
    secret_of,
    signature,
)
from .._inventory.seal import FIELD, UNSIGNED, Seal, signature_of
from .._kinds import SECRET
from .._values import Body, Done, ObjectKey, ObjectRef, Resource
from .._vocabulary import NOT_IN_SYNC, Outcome

_STANDS = frozenset((Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED, Outcome.RECREATED))

_TOLD = 10
"""Secrets that are named when they are not what they should be; the others are counted."""


class RollbackCopies:
    """The copies on one target. A dry run reads them and writes none."""

    def __init__(
        self,
        client: Client,
        namespace: str,
        dry_run: bool = False,
        seal: Seal = UNSIGNED,
        adopt: Callable[[], bool] = lambda: False,
    ) -> None:
        """`adopt` says whether the inventory was not signed and is to be: then so are the copies."""
        self.earlier: dict[ObjectKey, RollbackCopy] = {}
        """What earlier runs have left, once it is read."""
        self.warnings: tuple[str, ...] = ()
        """Of Secrets that say that they are copies, and are none."""
        self._seal = seal
        self._adopt = adopt
        self._uids: dict[ObjectKey, frozenset[str]] = {}
        """Of the objects that the inventory has, as far as there are copies of them."""
        self._client = client
        self._namespace = namespace
        self._dry_run = dry_run

    @property
    def signed(self) -> bool:
        """Whether what is read has been proven to be written by a run."""
        return bool(self._seal)

    def read(self, inventory: Inventory = ()) -> None:
        """Finds what earlier runs have left; nothing where the Secrets may not be read, which a run that saves must."""
        strange: list[tuple[str, str]] = []
        try:
            for page in self._client.pages(SECRET, self._namespace, SELECTOR):
                strange.extend((secret["metadata"]["name"], why) for secret in page if (why := self._take(secret)))
        except Forbidden:
            return
        self.warnings = tuple(self._passed_over(strange))
        self._uids = {key: _uids_of(key, inventory) for key in self.earlier}

    def _take(self, secret: Body) -> str:
        """Why it is passed over; nothing when it is known from now on."""
        copy = rollback_copy(secret)
        if copy is None:
            return "holds no body that a run kept: it is passed over; delete it"
        if not self._proven(secret):
            how = "is not signed" if signature_of(secret) is None else "is not signed with any state_key that is given"
            return f"{how}: it is passed over; see whose body it is, then delete it"
        self.earlier[copy.key] = copy
        return ""

    def _proven(self, secret: Body) -> bool:
        """One that is to be adopted, or was signed with an older key, is signed now."""
        adopted = signature_of(secret) is None and self._adopt()
        if not adopted and not is_proven(secret, self._seal):
            return False
        wanted = signature(secret, self._seal)
        if wanted and not self._dry_run and secret["data"].get(FIELD) != wanted[FIELD]:
            metadata = secret["metadata"]
            version = {"resourceVersion": metadata["resourceVersion"]}
            self._client.patch(SECRET, self._namespace, metadata["name"], {"metadata": version, "data": wanted})
        return True

    def _passed_over(self, strange: list[tuple[str, str]]) -> Iterator[str]:
        for name, why in strange[:_TOLD]:
            yield f"Secret {self._namespace}/{name} is labelled {SELECTOR}, but {why}"
        if strange[_TOLD:]:
            yield f"{len(strange) - _TOLD} more Secrets of namespace {self._namespace} with this label are passed over"

    def is_outdated(self, copy: RollbackCopy) -> bool:
        """Whether the object that a restore proved last is another one than the copy was made of."""
        known = self._uids.get(copy.key, frozenset())
        return bool(known) and copy.uid not in known

    def place(self, copy: RollbackCopy) -> str:
        """Where a person finds it: `Secret standby-velero/body-job-…`."""
        return f"Secret {self._namespace}/{copy.secret}"

    def save(self, ref: ObjectRef, resource: Resource, live: Body, labels: Mapping[str, str]) -> RollbackCopy:
        """Stores the live body; a ClusterError or StateError when that cannot be, and then nothing is to be deleted."""
        secret = secret_of(ref, live, resource.api_version, dict(labels), self._namespace, self._seal)
        try:
            stored = self._client.create(SECRET, self._namespace, secret)
        except AlreadyExists as error:
            stored = self._client.get(SECRET, self._namespace, secret["metadata"]["name"])
            if not error.repeated or stored.get("data") != secret["data"]:
                raise
        copy = rollback_copy(stored)
        if copy is None or stored.get("data") != secret["data"]:
            raise ClusterError(f"Secret {self._namespace}/{secret['metadata']['name']} did not come out as it was sent")
        return copy

    def load(self, copy: RollbackCopy) -> Body:
        """The object as it may be created again; a StateError when it is damaged, not proven, or another object's."""
        secret = self._client.get(SECRET, self._namespace, copy.secret)
        if not is_proven(secret, self._seal) and not (self._dry_run and self._adopt()):
            raise StateError("the body that is kept is not signed any more: somebody has changed it")
        return body_for(copy.key, secret)

    def drop(self, copy: RollbackCopy) -> str:
        """Removes a copy that is needed no more; why that failed, or nothing. The next run tries again."""
        try:
            self._client.delete(SECRET, self._namespace, copy.secret, copy.secret_uid)
        except NotFound:
            return ""
        except ClusterError as error:
            return f"{self.place(copy)} with its old body could not be removed: {error}"
        return ""

    def mark_refused(self, copy: RollbackCopy, digest: str) -> str:
        """Notes which new body the target refused, so that no later run deletes the object for it again; or why not."""
        patch = {"metadata": {"uid": copy.secret_uid}, **refused_mark(digest)}
        try:
            self._client.patch(SECRET, self._namespace, copy.secret, patch, uid=copy.secret_uid)
        except ClusterError as error:
            return f"{self.place(copy)} could not be marked, so that the next run tries again: {error}"
        return ""

    def forget(self, copy: RollbackCopy) -> str:
        """Removes what an earlier run has left of an object that stands; why that failed, or nothing."""
        problem = self.drop(copy)
        if not problem:
            self.earlier.pop(copy.key, None)
        return problem

    def drop_untouched(self, served: Iterable[Resource]) -> None:
        """Drops copies of objects that stand just as they did: the run that saved them ended before the deletion."""
        if not self.earlier or self._dry_run:
            return
        types = {(one.group, one.kind): one for one in served}
        for key, copy in list(self.earlier.items()):
            if self._stands(types.get(key[:2]), copy) and not self.drop(copy):
                del self.earlier[key]

    def _stands(self, resource: Resource | None, copy: RollbackCopy) -> bool:
        if resource is None:
            return False
        try:
            metadata = self._client.get(resource, copy.key.namespace, copy.key.name)["metadata"]
        except ClusterError:
            return False
        return metadata.get("uid") == copy.uid and not metadata.get("deletionTimestamp")

    def drop_restored(self, done: Iterable[Done]) -> tuple[str, ...]:
        """Drops copies of objects that now are what the backup says; a sentence for each that there was."""
        fine = frozenset() if self._dry_run or not self.earlier else frozenset(map(_key, filter(_is_fine, done)))
        said = (
            self._dropped(key, copy) if key in fine else self._still_kept(key, copy)
            for key, copy in self.earlier.items()
        )
        return (*self.warnings, *said)

    def _dropped(self, key: ObjectKey, copy: RollbackCopy) -> str:
        return self.drop(copy) or f"{key}: an earlier run was stopped while it recreated it; it stands again"

    def _still_kept(self, key: ObjectKey, copy: RollbackCopy) -> str:
        return (
            f"{key}: an earlier run did not come to the end of recreating it; its body as it was is kept in"
            f" {self.place(copy)}. Create it from there, or delete that Secret: until then the object is not recreated"
            " again"
        )


def _uids_of(key: ObjectKey, inventory: Inventory) -> frozenset[str]:
    found = (part.entries.get(key) for part in inventory)
    return frozenset(entry.uid for entry in found if entry and entry.uid)


def _key(done: Done) -> ObjectKey:
    return done.change.key


def _is_fine(done: Done) -> bool:
    return done.result.outcome in _STANDS and done.result.reason not in NOT_IN_SYNC
