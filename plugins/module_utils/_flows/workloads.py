# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waking a standby, or putting it to sleep, on one screen: inventory -> plan -> waves -> inventory -> report.

No backup is needed. What is put to sleep is remembered before the first write, what is woken is forgotten after the
last: whatever ends a run in between, the next one comes to the same end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import partial
from types import MappingProxyType

from .._apply.api_services import ApiServices
from .._apply.guards import GuardWaker
from .._apply.workloads import Waker
from .._cluster.client import Client
from .._cluster.nodes import has_nodes
from .._cluster.services import Services
from .._errors import ActiveError, RestoreError, SettingsError, StateError, Unauthorized, Unreachable
from .._inventory.activation import WHOLE, Activation, why_not_held
from .._inventory.entries import Inventory
from .._inventory.merge import with_production, with_uids
from .._kinds import MUTATING_WEBHOOKS, NAMESPACE
from .._options.workloads import WorkloadSettings
from .._plan.api_services import Copies
from .._plan.workloads import BEFORE, WorkloadPlan, planned_workloads
from .._progress import QUIET, Progress
from .._records.activation_store import ActivationStore
from .._records.inventory_store import InventoryStore
from .._records.kept_copies import KeptCopies
from .._records.lock import Lock, held, this_holder
from .._records.seal import seal_for
from .._report.workloads import WorkloadRun
from .._unstructured import labels_of
from .._values import Done, ObjectKey
from .._vocabulary import Action, Outcome

NOTHING: Mapping[ObjectKey, str] = MappingProxyType({})
_WOKEN = frozenset((Outcome.UPDATED, Outcome.UNCHANGED))

REHEARSAL = "standby.velero/rehearsal"
"""Label of a Namespace that playbook rehearse made."""
SETTLING = 30.0
"""Seconds until a Service has endpoints of Pods that are ready."""
NO_NODES = "the target has no Nodes, so that no Pod becomes ready: nothing was waited for"


def workloads(settings: WorkloadSettings, client: Client, progress: Progress = QUIET) -> WorkloadRun:
    """All that is asked for. Raises a RestoreError when it cannot go on; a workload that fails is part of the run."""
    started = datetime.now(timezone.utc)
    with _locked(settings, client) as (client, lock):
        refuse_original(settings, client)
        records = _Records(client, settings)
        progress.phase("reading the workloads")
        plan = planned_workloads(settings, client, records.inventory, records.read_copies())
        activity = _Activity(ActivationStore(client, settings.state_namespace), settings, records.inventory, plan)
        activity.begin(client)
        records.note_planned(plan)
        waiting = settings.wait and settings.active and not settings.dry_run and has_nodes(client)
        waker = _waker(plan, client, waiting, progress)
        progress.phase("writing", sum(map(len, plan.waves)))
        answered_for = ApiServices(waker, Services(client, plan.discovery), records.copies, waker.timeout)
        gone = [] if settings.active else answered_for.carry_out(plan.api_services)
        guards = _guards(waker, plan)
        _between(guards, plan, BEFORE)
        done = waker.carry_out((*plan.waves, plan.left), partial(_between, guards, plan))
        done += guards.carry_out(plan.guards)
        come = answered_for.carry_out(plan.api_services) if settings.active else []
        problems = (*plan.problems, *records.problems, *records.note_done(done, (*gone, *come)))
        done = [*gone, *done, *come]
        if not problems:
            activity.end(done)
    told = [*records.warnings, *activity.warnings, *plan.warnings, *([lock.problem] if lock and lock.problem else [])]
    if settings.wait and settings.active and not waiting and not settings.dry_run and any(plan.waves):
        told.append(NO_NODES)
    return WorkloadRun(plan, tuple(done), started, datetime.now(timezone.utc), waker.not_ready, problems, tuple(told))


def refuse_original(settings: WorkloadSettings, client: Client) -> None:
    """Only what says that it is a copy is woken without being written down as active: a sync would put it to sleep."""
    if not settings.rehearsal:
        return
    (name,) = settings.exact_namespaces
    if labels_of(client.get(NAMESPACE, "", name)).get(REHEARSAL) != "true":
        raise SettingsError([f"rehearsal: Namespace {name} is no copy: it lacks the label {REHEARSAL}=true"])


class _Records:
    """What the inventory says of sleep, before and after."""

    def __init__(self, client: Client, settings: WorkloadSettings) -> None:
        """In a failover a damaged inventory must not be in the way: the annotations of the objects are there still."""
        self._writes = not settings.dry_run
        self._settings = settings
        self.inventory: Inventory = ()
        self.warnings: tuple[str, ...] = ()
        self.problems: tuple[str, ...] = ()
        self.copies = KeptCopies(client, settings.state_namespace, settings.dry_run)
        self._proves = not settings.state_keys
        try:
            seal = seal_for(client, settings.state_keys, settings.state_namespace)
            self.copies = KeptCopies(client, settings.state_namespace, settings.dry_run, seal)
            self._proves = True
            self._store = InventoryStore(client, settings.state_namespace, seal)
            self.inventory = self._store.load()
        except StateError as error:
            if not settings.active:
                raise
            self._writes = False
            self.warnings = (f"{error}. Workloads were woken by what their annotations say",)

    def read_copies(self) -> Copies:
        """Copies of APIServices; that they cannot be had is told, and keeps no workload asleep."""
        try:
            if not self._proves:
                raise StateError("whether a run has signed them cannot be told")
            self.copies.read()
        except (Unreachable, Unauthorized):
            raise
        except RestoreError as error:
            self.problems = (f"which APIServices are kept as copies is not known: {error}",)
        return Copies(self.copies.known, self.copies.refused)

    def note_planned(self, plan: WorkloadPlan) -> None:
        """What production has of what is put to sleep; known before the object says so."""
        changes = (change for wave in (*plan.waves, plan.left) for change in wave)
        held = {one.key: one.comparison.held.production for one in changes if one.comparison and one.comparison.held}
        if self._writes and not self._settings.active:
            self._save(held)

    def note_done(self, done: Sequence[Done], api_services: Sequence[Done]) -> tuple[str, ...]:
        """What sleeps no more, and as what an APIService stands. That it could not be written down is told."""
        if not self._writes:
            return ()
        awake = [one.change.key for one in done if one.result.outcome in _WOKEN and self._settings.active]
        try:
            self._save(dict.fromkeys(awake, ""), dict(map(_standing_as, api_services)))
        except RestoreError as error:
            return (f"the inventory was not written at the end: {error}; run this again",)
        return ()

    def _save(self, held: Mapping[ObjectKey, str], uids: Mapping[ObjectKey, str] = NOTHING) -> None:
        newer = with_uids(with_production(self.inventory, held), uids)
        if newer != self.inventory:
            self._store.save(newer)
            self.inventory = newer


def _standing_as(done: Done) -> tuple[ObjectKey, str]:
    """The UID of what was created or found, or of the copy that is left; empty where nothing came of it."""
    found = done.change.comparison
    as_found = found.uid if found and done.change.action is Action.NOOP else ""
    return done.change.key, done.result.uid or as_found


@contextmanager
def _locked(settings: WorkloadSettings, client: Client) -> Iterator[tuple[Client, Lock | None]]:
    """As in a restore: two activations, or one and a sync, never write at once; check mode writes nothing."""
    if settings.dry_run:
        yield client, None
        return
    with held(client, settings.state_namespace, settings.lock_duration, settings.lock_timeout, this_holder()) as lock:
        yield client.under(lambda: lock.valid), lock


class _Activity:
    """That the standby is active: written down before anything is woken, and taken back once all sleeps."""

    def __init__(
        self, store: ActivationStore, settings: WorkloadSettings, inventory: Inventory, plan: WorkloadPlan
    ) -> None:
        self._store = store
        self._settings = settings
        self._inventory = inventory
        self._active = store.load()
        self._whole = WHOLE if not settings.namespaces else ""
        self._names = self._meant(plan)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._store.warnings

    def _meant(self, plan: WorkloadPlan) -> frozenset[str]:
        """Namespaces of which anything is restored, and those that say that they are active."""
        keys = {key.namespace for part in self._inventory for key in part.entries}
        keys |= {change.key.namespace for wave in (*plan.waves, plan.left) for change in wave}
        keys |= self._active.all.keys()
        return frozenset(name for name in keys if name in self._active.there and self._settings.means(name))

    def begin(self, client: Client) -> None:
        """Before the first write. A hold of what is active takes the time of just that activation."""
        if self._settings.dry_run or self._settings.rehearsal:
            return
        if self._settings.active:
            backup = self._inventory[-1].scope.backup.name if self._inventory else ""
            at = datetime.fromtimestamp(client.server_time(), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._store.activate(self._active, self._names, self._whole, Activation(at, this_holder(), backup))
            return
        meant = self._active.within(self._names, bool(self._whole))
        found = why_not_held(meant, self._settings.confirm)
        if found:
            raise ActiveError(found, meant.at)

    def end(self, done: Sequence[Done]) -> None:
        """What did not come to sleep is still production."""
        failed = any(one.result.outcome is Outcome.FAILED for one in done)
        if not self._settings.active and not self._settings.dry_run and not failed and self._active.at:
            ended = self._active.all.keys() if self._whole else {*self._names, WHOLE}
            self._store.deactivate(self._active, ended)


def _guards(waker: Waker, plan: WorkloadPlan) -> GuardWaker:
    """Behind the workloads that answer for them."""
    return GuardWaker(waker, Services(waker.client, plan.discovery), plan.settings.means, waker.timeout)


def _between(guards: GuardWaker, plan: WorkloadPlan, wave: int) -> None:
    """Guards that are answered wake before the next wave. What injects is waited for: who answers is ready by now."""
    if wave == plan.injected_after and not guards.waker.not_ready:
        guards.look([guard for guard in plan.guards if guard.ref.resource == MUTATING_WEBHOOKS], SETTLING)
    guards.look(plan.guards)


def _waker(plan: WorkloadPlan, client: Client, waiting: bool, progress: Progress) -> Waker:
    settings = plan.settings
    return Waker(
        client=client,
        discovery=plan.discovery,
        again=plan.again,
        dry_run=settings.dry_run,
        concurrency=settings.concurrency,
        timeout=settings.wait_timeout if waiting else 0,
        tell=progress.step,
    )
