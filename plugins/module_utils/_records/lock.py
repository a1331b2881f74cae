# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock of a run: a Lease on the target, so that of two runs at once, on whatever machines, one writes.

Every write of the Lease carries the resourceVersion it was read with, so of two that take it at once one gets it, and
a holder that was thought dead finds out. A run that cannot renew it stops writing after two thirds of its time, a
third before anybody else may begin. A write that is under way then may still arrive: preconditions guard those.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from .._cluster.client import Client
from .._deaf import start_deaf
from .._errors import AlreadyExists, ClusterError, Conflict, Forbidden, LockError, NotFound, Unauthorized, Unreachable
from .._kinds import LEASE
from .._text import shown
from .._values import MANAGED_BY, Body
from .lease import (
    MOST_TRANSITIONS,
    NAME,
    Lease,
    ServerClock,
    Sighting,
    as_written,
    claim,
    holding,
    is_free,
    lease_of,
    measured,
    micro_time,
)
from .namespace import ensure_namespace

_RENEWED_AFTER = 1 / 3
_WRITING_FOR = 2 / 3
_RETRIED_AFTER = 1 / 15
"""Of the duration: a renewal that failed is tried again this soon."""
_LOOKS_AGAIN_AFTER = 1.0
_RACES = 5  # times in a row that another run may be a moment faster before this one gives up
_RIGHTS = (
    "a run needs get, create and patch on leases.coordination.k8s.io in that namespace, and create on namespaces when"
    " it is missing; docs/rights.md has a Role"
)
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def running_clock() -> float:
    """Seconds that only run, also while the machine sleeps (Linux): a lock must not seem fresh after that."""
    return time.clock_gettime(_CLOCK)


def this_holder() -> str:
    """What tells this run from every other, and tells people where to look for it: host, process, a random part."""
    return f"{shown(socket.gethostname()) or 'unknown'}/{os.getpid()}/{secrets.token_hex(4)}"


@contextmanager
def held(
    client: Client,
    namespace: str,
    duration: float,
    timeout: float,
    holder: str,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Lock]:
    """The lock for as long as the `with` statement lasts, renewed by a thread of its own.

    Raises a LockError when another run holds it after `timeout` seconds. Released at its end: its writers have ended.
    """
    lock = Lock(client, namespace, duration, holder)
    lock.acquire(timeout, sleep)
    renewing = threading.Thread(target=lock.keep, name="lock", daemon=True)
    try:
        _start(renewing)
        yield lock
    finally:
        lock.end()
        if renewing.is_alive():
            renewing.join(duration * _RENEWED_AFTER)  # no longer: a renewal may hang on a dead connection
        lock.release()


def _start(renewing: threading.Thread) -> None:
    try:
        start_deaf(renewing)
    except (RuntimeError, MemoryError) as error:
        raise LockError(
            "the lock cannot be kept: this machine starts no thread; see its limits on memory and processes"
        ) from error


class Lock:
    """One run's hold on the Lease. Once another has it, or it is deleted, it is lost for good and never taken back."""

    def __init__(
        self,
        client: Client,
        namespace: str,
        duration: float,
        holder: str,
        clock: Callable[[], float] = running_clock,
    ) -> None:
        self.holder = holder
        self.problem = ""
        """Why it could not be renewed lately, or who has it now; for a message."""
        self._client = client
        self._namespace = namespace
        self._duration = duration
        self._clock = clock
        self._server = ServerClock(0.0, 0.0)
        self._version = ""
        self._renewed = float("-inf")
        """When the last write of the Lease that the server took was sent."""
        self._over = False
        """Lost or released: it never comes back."""
        self._ended = threading.Event()

    @property
    def valid(self) -> bool:
        """Whether the run may write now; cheap, and asked before each write."""
        return not self._over and self._clock() < self._renewed + self._duration * _WRITING_FOR

    def acquire(self, timeout: float, sleep: Callable[[float], None]) -> None:
        """Takes the Lease once it is free; a LockError when it is not in time, or cannot be written."""
        try:
            self._server = self._measured()
            self._acquire(timeout, sleep)
        except (Unreachable, Unauthorized):
            raise
        except ClusterError as error:
            raise LockError(self._why_not(error)) from error

    def _acquire(self, timeout: float, sleep: Callable[[float], None]) -> None:
        end = self._clock() + timeout
        sighting = Sighting()
        races = 0
        while not self.valid:
            if races == _RACES:
                raise LockError(f"{self._place} is written by others each time that it is to be taken; try again")
            asked = self._clock()
            lease = self._read()
            if lease and lease.holder == self.holder and self._adopt(lease):
                return  # the answer to our own write was lost
            if lease is None or self._is_free(lease, asked, sighting):
                self._take(lease)
                races += 1
            elif asked >= end:
                raise LockError(self._held_by(lease, timeout))
            else:
                sleep(min(end - asked, _LOOKS_AGAIN_AFTER))

    def _is_free(self, lease: Lease, asked: float, sighting: Sighting) -> bool:
        unchanged = sighting.unchanged(lease, asked, self._clock())
        ours = lease.holder == self.holder
        return ours or is_free(lease, asked + self._server.least, unchanged, self._duration)

    def _take(self, lease: Lease | None) -> None:
        """Writes our claim, unless somebody is faster; makes the namespace when there is none."""
        if lease and lease.transitions >= MOST_TRANSITIONS:
            raise LockError(
                f"{self._place} cannot be taken: it says that it changed hands {MOST_TRANSITIONS} times, the"
                f" most that it can; no run of this collection wrote that. Clear it with: {self._clearing}"
            )
        sent = self._clock()
        spec = claim(self.holder, self._duration, sent + self._server.most, lease.transitions + 1 if lease else 0)
        try:
            stored = self._patch(spec, lease.version) if lease else self._create(spec)
        except (AlreadyExists, Conflict):
            return
        except NotFound:
            if lease is None:
                ensure_namespace(self._client, self._namespace)
            return
        self._note(stored, sent)

    def _adopt(self, lease: Lease) -> bool:
        """Whether our own Lease, as it was read, is still fresh: renewed when what stands in it was sent, not later."""
        self._version = lease.version
        if lease.renewed is not None:
            self._renewed = max(self._renewed, min(lease.renewed - self._server.most, self._clock()))
        return self.valid

    def keep(self) -> None:
        """Renews until the end; for a thread of its own. A failure is no exception: `valid` runs out by itself."""
        due = self._renewed + self._duration * _RENEWED_AFTER
        while not self._over and not self._ended.wait(max(0.0, due - self._clock())):
            if self._renew():
                due = self._renewed + self._duration * _RENEWED_AFTER
            else:
                due = self._clock() + self._duration * _RETRIED_AFTER

    def _renew(self) -> bool:
        sent = self._clock()
        try:
            self._note(self._patch({"renewTime": micro_time(sent + self._server.most)}, self._version), sent)
        except (Conflict, NotFound):
            self._look_again()
            return False
        except ClusterError as error:
            self.problem = f"{self._place} could not be renewed: {error}"
            return False
        with suppress(ClusterError):  # the server's clock may have been set meanwhile
            self._server = self._measured()
        return True

    def _look_again(self) -> None:
        """Reads the Lease after a conflict: an answer was lost, somebody edited the Lease, or somebody took it."""
        try:
            lease = self._read()
        except ClusterError as error:
            self.problem = f"{self._place} could not be read: {error}"
            return
        if lease is not None and lease.holder == self.holder:
            self._adopt(lease)
            return
        self._over = True
        self.problem = f"{self._place} {_what_became_of(lease)}"

    def end(self) -> None:
        """No renewal begins after this."""
        self._ended.set()

    def release(self) -> None:
        """Leaves the Lease without a holder. One that cannot be reached runs out by itself; another's is not ours."""
        if not self.valid:
            return
        try:
            self._patch({"holderIdentity": ""}, self._version)
        except Conflict:  # with an editor, or with a renewal that was still under way
            self._release_again()
        except ClusterError as error:
            self.problem = f"{self._place} could not be released: {error}"
        self._over = True

    def _release_again(self) -> None:
        with suppress(ClusterError):
            lease = self._read()
            if lease is not None and lease.holder == self.holder:
                self._patch({"holderIdentity": ""}, lease.version)

    def _measured(self) -> ServerClock:
        sent = self._clock()
        date = self._client.server_time()
        return measured(date, sent, self._clock())

    def _read(self) -> Lease | None:
        try:
            return lease_of(self._client.get(LEASE, self._namespace, NAME))
        except NotFound:
            return None

    def _create(self, spec: Body) -> Body:
        metadata = {"name": NAME, "namespace": self._namespace, "labels": dict(MANAGED_BY)}
        body = {"apiVersion": LEASE.api_version, "kind": LEASE.kind, "metadata": metadata, "spec": spec}
        return self._client.create(LEASE, self._namespace, body)

    def _patch(self, spec: Body, version: str) -> Body:
        patch = {"metadata": {"resourceVersion": version}, "spec": spec}
        return self._client.patch(LEASE, self._namespace, NAME, patch)

    def _note(self, stored: Body, sent: float) -> None:
        self._version = as_written(stored, self.holder).version
        self._renewed = sent
        self.problem = ""

    @property
    def _place(self) -> str:
        return f"the lock (Lease {self._namespace}/{NAME})"

    def _held_by(self, lease: Lease, timeout: float) -> str:
        waited = f"after {timeout:g} s of waiting " if timeout else ""
        return (
            f"{waited}{self._place} is held by another run: {holding(lease)}. Wait for that run to end, or let this one"
            f" wait with a longer lock_timeout; delete the Lease ({self._clearing}) only when that run is known to be"
            " dead"
        )

    @property
    def _clearing(self) -> str:
        return f"kubectl --namespace {self._namespace} delete lease {NAME}"

    def _why_not(self, error: ClusterError) -> str:
        if "metadata.namespace" in error.fields:  # the cause NamespaceTerminating; RBAC gives no causes
            return f"{self._place} cannot be taken: namespace {self._namespace} is being deleted"
        rights = f"; {_RIGHTS}" if isinstance(error, Forbidden) and not error.by_admission else ""
        return f"{self._place} cannot be taken: {error}{rights}"


def _what_became_of(lease: Lease | None) -> str:
    if lease is None:
        return "was deleted"
    return f"has another holder, {holding(lease)}" if lease.holder else "was taken from this run and has no holder now"
