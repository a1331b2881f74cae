# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every step works with: the client behind the dry-run switch, the types, the bodies.

Whatever a step writes to a restored object passes through here; with `dry_run` each write is a server-side dry run, and
nothing else differs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._compare.comparer import Comparer
from .._decide.decide import Decider
from .._decide.exemptions import PruneExemptions
from .._decide.privileged import PrivilegedObjects
from .._decide.recreatable import Recreation
from .._errors import (
    AbsenceUnproven,
    ClusterError,
    Conflict,
    DryRunUnsupported,
    Forbidden,
    Invalid,
    NotFound,
    Unreachable,
)
from .._fault import shielded
from .._memory import Budget
from .._merge_patch import exact, says_null
from .._progress import Tell, nobody
from .._records.kept_copies import KeptCopies
from .._records.rollback_copies import RollbackCopies
from .._stopping import Stopping
from .._values import EMPTY, BackupItem, Body, Comparison, ObjectKey, ObjectRef, Resource
from .breaker import Breaker, WebhookBreaker
from .dependencies import planned_dependency
from .schema import GainedFields, lacking

SCHEMA_PAUSES = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
"""Seconds between writes to an API server that does not know a definition's new fields yet."""

_MAY_BE_CURED = (AbsenceUnproven, NotFound, Forbidden, Invalid)


class Desired(Protocol):
    """What is asked of the desired state."""

    def body(self, item: BackupItem) -> Body:
        """The body of an item."""

    def release(self, item: BackupItem) -> None:
        """Lets go of a body that is not needed any more."""

    def weight(self, item: BackupItem) -> int:
        """How many bytes its body takes in memory, at most."""


def uid_of(body: Body) -> str:
    """Of an object as the server answered it; empty when it has none."""
    return str((body.get("metadata") or {}).get("uid") or "")


@dataclass
class Executor:
    """Carries out one plan."""

    client: Client
    discovery: Discovery
    desired: Desired
    comparer: Comparer
    decider: Decider
    dry_run: bool
    copies: RollbackCopies
    kept: KeptCopies
    """Of APIServices that are not created."""
    coming: frozenset[ObjectKey] = frozenset()
    """What the plan creates: a dry run's later requests cannot see it, a real run's see it after a moment."""
    lost_namespaces: dict[str, str] = field(default_factory=dict)
    """Namespace -> why it is not there."""
    standing: set[ObjectKey] = field(default_factory=set)
    """Secrets that are on the target as the backup has them, found so or restored by now."""
    recreation: Recreation = field(default_factory=Recreation)
    privileged: PrivilegedObjects = field(default_factory=PrivilegedObjects)
    """What becomes of objects that give rights, also of one that goes while the run is under way."""
    gained: GainedFields = field(default_factory=dict)
    """Fields that custom resources have since this run updated their definitions."""
    unlearnt: set[tuple[str, str]] = field(default_factory=set)
    """(resource, version) of which an API server drops these all the same."""
    only_planned: bool = False
    """Whether what a change becomes on the way is carried out only where it is no more than was planned: somebody has
    approved the plan."""
    exemptions: PruneExemptions = field(default_factory=PruneExemptions)
    """What keeps an object from being deleted, also one that changes while the run is under way."""
    breaker: Breaker = field(default_factory=Breaker)
    webhooks: WebhookBreaker = field(default_factory=WebhookBreaker)
    stopping: Stopping = field(default_factory=Stopping)
    """Whether another object may be begun."""
    memory: Budget = field(default_factory=Budget)
    """What the bodies of all workers may take together."""
    sleep: Callable[[float], None] = time.sleep
    tell: Tell = nobody
    """Is told the type of each object that is done."""

    faults: list[str] = field(default_factory=list)
    """Of the run as such, where a fault is no single object's."""

    def guard(self, step: Callable[[], None]) -> None:
        """Takes a step between the objects; what it fails with is told, and what was done by then is not lost."""
        _nothing, problems = shielded(step, None)
        self.faults.extend(problems)

    @property
    def labels(self) -> Mapping[str, str]:
        """The two labels of this restore."""
        return self.decider.labels

    def resource(self, ref: ObjectRef) -> Resource:
        """Refuses a type that the target does not serve (yet), which says nothing of its objects."""
        found = self.discovery.find(ref.resource, ref.version)
        if found is None:
            raise AbsenceUnproven(f"the target does not serve {ref.resource} at version {ref.version}", status=404)
        return found

    def weight(self, ref: ObjectRef) -> int:
        """Bytes of memory that its body takes at most; nothing of what is deleted."""
        return self.desired.weight(ref) if isinstance(ref, BackupItem) else 0

    def get(self, ref: ObjectRef) -> Body:
        return self.client.get(self.resource(ref), ref.key.namespace, ref.key.name)

    def compare(self, item: BackupItem, live: Body) -> Comparison:
        return self.comparer(item, live, self.desired.body(item))

    def note(self, item: BackupItem, answer: Body) -> None:
        """Notes of an object just written which of its fields the target did not store, and which it filled in."""
        self.comparer.target_fields.note(item.resource, self.compare(item, answer))

    def create(self, item: BackupItem, body: Body) -> Body:
        return self._whole(item, body, self._create(item, body, self.dry_run))

    def admit(self, item: BackupItem, body: Body) -> Body:
        """What the target would make of a new object with this body: always a dry run."""
        return self._create(item, body, dry_run=True)

    def _create(self, item: BackupItem, body: Body, dry_run: bool) -> Body:
        resource, namespace = self.resource(item), item.key.namespace
        return self._sent("create", item, lambda client: client.create(resource, namespace, body, dry_run))

    def patch(self, item: BackupItem, patch: Body, uid: str) -> Body:
        """The precondition is the resourceVersion in the patch: a Conflict when another writer came in between.

        `uid` is that of the object that was read: an answer of another one is not believed.
        """
        return self._whole(item, patch, self._patch(item, patch, uid, self.dry_run))

    def try_patch(self, item: BackupItem, patch: Body, uid: str) -> Body:
        """What the object would be after the patch: always a dry run."""
        return self._patch(item, patch, uid, dry_run=True)

    def has_status(self, item: BackupItem) -> bool:
        """Whether the status of an object is written apart from it; else it goes along with the object's own."""
        return self.resource(item).has_status

    def patch_status(self, item: BackupItem, patch: Body, uid: str) -> Body:
        if not self.has_status(item):
            return self.patch(item, patch, uid)
        resource, key = self.resource(item), item.key
        return self._sent(
            "patch status",
            item,
            lambda client: client.patch(resource, key.namespace, key.name, patch, self.dry_run, "/status", uid),
        )

    def delete(self, ref: ObjectRef, uid: str, version: str, propagation: str) -> Body:
        """The answer: a Status when the object is gone, the object itself when something holds it."""
        resource, key = self.resource(ref), ref.key
        how = propagation.capitalize()
        return self._sent(
            "delete",
            ref,
            lambda client: client.delete(resource, key.namespace, key.name, uid, version, how, self.dry_run),
        )

    def _patch(self, item: BackupItem, patch: Body, uid: str, dry_run: bool) -> Body:
        if says_null(patch):
            return self._patch_exactly(item, patch, uid, dry_run)
        resource, key = self.resource(item), item.key
        return self._sent(
            "patch", item, lambda client: client.patch(resource, key.namespace, key.name, patch, dry_run, uid=uid)
        )

    def _patch_exactly(self, item: BackupItem, patch: Body, uid: str, dry_run: bool) -> Body:
        """A test that fails is answered as an object that breaks a rule (422): only the object itself tells which."""
        version = patch["metadata"]["resourceVersion"]
        operations = exact(self._unmoved(item, version), patch)
        resource, key = self.resource(item), item.key
        try:
            return self._sent(
                "patch",
                item,
                lambda client: client.patch_exactly(resource, key.namespace, key.name, operations, dry_run, uid),
            )
        except Invalid:
            self._unmoved(item, version)
            raise

    def _unmoved(self, item: BackupItem, version: str) -> Body:
        live = self.get(item)
        if live["metadata"]["resourceVersion"] != version:
            raise Conflict("another writer changed it meanwhile", status=409, reason="Conflict")
        return live

    def _sent(self, verb: str, ref: ObjectRef, request: Callable[[Client], Body]) -> Body:
        """The answer to a write; where a webhook that nobody answers has failed others like it, that failure."""
        place = (verb, ref.resource, ref.key.namespace)
        began = self.webhooks.begin(place)
        client = self.client.once() if self.webhooks.doubts(place) else self.client
        try:
            answer = request(client)
        except ClusterError as error:
            self.webhooks.note(place, error, began)
            raise
        self.webhooks.note(place, None, began)
        return answer

    def _whole(self, item: BackupItem, sent: Body, answer: Body) -> Body:
        """The answer once it has all that the definition gained in this run; one API server may learn it after another.

        What is sent again is only what is missing, so that nobody else's value is overwritten. A type for which that
        was waited for in vain is waited for no more.
        """
        if self.dry_run or (item.resource, item.version) in self.unlearnt:
            return answer
        for pause in SCHEMA_PAUSES:
            missing = self.lost(item, sent, answer)
            if not missing:
                return answer
            self.sleep(pause)
            answer = self._sent_again(item, missing, answer)
        if self.lost(item, sent, answer):
            self.unlearnt.add((item.resource, item.version))
        return answer

    def _sent_again(self, item: BackupItem, missing: Body, answer: Body) -> Body:
        version = {"resourceVersion": answer["metadata"]["resourceVersion"]}
        try:
            return self._patch(item, {**missing, "metadata": version}, uid_of(answer), dry_run=False)
        except Conflict:
            return self.get(item)
        except Unreachable:
            raise
        except ClusterError:  # what is missing is told of the object, which is there
            return answer

    def lost(self, item: BackupItem, sent: Body, answer: Body) -> Body:
        """What of `sent` is not in the answer although the object's definition has it since this run."""
        return lacking(self.gained.get((item.resource, item.version), ()), sent, answer)

    def gains(self, item: BackupItem, sent: Body) -> bool:
        """Whether what is sent has fields that an API server may not know yet, so that its dry run proves nothing."""
        return bool(self.lost(item, sent, EMPTY))

    def unverified(self, item: BackupItem, body: Body, error: ClusterError) -> bool:
        """Whether a dry run's refusal proves nothing: what was planned before it is not there."""
        if not self.dry_run:
            return False
        return isinstance(error, DryRunUnsupported) or (
            isinstance(error, _MAY_BE_CURED) and planned_dependency(item, body, self.coming, str(error)) is not None
        )
