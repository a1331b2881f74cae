# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wakes workloads, or puts them to sleep: wave after wave, each once the one before is ready, or out of time.

A write has the version that was read as its precondition; after a conflict the object is looked at again, and written
only if it is still to be. What a wave lacks in the end is told, and the next one begins all the same: in a failover
what can run is to run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from .._cluster.client import Client
from .._cluster.discovery import Discovery
from .._cluster.reader import Place, read
from .._errors import ClusterError, Conflict, LockLost, NotFound, Unreachable
from .._hold.readiness import tells_readiness, why_not_ready
from .._merge_patch import field_name, leaves, same
from .._progress import Tell, nobody
from .._unstructured import as_text, nested
from .._values import Body, Change, Done, ObjectKey, ObjectRef, ObjectResult
from .._vocabulary import Action, Outcome, Reason
from .breaker import Breaker
from .patience import PAUSE
from .requests import CONFLICTS, comparison_of, with_metadata
from .results import done, failed

Again = Callable[[ObjectRef, Body], "Change | None"]


def nobody_waits(_wave: int) -> None:
    """Nothing is to be done between the waves."""


@dataclass
class Waker:
    """Carries out one plan of waves."""

    client: Client
    discovery: Discovery
    again: Again
    """What is to be done with an object that another writer changed."""
    dry_run: bool = False
    concurrency: int = 16
    timeout: float = 0.0
    """Seconds that a wave is waited for; 0 for not at all."""
    sleep: Callable[[float], None] = time.sleep
    tell: Tell = nobody
    breaker: Breaker = field(default_factory=Breaker)
    not_ready: dict[ObjectKey, str] = field(default_factory=dict)
    """What did not get its Pods in time, and how many it had."""

    def carry_out(self, waves: Sequence[Sequence[Change]], after: Callable[[int], None] = nobody_waits) -> list[Done]:
        """What became of each change, in the order of the plan; `after` is called once each wave is ready, or late."""
        results: list[Done] = []
        with ThreadPoolExecutor(max_workers=self.concurrency) as pool:
            for number, wave in enumerate(waves):
                done = list(pool.map(self._one, wave))
                results.extend(done)
                if self.timeout and not self.dry_run:
                    self._wait([one.change.ref for one in done if one.result.outcome is Outcome.UPDATED])
                after(number)
        return results

    def _one(self, change: Change) -> Done:
        result = self._written(change)
        self.tell(change.ref.resource)
        return result

    def _written(self, change: Change) -> Done:
        for _attempt in range(CONFLICTS + 1):
            if change.action is not Action.UPDATE:
                return Done(change, _unwritten(change))
            if self.breaker.open:
                return Done(change, failed(Reason.UNREACHABLE, "not tried: the target did not answer before"))
            try:
                answer = self._patch(change)
            except Conflict:
                found = self._looked_again(change)
                if isinstance(found, ObjectResult):
                    return Done(change, found)
                change = found
            except ClusterError as error:
                return Done(change, self._refused(error))
            else:
                self.breaker.note(reached=True)
                return Done(change, _judged(change, answer))
        return Done(change, failed(Reason.CONFLICT, "another writer kept changing it"))

    def _patch(self, change: Change) -> Body:
        comparison, key = comparison_of(change), change.key
        resource = self.discovery.find(change.ref.resource, change.ref.version)
        if resource is None:
            raise ClusterError(f"the target does not serve {change.ref.resource} at version {change.ref.version}")
        patch = with_metadata(comparison.patch, {}, comparison.resource_version)
        return self.client.patch(resource, key.namespace, key.name, patch, self.dry_run)

    def _looked_again(self, change: Change) -> Change | ObjectResult:
        """The change as it is to be by now. Another object of the name is not ours to write."""
        try:
            live = self._get(change.ref)
        except NotFound:
            return failed(Reason.CONFLICT, "it was deleted meanwhile")
        except ClusterError as error:
            return self._refused(error)
        if as_text(nested(live, "metadata", "uid")) != comparison_of(change).uid:
            return failed(Reason.CONFLICT, "it was deleted and made anew meanwhile")
        return self.again(change.ref, live) or replace(change, action=Action.NOOP, reason=None)

    def _get(self, ref: ObjectRef) -> Body:
        resource = self.discovery.find(ref.resource, ref.version)
        if resource is None:
            raise ClusterError(f"the target does not serve {ref.resource} at version {ref.version}")
        return self.client.get(resource, ref.key.namespace, ref.key.name)

    def _refused(self, error: ClusterError) -> ObjectResult:
        if isinstance(error, LockLost):
            return failed(Reason.LOCK_LOST, str(error))
        if isinstance(error, Unreachable):
            self.breaker.note(reached=False)
            return failed(Reason.UNREACHABLE, str(error))
        return failed(Reason.REFUSED, str(error))

    # readiness

    def _wait(self, refs: Iterable[ObjectRef]) -> None:
        """Until each has its Pods, or time is up; what cannot be read is not ready."""
        waiting = [ref for ref in refs if tells_readiness(ref.resource)]
        end = time.monotonic() + self.timeout
        while waiting:
            lacking = dict(self._lacking(waiting))
            waiting = [ref for ref in waiting if ref.key in lacking]
            if not waiting or time.monotonic() >= end:
                self.not_ready.update(lacking)
                return
            self.sleep(PAUSE)

    def _lacking(self, refs: Sequence[ObjectRef]) -> Iterator[tuple[ObjectKey, str]]:
        by_type: dict[tuple[str, str], dict[Place, ObjectRef]] = {}
        for ref in refs:
            by_type.setdefault((ref.resource, ref.version), {})[ref.key.namespace, ref.key.name] = ref
        for (name, version), places in by_type.items():
            yield from self._lacking_of(name, version, places)

    def _lacking_of(
        self, name: str, version: str, places: Mapping[Place, ObjectRef]
    ) -> Iterator[tuple[ObjectKey, str]]:
        resource = self.discovery.find(name, version)
        try:
            there = {one.place: one for one in read(self.client, resource, places.keys(), 0)} if resource else {}
        except ClusterError as error:
            yield from ((ref.key, f"it could not be read: {error}") for ref in places.values())
            return
        for place, ref in places.items():
            found = there.get(place)
            why = why_not_ready(name, found.body) if found and found.body else "it could not be read"
            if why:
                yield ref.key, why


def _unwritten(change: Change) -> ObjectResult:
    outcomes = {Action.NOOP: Outcome.UNCHANGED, Action.SKIP: Outcome.SKIPPED}
    return ObjectResult(outcomes.get(change.action, Outcome.FAILED), change.reason, change.detail)


def _judged(change: Change, answer: Body) -> ObjectResult:
    """A webhook or an operator may have its own mind about a field; then it is not what it was to be."""
    patch = comparison_of(change).patch
    kept = [field_name(path) for path in leaves(patch) if not same(nested(patch, *path), nested(answer, *path))]
    if kept:
        return failed(Reason.IGNORED_BY_TARGET, ", ".join(kept), stored=True)
    return done(Outcome.UPDATED, change.reason, change.detail)
