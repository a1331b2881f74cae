# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Copies of objects under recreation, kept on the target: whatever ends a run, none is lost with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._cluster.client import Client
from .._errors import AlreadyExists, ClusterError, Forbidden, NotFound
from .._inventory.rollback_copy import SELECTOR, RollbackCopy, body_of, refused_mark, rollback_copy, secret_of
from .._kinds import SECRET
from .._values import Body, Done, ObjectKey, ObjectRef, Resource
from .._vocabulary import NOT_IN_SYNC, Outcome

_STANDS = frozenset((Outcome.CREATED, Outcome.UPDATED, Outcome.RELABELLED, Outcome.UNCHANGED, Outcome.RECREATED))


class RollbackCopies:
    """The copies on one target. A dry run reads them and writes none."""

    def __init__(self, client: Client, namespace: str, dry_run: bool = False) -> None:
        self.earlier: dict[ObjectKey, RollbackCopy] = {}
        """What earlier runs have left, once it is read."""
        self._client = client
        self._namespace = namespace
        self._dry_run = dry_run

    def read(self) -> None:
        """Finds what earlier runs have left; nothing where the Secrets may not be read, which a run that saves must."""
        try:
            pages = self._client.pages(SECRET, self._namespace, SELECTOR)
            found = [rollback_copy(secret) for page in pages for secret in page]
        except Forbidden:
            return
        self.earlier = {copy.key: copy for copy in found if copy is not None}

    def place(self, copy: RollbackCopy) -> str:
        """Where a person finds it: `Secret standby-velero/body-job-…`."""
        return f"Secret {self._namespace}/{copy.secret}"

    def save(self, ref: ObjectRef, resource: Resource, live: Body, labels: Mapping[str, str]) -> RollbackCopy:
        """Stores the live body; a ClusterError or StateError when that cannot be, and then nothing is to be deleted."""
        secret = secret_of(ref, live, resource.api_version, dict(labels), self._namespace)
        try:
            stored = self._client.create(SECRET, self._namespace, secret)
        except AlreadyExists as error:
            stored = self._client.get(SECRET, self._namespace, secret["metadata"]["name"])
            if not error.repeated or stored.get("data") != secret["data"]:
                raise
        copy = rollback_copy(stored)
        if copy is None:
            raise ClusterError(f"Secret {self._namespace}/{secret['metadata']['name']} did not come out as it was sent")
        return copy

    def load(self, copy: RollbackCopy) -> Body:
        """The object as it may be created again."""
        return body_of(self._client.get(SECRET, self._namespace, copy.secret))

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
        return tuple(
            self._dropped(key, copy) if key in fine else self._still_kept(key, copy)
            for key, copy in self.earlier.items()
        )

    def _dropped(self, key: ObjectKey, copy: RollbackCopy) -> str:
        return self.drop(copy) or f"{key}: an earlier run was stopped while it recreated it; it stands again"

    def _still_kept(self, key: ObjectKey, copy: RollbackCopy) -> str:
        return (
            f"{key}: an earlier run did not come to the end of recreating it; its body as it was is kept in"
            f" {self.place(copy)}. Create it from there, or delete that Secret: until then the object is not recreated"
            " again"
        )


def _key(done: Done) -> ObjectKey:
    return done.change.key


def _is_fine(done: Done) -> bool:
    return done.result.outcome in _STANDS and done.result.reason not in NOT_IN_SYNC
