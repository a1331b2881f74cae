# SPDX-FileCopyrightText: standby.velero contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A restore on one screen: backup -> select -> prepare -> compare -> decide -> plan -> apply -> report.

Before anything is decided, preflight has to let the backup through; what the plan may write is recorded before the
first write, what stands after the last one. Check mode is the same without lock and records, each write a dry run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from functools import partial
from itertools import chain

from .._apply.executor import Executor
from .._apply.run import apply
from .._backup.opened import Backup, opened
from .._cluster.client import Client
from .._decide.lacking import count_lacking, reset_returned
from .._decide.plan_digest import PlanKeys
from .._decide.preflight import Limits, preflight
from .._decide.usable import phase_problem
from .._errors import ActiveError, PreflightError, UnusableBackupError
from .._fault import shielded
from .._inventory.activation import Spared, spared_by, why_refused
from .._inventory.entries import Inventory
from .._inventory.merge import record_planned, record_restored
from .._inventory.record import gone_keys, never_made, planned_entries, restored_entries
from .._options.settings import Settings
from .._plan.context import RestoreContext, context_of
from .._plan.digest import plan_keys, refuse_other_backup, refuse_other_plan, with_digest
from .._plan.empty import refuse_empty
from .._plan.equal import Recorded
from .._plan.plan import Plan, planned
from .._progress import QUIET, Progress
from .._records.activation_store import ActivationStore
from .._records.inventory_store import InventoryStore
from .._records.kept_copies import KeptCopies
from .._records.lock import Lock, held, this_holder
from .._records.plan_key_store import PlanKeyStore
from .._records.restore_records import RESTORES, VERSION, RestoreRecords
from .._records.rollback_copies import RollbackCopies
from .._records.seal import seal_for
from .._report.approved import with_report
from .._report.file import check_room, check_writable
from .._report.report import report, run_of
from .._report.restore_object import restore_object
from .._report.run import Run
from .._source.local import files_of
from .._source.table import fetched
from .._stopping import Stopping
from .._values import BackupInfo, Done
from .._vocabulary import Reason
from .copies import drop_needless, read_copies
from .fast import Fast
from .inventory import known_inventory
from .readiness import with_readiness


def restore(
    settings: Settings, client: Client, tmpdir: str, progress: Progress = QUIET, stopping: Stopping | None = None
) -> Run:
    """Runs a whole restore, report file included.

    Objects that fail are part of the run. Raises a RestoreError when the restore as such cannot go on, which is before
    it has written anything: once it has, whatever happens is told by the run.
    """
    started = datetime.now(timezone.utc)
    stopping = stopping or Stopping()
    stopping.limit(settings.run_timeout)
    check_writable(settings.report_path)
    settings = replace(settings, approved=with_report(settings.approved, settings.approved_report))
    opening = _opened(settings, client.until(stopping), tmpdir, Watch(progress, stopping))
    with opening as (backup, previous), _locked(settings, client, stopping) as (locked, lock):
        settings = settings.named(backup.info.name)
        target, ours = locked.until(stopping), locked.until(stopping, settles=True)
        store, copies, kept, key = _records(settings, ours)
        inventory, keys = store.load(backup.content.keys), _plan_keys(settings, key, backup)
        refuse(backup.info, inventory, target, _limits(settings))
        active = active_namespaces(ours, settings)
        context = context_of(settings, target, backup, previous, inventory).sparing(active.names)
        fast = Fast(settings, ours, keys)
        context = _remembering(replace(context, tell=Watch(progress, stopping).step), inventory, kept, fast)
        inventory, told = known_inventory(inventory, store, context)
        refuse_empty(context)
        progress.phase("comparing", len(context.selection.items))
        plan = with_digest(planned(context, inventory), context, keys)
        refuse_other_plan(settings.approved, plan)
        check_room(settings.report_path, plan.changes, settings.diff)
        stopping.begin_writing()
        copies.read(inventory)
        executor = _executor(context, plan, copies, kept, stopping, progress)
        progress.phase("writing", len(plan.changes))
        key.make()
        inventory = _record_planned(store, inventory, context, plan)
        done = apply(executor, plan.changes, settings.concurrency)
        progress.phase("settling")
        executor.guard(partial(drop_needless, kept, context.hold, done))
        recorded = _record_restored(store, inventory, context, plan, done)
        problems = (*executor.faults, *_stopped(stopping, done), *recorded)
        dropped, faults = shielded(lambda: copies.drop_restored(done), _NOTHING)
        told = (*_warnings(active, store, key), *told, *dropped, *kept.told, *fast.remember(), *context.guard_warnings)
        run = _told(ours, context, run_of(context, plan, done, started, (*problems, *faults), told))
    return run.saying(warnings=(lock.problem,)) if lock and lock.problem else run


_NOTHING: tuple[str, ...] = ()


def _remembering(context: RestoreContext, inventory: Inventory, kept: KeptCopies, fast: Fast) -> RestoreContext:
    """With what earlier runs have left beside the inventory."""
    read_copies(kept, context.hold, inventory)
    return fast.remembering(replace(context, copies=kept.known, recorded=Recorded(inventory)))


def _warnings(*records: Spared | InventoryStore | PlanKeyStore) -> Iterator[str]:
    return chain.from_iterable(record.warnings for record in records)


class Watch:
    """How far a run is that writes nothing yet: it ends where it is when it is to end."""

    def __init__(self, progress: Progress, stopping: Stopping) -> None:
        self._progress = progress
        self._stopping = stopping
        self.phase = progress.phase

    def step(self, resource: str, number: int = 1) -> None:
        self._stopping.check()
        self._progress.step(resource, number)

    def at(self, done: int, total: int) -> None:
        self._stopping.check()
        self._progress.at(done, total)


@contextmanager
def _opened(settings: Settings, client: Client, tmpdir: str, progress: Watch) -> Iterator[tuple[Backup, Backup | None]]:
    """The backup and, when one is given, the earlier one to compare with."""
    with ExitStack() as stack:
        progress.phase("fetching", unit="MB")
        files = stack.enter_context(fetched(settings.source, lambda: client, tmpdir, progress.at))
        progress.phase("reading the backup")
        backup = stack.enter_context(opened(files, tmpdir))
        refuse_unusable(backup.info)
        refuse_other_backup(settings.approved, backup.info.name)
        if not settings.previous_file:
            yield backup, None
            return
        previous = files_of(settings.previous_file, settings.previous_name, "")
        yield backup, stack.enter_context(opened(previous, tmpdir))


@contextmanager
def _locked(settings: Settings, client: Client, stopping: Stopping) -> Iterator[tuple[Client, Lock | None]]:
    """The client, which writes as long as the lock is held; check mode writes nothing and takes no lock."""
    if settings.dry_run:
        yield client, None
        return
    durations = settings.lock_duration, settings.lock_timeout
    keeping = client.until(stopping, settles=True)
    with held(keeping, settings.state_namespace, *durations, this_holder(), stopping.wait) as lock:
        yield client.under(lambda: lock.valid), lock


def _records(settings: Settings, client: Client) -> tuple[InventoryStore, RollbackCopies, KeptCopies, PlanKeyStore]:
    namespace = settings.state_namespace
    seal = seal_for(client, settings.state_keys, namespace)
    store = InventoryStore(client, namespace, seal, settings.state_adopt, settings.state_rebuild)
    copies = RollbackCopies(client, namespace, settings.dry_run, seal, lambda: store.adopted)
    kept = KeptCopies(client, namespace, settings.dry_run, seal)
    return store, copies, kept, PlanKeyStore(client, namespace, settings.dry_run)


def _plan_keys(settings: Settings, key: PlanKeyStore, backup: Backup) -> PlanKeys:
    """The target's own key is neither asked for nor made where the user gives keys."""
    return plan_keys(settings.state_keys, "" if settings.state_keys else key.load(), backup.digest)


def refuse_unusable(info: BackupInfo) -> None:
    """Before the lock is asked for: a backup that must not be restored anywhere concerns no target."""
    problem = phase_problem(info)
    if problem:
        raise UnusableBackupError([problem])


def refuse(info: BackupInfo, inventory: Inventory, client: Client, limits: Limits) -> None:
    """Raises a PreflightError with all that speaks against this backup; it is the API server's clock that counts."""
    now = 0.0 if limits.max_age is None else client.server_time()
    found = preflight(info, inventory, now, limits)
    if found:
        raise PreflightError(found)


def active_namespaces(client: Client, settings: Settings) -> Spared:
    """What serves as production and is left alone; an ActiveError where that is all, or nobody knows how much."""
    active = ActivationStore(client, settings.state_namespace).load()
    found = why_refused(active, settings.hold.allow_active)
    if found:
        raise ActiveError(found, active.at)
    return spared_by(active, settings.hold.allow_active)


def _limits(settings: Settings) -> Limits:
    """Where nothing is written, and all that speaks against a takeover is asked for, an old backup is one reason."""
    return settings.limits._replace(max_age=None) if settings.readiness and settings.dry_run else settings.limits


def _executor(
    context: RestoreContext,
    plan: Plan,
    copies: RollbackCopies,
    kept: KeptCopies,
    stopping: Stopping,
    progress: Progress,
) -> Executor:
    """With the copies of recreations that did not end; needless ones are removed."""
    settings, cluster = context.settings, context.cluster
    copies.drop_untouched(cluster.discovery.served())
    return Executor(
        client=cluster.client,
        discovery=cluster.discovery,
        desired=context.desired,
        comparer=context.comparer,
        decider=context.decider,
        dry_run=settings.dry_run,
        copies=copies,
        kept=kept,
        coming=plan.coming,
        recreation=settings.recreation,
        privileged=settings.privileged,
        only_planned=settings.approved is not None,
        stopping=stopping,
        sleep=stopping.pause,
        tell=progress.step,
        exemptions=context.exemptions,
    )


def _record_planned(store: InventoryStore, inventory: Inventory, context: RestoreContext, plan: Plan) -> Inventory:
    """Writes down what the run may write, before it does; nothing where it writes nothing."""
    entries = planned_entries(context.scope, plan.changes)
    returned = reset_returned(inventory, context.scope, context.items)
    if context.settings.dry_run or (not entries.entries and returned is inventory):
        return inventory
    inventory = record_planned(returned, entries) if entries.entries else returned
    store.save(inventory)
    return inventory


def _told(client: Client, context: RestoreContext, run: Run) -> Run:
    """The run, told wherever it is to be told; that one place fails keeps nobody from the others."""
    for step in (partial(_recorded, client, context), partial(with_readiness, context)):
        told, faults = shielded(partial(step, run), run)
        run = told.saying(faults)
    return report(context, run)


def _stopped(stopping: Stopping, done: Sequence[Done]) -> Iterator[str]:
    """A run that was to end is never a success, whatever its objects count."""
    left = sum(one.result.reason in (Reason.CANCELLED, Reason.RUN_TIMEOUT) for one in done)
    if left:
        yield f"{stopping.said}: {left} of {len(done)} objects were not reached; the next run goes on with them"


def _record_restored(
    store: InventoryStore, inventory: Inventory, context: RestoreContext, plan: Plan, done: Sequence[Done]
) -> tuple[str, ...]:
    """Writes down what the target has now; a failure, after all is written, is an error of the restore as such."""
    if context.settings.dry_run:
        return ()
    gone = gone_keys(done) | (plan.delta.gone if plan.delta else frozenset())

    def save() -> None:
        entries = restored_entries(context.scope, done, inventory, context.held)
        restored = record_restored(inventory, entries, gone | never_made(inventory, entries))
        store.save(count_lacking(restored, context.scope, context.items))

    _nothing, problems = shielded(save, None)
    return tuple(
        f"the inventory was not written at the end: {problem}; the next run finds out itself what this one did"
        for problem in problems
    )


def _recorded(client: Client, context: RestoreContext, run: Run) -> Run:
    """The run, written down for Velero's command line where its types are on the target; a check mode is not."""
    recording, resource = context.settings.recording, context.cluster.discovery.find(RESTORES, VERSION)
    if run.check_mode or not recording.on or resource is None:
        return run
    records = RestoreRecords(client, resource, recording.namespace)
    place = records.save(restore_object(run, context), recording.history)
    return replace(run, record=place).saying(warnings=records.warnings)
