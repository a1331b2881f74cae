# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every step works with: the client behind the dry-run switch, the types, the bodies.

Whatever a step writes to a restored object passes through here; with `dry_run` each write is a server-side dry run, and
nothing else differs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._compare.comparer import Comparer
from .._decide.decide import Decider
from .._decide.exemptions import PruneExemptions
from .._decide.recreatable import Recreation
from .._errors import AbsenceUnproven, ClusterError, DryRunUnsupported, Forbidden, Invalid, NotFound
from .._records.rollback_copies import RollbackCopies
from .._values import BackupItem, Body, Comparison, ObjectKey, ObjectRef, Resource
from .dependencies import planned_dependency

UNREACHABLE_IN_A_ROW = 3

_MAY_BE_CURED = (AbsenceUnproven, NotFound, Forbidden, Invalid)


class Breaker:
    """Stops a run whose target is gone: thousands of objects must not each wait for every retry."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0

    @property
    def open(self) -> bool:
        return self._in_a_row >= UNREACHABLE_IN_A_ROW

    def note(self, reached: bool) -> None:
        with self._lock:
            self._in_a_row = 0 if reached else self._in_a_row + 1


class Desired(Protocol):
    """What is asked of the desired state."""

    def body(self, item: BackupItem) -> Body: ...

    def release(self, item: BackupItem) -> None: ...


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
    coming: frozenset[ObjectKey] = frozenset()
    """What the plan creates: a dry run's later requests cannot see it, a real run's see it after a moment."""
    lost_namespaces: dict[str, str] = field(default_factory=dict)
    """Namespace -> why it is not there."""
    recreation: Recreation = field(default_factory=Recreation)
    privileged: str = "restore"
    """What becomes of objects that give rights, also of one that goes while the run is under way."""
    exemptions: PruneExemptions = field(default_factory=PruneExemptions)
    """What keeps an object from being deleted, also one that changes while the run is under way."""
    breaker: Breaker = field(default_factory=Breaker)
    sleep: Callable[[float], None] = time.sleep

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

    def get(self, ref: ObjectRef) -> Body:
        return self.client.get(self.resource(ref), ref.key.namespace, ref.key.name)

    def compare(self, item: BackupItem, live: Body) -> Comparison:
        return self.comparer(item, live, self.desired.body(item))

    def create(self, item: BackupItem, body: Body) -> Body:
        return self.client.create(self.resource(item), item.key.namespace, body, self.dry_run)

    def patch(self, item: BackupItem, patch: Body) -> Body:
        return self.client.patch(self.resource(item), item.key.namespace, item.key.name, patch, self.dry_run)

    def patch_status(self, item: BackupItem, patch: Body) -> Body:
        resource, key = self.resource(item), item.key
        return self.client.patch(resource, key.namespace, key.name, patch, self.dry_run, subresource="/status")

    def delete(self, ref: ObjectRef, uid: str, version: str, propagation: str) -> Body:
        """The answer: a Status when the object is gone, the object itself when something holds it."""
        resource, key = self.resource(ref), ref.key
        how = propagation.capitalize()
        return self.client.delete(resource, key.namespace, key.name, uid, version, how, self.dry_run)

    def try_patch(self, item: BackupItem, patch: Body) -> Body:
        """What the object would be after the patch: always a dry run."""
        return self.client.patch(self.resource(item), item.key.namespace, item.key.name, patch, dry_run=True)

    def admit(self, item: BackupItem, body: Body) -> Body:
        """What the target would make of a new object with this body: always a dry run."""
        return self.client.create(self.resource(item), item.key.namespace, body, dry_run=True)

    def unverified(self, item: BackupItem, body: Body, error: ClusterError) -> bool:
        """Whether a dry run's refusal proves nothing: what was planned before it is not there."""
        if not self.dry_run:
            return False
        return isinstance(error, DryRunUnsupported) or (
            isinstance(error, _MAY_BE_CURED) and planned_dependency(item, body, self.coming) is not None
        )
