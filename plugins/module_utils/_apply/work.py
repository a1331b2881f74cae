# Copyright: standby.velero contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every action works with: the client behind the dry-run switch, the types, the bodies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._decide.decide import Decider
from .._errors import NotFound
from .._values import BackupItem, Body, ObjectKey, Resource

UNREACHABLE_IN_A_ROW = 3


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


@dataclass
class Work:
    """One run's writes. In a dry run every write is a server-side dry run, and nothing else differs."""

    client: Client
    discovery: Discovery
    desired: Callable[[BackupItem], Body]
    """The prepared body of an item, without the two labels."""
    decider: Decider
    labels: Mapping[str, str]
    dry_run: bool
    promised: frozenset[ObjectKey] = frozenset()
    """What the plan creates: a dry run's later requests cannot see it, a real run's see it after a moment."""
    lost_namespaces: dict[str, str] = field(default_factory=dict)
    """Namespace -> why it is not there."""
    breaker: Breaker = field(default_factory=Breaker)
    sleep: Callable[[float], None] = time.sleep

    def resource(self, item: BackupItem) -> Resource:
        """Raises NotFound for a type that the target does not serve (yet)."""
        found = self.discovery.find(item.resource, item.version)
        if found is None:
            raise NotFound(f"the target does not serve {item.resource} at version {item.version}", status=404)
        return found

    def get(self, item: BackupItem) -> Body:
        return self.client.get(self.resource(item), item.key.namespace, item.key.name)

    def create(self, item: BackupItem, body: Body) -> Body:
        return self.client.create(self.resource(item), item.key.namespace, body, self.dry_run)

    def patch(self, item: BackupItem, patch: Body) -> Body:
        return self.client.patch(self.resource(item), item.key.namespace, item.key.name, patch, self.dry_run)

    def patch_status(self, item: BackupItem, patch: Body) -> Body:
        resource, key = self.resource(item), item.key
        return self.client.patch(resource, key.namespace, key.name, patch, self.dry_run, subresource="/status")

    def try_patch(self, item: BackupItem, patch: Body) -> Body:
        """What the object would be after the patch: always a dry run."""
        return self.client.patch(self.resource(item), item.key.namespace, item.key.name, patch, dry_run=True)

    def admit(self, item: BackupItem, body: Body) -> Body:
        """What the target would make of a new object with this body: always a dry run."""
        return self.client.create(self.resource(item), item.key.namespace, body, dry_run=True)
